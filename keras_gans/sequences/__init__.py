from keras_gans.sequences.decoding import Decoder, decode
from keras_gans.sequences.discriminator import TokenDiscriminator
from keras_gans.sequences.gumbel import InverseTemperature, relaxed
from keras_gans.sequences.language_model import END, LanguageModel, log_probabilities, mean_over
from keras_gans.sequences.recurrent import RecurrentLanguageModel
from keras_gans.sequences.transformer import CausalBlock, TransformerLanguageModel

__all__ = [
    "END",
    "CausalBlock",
    "Decoder",
    "InverseTemperature",
    "LanguageModel",
    "RecurrentLanguageModel",
    "TokenDiscriminator",
    "TransformerLanguageModel",
    "decode",
    "log_probabilities",
    "mean_over",
    "relaxed",
]
