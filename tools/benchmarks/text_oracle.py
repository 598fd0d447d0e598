"""The synthetic oracle: text with a known distribution, on which quality and diversity can be measured exactly.

A fixed LSTM, the oracle, generates the training text. It scores the text of a model: `nll_oracle`, in nats per token, is low
for good text. `nll_test`, the model's negative log-likelihood of new oracle text, is low for diverse models. Curves of both:
`text_curves.py`.

Reference: Yu et al. 2017, "SeqGAN", section 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_gans._typing import PathLike

from .text_curves import Setting

if TYPE_CHECKING:
    from keras_gans.gans import SequenceGAN
    from keras_gans.sequences import LanguageModel

# "mle" is maximum likelihood at its best: with dropout, and until held-out text does not become more probable.
SETTINGS: dict[str, Setting] = {
    "mle": ("seqgan", {"dropout": 0.3, "rollouts": 1}, 0),
    "seqgan": ("seqgan", {"discriminator": "lstm"}, 1_200),
    "relgan": ("relgan", {}, 300),
    "transformer_gan": ("transformer_gan", {}, 600),
    "next_token_gan": ("next_token_gan", {}, 2_400),
}
TRAINING, HELD_OUT, TEST = 9_984, 1_000, 2_000
_GATES = ("i", "f", "c", "og")  # in Keras' order: input, forget, candidate, output


def load_oracle(path: PathLike, length: int) -> LanguageModel:
    """Return the oracle, a `LanguageModel` whose sequences have no end token.

    Args:
        path: An .npz file of the weights: `embeddings` (v, n); for each gate i, f, og (output) and the candidate c `W_` and
            `U_` (n, n) and `b_` (n,); `W_o` (n, v) and `b_o` (v,).
        length: Tokens of a sequence.

    Raises:
        ValueError: If the file holds something else.
    """
    import keras

    from keras_gans.sequences import RecurrentLanguageModel

    try:
        with np.load(path, allow_pickle=False) as stored:
            kernel, recurrent, bias = (
                np.concatenate([stored[f"{kind}_{gate}"] for gate in _GATES], axis=-1) for kind in ("W", "U", "b")
            )
            weights = [stored["embeddings"], kernel, recurrent, bias, stored["W_o"], stored["b_o"]]
        vocabulary_size, units = weights[0].shape
        oracle = RecurrentLanguageModel(keras.layers.LSTMCell(units), vocabulary_size, length, units, ends=False)
        oracle.set_weights(weights)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{path} does not hold the oracle's weights: {error}") from error
    return oracle


class Oracle:
    """The oracle with its training, held-out and test sequences, which are always the same: a `text_curves.Task`.

    Args:
        path: As in `load_oracle`.
        length: Tokens of a sequence.
    """

    quality, coverage = "nll_oracle", "nll_test"
    labels = ("generated text under the oracle (nats per token; low: good)", "oracle text under the model (low: diverse)")

    def __init__(self, path: PathLike, length: int = 20) -> None:
        self.network = load_oracle(path, length)
        self._scorer = _host(self.network)
        self.training, self.held_out, self.test = (
            self._scorer.generate(n, seed) for seed, n in ((1, TRAINING), (2, HELD_OUT), (3, TEST))
        )
        self.about = f"The oracle's own text: {self.nll(self.test):.3f} nats per token (length {length})."

    @property
    def settings(self) -> Mapping[str, Setting]:
        """The models to train, by name."""
        return SETTINGS

    @property
    def arguments(self) -> dict[str, Any]:
        """Arguments of every builder."""
        return {"vocabulary_size": self.network.vocabulary_size, "length": self.network.length, "ends": False}

    def nll(self, tokens: np.ndarray) -> float:
        """Return the mean negative log-likelihood of sequences under the oracle, in nats per token."""
        return self._scorer.mean_nll(tokens)

    def score(self, model: SequenceGAN, network: LanguageModel | None, temperature: float, seed: int) -> tuple[float, float]:
        """Return `nll_oracle` of as many samples as there are training sequences, and `nll_test`."""
        drawn = model.generate_batches(TRAINING, seed, None, 512, temperature=temperature, network=network)
        samples = np.concatenate(list(drawn))
        return self.nll(samples), model.mean_nll(self.test, temperature=temperature, network=network)


def _host(network: LanguageModel) -> SequenceGAN:
    """Return a model that samples from a language model and scores with it."""
    import keras

    from keras_gans import Pretraining, SeqGAN
    from keras_gans.sequences import TokenDiscriminator

    vectors = keras.Input((network.length, 1))
    scores = keras.Model(vectors, keras.layers.Dense(1)(keras.layers.Flatten()(vectors)))
    return SeqGAN(network, TokenDiscriminator(scores, network.vocabulary_size), pretraining=Pretraining(epochs=0))
