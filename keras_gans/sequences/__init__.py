"""Networks for text: language models that generate tokens, discriminators that score them, and how tokens are drawn."""

from keras_gans.sequences.decoding import Decoder, decode
from keras_gans.sequences.discriminator import NextTokenDiscriminator, TokenDiscriminator
from keras_gans.sequences.gumbel import InverseTemperature, relaxed
from keras_gans.sequences.language_model import END, LanguageModel, log_probabilities, mean_over, pack
from keras_gans.sequences.recurrent import RecurrentLanguageModel
from keras_gans.sequences.relational import RelationalMemoryCell
from keras_gans.sequences.transformer import AddPlaces, CausalBlock, TransformerLanguageModel
from keras_gans.sequences.watermark import Watermark

__all__ = [
    "END",
    "AddPlaces",
    "CausalBlock",
    "Decoder",
    "InverseTemperature",
    "LanguageModel",
    "NextTokenDiscriminator",
    "RecurrentLanguageModel",
    "RelationalMemoryCell",
    "TokenDiscriminator",
    "TransformerLanguageModel",
    "Watermark",
    "decode",
    "log_probabilities",
    "mean_over",
    "pack",
    "relaxed",
]
