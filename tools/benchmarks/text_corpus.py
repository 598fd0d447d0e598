"""Real text: how good sentences are, and how much of the text a model covers, by language models trained on either.

`lm_score` is the negative log-likelihood of a model's sentences under a language model of the training text, low for good ones.
`reverse_lm_score` is that of held-out text under a language model of the sentences, low for models that miss nothing. Both are
those of `keras-gans evaluate`. Curves of both: `text_curves.py`.

Reference: Caccia et al. 2020, "Language GANs Falling Short", section 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .text_curves import Setting

if TYPE_CHECKING:
    from keras_gans.gans import SequenceGAN
    from keras_gans.sequences import LanguageModel

# Maximum likelihood with dropout at its best; and what was tried to get below it.
_BEST = {"units": 64, "embedding_dim": 64, "dropout": 0.3}
SETTINGS: dict[str, Setting] = {
    "mle": ("seqgan", {**_BEST, "rollouts": 1}, 0),
    "seqgan": ("seqgan", {**_BEST, "discriminator": "lstm"}, 600),
    "relgan": ("relgan", {}, 300),
    "transformer_gan": ("transformer_gan", {}, 600),
    "next_token_gan": ("next_token_gan", {**_BEST, "discriminator_units": 64}, 1_200),
    "next_token_gan, no anchor": ("next_token_gan", {**_BEST, "discriminator_units": 64, "anchor_weight": 0.0}, 1_200),
    "next_token_gan, strong anchor": ("next_token_gan", {**_BEST, "discriminator_units": 64, "anchor_weight": 1.0}, 1_200),
    "next_token_gan, small discriminator": ("next_token_gan", {**_BEST, "discriminator_units": 16}, 1_200),
    "next_token_gan, more dropout": (
        "next_token_gan",
        {**_BEST, "discriminator_units": 64, "discriminator_dropout": 0.7, "anchor_weight": 0.5},
        2_400,
    ),
}
_SAMPLES = 6_000


class Corpus:
    """The sentences of a text file, of which a twentieth is held out: a `text_curves.Task`.

    Args:
        source: `text:PATH`.
        length: Tokens of a sentence; longer ones are cut.
        vocabulary_size: Largest number of different words.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the source is not text.
    """

    quality, coverage = "lm_score", "reverse_lm_score"
    labels = (
        "sentences under a language model of the text (nats per word; low: good)",
        "held-out text under a language model of the sentences (low: diverse)",
    )

    def __init__(self, source: str, length: int = 20, vocabulary_size: int = 5_000) -> None:
        from keras_gans.data import load_data
        from keras_gans.data.text import TextOptions, read_sentences
        from keras_gans.evaluation import TextEvaluator

        if not source.startswith("text:"):
            raise ValueError(f"--dataset={source} is not text: give text:PATH.")
        options = TextOptions(length=length, vocabulary_size=vocabulary_size)
        data, held_out = (load_data(source, split=split, text=options) for split in ("train", "held_out"))
        self.training, self.held_out = np.asarray(data.samples), np.asarray(held_out.samples)
        self._tokenizer: Any = data.tokenizer
        path = source.removeprefix("text:")
        train, others = (read_sentences(path, split) for split in ("train", "held_out"))
        self._evaluator = TextEvaluator(train, others, ["lm_score", "reverse_lm_score"], _SAMPLES)
        real, num = self._evaluator.real_row, self._evaluator.num
        self.about = f"Real sentences: {real['lm_score']:.2f}, {real['reverse_lm_score']:.2f}; {num:,} are measured."

    @property
    def settings(self) -> Mapping[str, Setting]:
        """The models to train, by name."""
        return SETTINGS

    @property
    def arguments(self) -> dict[str, Any]:
        """Arguments of every builder."""
        return {"vocabulary_size": self._tokenizer.size, "length": self.training.shape[1]}

    def score(self, model: SequenceGAN, network: LanguageModel | None, temperature: float, seed: int) -> tuple[float, float]:
        """Return `lm_score` and `reverse_lm_score` of sentences."""
        drawn = model.generate_batches(self._evaluator.num, seed, None, 512, temperature=temperature, network=network)
        found = self._evaluator.measure(self._tokenizer.decode(np.concatenate(list(drawn))))
        good, covered = found["lm_score"], found["reverse_lm_score"]
        assert good is not None and covered is not None
        return good, covered
