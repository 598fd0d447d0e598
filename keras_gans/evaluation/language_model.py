"""Scores of text by a small language model that is trained for the purpose."""

from __future__ import annotations

import numbers
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from keras_gans.errors import check_count
from keras_gans.metrics.text.tokens import FILLING, check_sentences

if TYPE_CHECKING:
    import keras

_BATCH = 64
_ROUNDED = 8  # lengths are rounded up to multiples of this, so that few shapes are compiled
_PATIENCE = 2


class LanguageModelScorer:
    """A small LSTM language model that scores sentences after training on others.

    An embedding, one LSTM, and a dense layer to the logits of the next token. It is trained with Adam on batches of 64 until
    held-out sentences have not become more probable for two epochs, and keeps the weights of the best epoch. It has its own
    seeds and float32 policy: on one machine's CPU and one backend the same sentences and seed give the same scores, and the
    caller's random state and settings do not change.

    Compare scores only between scorers with equal arguments that were trained on equally many sentences.

    Args:
        vocabulary_size: Number of tokens, which run from 0 to `vocabulary_size` - 1; an integer of at least 2.
        end: The token that ends a sentence and fills the row behind it; None if every sentence fills its row.
        embedding_dim: Length of the embedding of a token.
        units: Units of the LSTM, which is also the number of features.
        learning_rate: Adam learning rate, above 0.
        max_epochs: Maximum number of epochs.
        held_out: Share of the sentences that training leaves out and early stopping watches, above 0 and below 1.
        seed: Seed of the weights, the choice of held-out sentences and the order of the others; an integer of at least 0.

    Attributes:
        history: The score of the held-out sentences after each epoch of `fit`, in nats per token.

    Raises:
        ValueError: If an argument is out of range.

    Example:

        scorer = LanguageModelScorer(vocabulary_size=5000).fit(training_sentences)
        scorer.score(held_out_sentences), scorer.score(generated_sentences)
        frechet_distance(scorer.features(held_out_sentences), scorer.features(generated_sentences))
    """

    def __init__(
        self,
        vocabulary_size: int,
        end: int | None = 0,
        embedding_dim: int = 64,
        units: int = 64,
        learning_rate: float = 5e-3,
        max_epochs: int = 30,
        held_out: float = 0.1,
        seed: int = 0,
    ) -> None:
        self.vocabulary_size = check_count("vocabulary_size", vocabulary_size, least=2)
        self.embedding_dim, self.units = check_count("embedding_dim", embedding_dim), check_count("units", units)
        self.max_epochs, self.seed = check_count("max_epochs", max_epochs), check_count("seed", seed, least=0)
        self.end = None if end is None else check_count("end", end, least=0)
        if self.end is not None and self.end >= self.vocabulary_size:
            raise ValueError(f"end must be a token, from 0 to {vocabulary_size - 1}, or None; received {end}.")
        self.held_out, self.learning_rate = _positive("held_out", held_out, 1), _positive("learning_rate", learning_rate)
        self.history: list[float] = []
        self._losses: keras.Model | None = None
        self._means: keras.Model | None = None

    def fit(self, sentences: ArrayLike) -> LanguageModelScorer:
        """Train on sentences, from new weights each time, and return itself.

        Args:
            sentences: Integer tokens of shape `(n, length)`, n at least 2.

        Raises:
            ValueError: If sentences are not tokens of the vocabulary of shape `(n, length)`, or fewer than 2.
        """
        tokens, counted = self._checked(sentences, least=2)
        order = np.random.default_rng((self.seed, 0)).permutation(len(tokens))
        count = min(max(round(self.held_out * len(tokens)), 1), len(tokens) - 1)
        held_out, learnt = order[:count], order[count:]
        losses, means = self._networks(tokens[learnt][counted[learnt] > 0])
        tokens_a_sentence = counted[learnt].sum(axis=1).mean(dtype="float32")
        history: list[float] = []
        best: list[np.ndarray] = []
        for epoch in range(self.max_epochs):
            rng = np.random.default_rng((self.seed, epoch + 1))
            for _, batch, counts in _batches(tokens[learnt], counted[learnt], rng):
                # The same divisor for all batches, so that each token weighs the same.
                losses.train_on_batch(self._pairs(batch), counts / tokens_a_sentence)
            history.append(self._mean_loss(losses, tokens[held_out], counted[held_out]))
            if not np.isfinite(history[-1]):
                raise ValueError(f"Training diverged with a learning_rate of {self.learning_rate!r}: give a smaller one.")
            since_best = epoch - int(np.argmin(history))
            if since_best == 0:
                best = losses.get_weights()
            elif since_best == _PATIENCE:
                break
        losses.set_weights(best)
        self.history, self._losses, self._means = history, losses, means
        return self

    def score(self, sentences: ArrayLike) -> float:
        """Return the mean negative log-likelihood of sentences in nats per token; its exponential is the perplexity.

        The tokens of a sentence are its words and the token that ends it, if it has one. All tokens weigh the same, so longer
        sentences weigh more.

        Args:
            sentences: Integer tokens of shape `(n, length)`.

        Raises:
            ValueError: If sentences are missing or not tokens of the vocabulary, or `fit` was not called.
        """
        return self._mean_loss(_fitted(self._losses), *self._checked(sentences))

    def features(self, sentences: ArrayLike) -> np.ndarray:
        """Return the mean of the LSTM's outputs over the tokens of each sentence, including the one that ends it.

        They serve for a Frechet distance between real and generated sentences, as in Semeniuta et al. 2018 (On Accurate
        Evaluation of GANs for Language Generation) with a larger network. Their values depend on the scorer.

        Args:
            sentences: Integer tokens of shape `(n, length)`.

        Returns:
            float32 `(n, units)`, in [-1, 1].

        Raises:
            ValueError: As `score`.
        """
        means = _fitted(self._means)
        tokens, counted = self._checked(sentences)
        features = np.empty((len(tokens), self.units), "float32")
        for rows, batch, counts in _batches(tokens, counted):
            whole = np.concatenate([self._start(len(batch)), batch], axis=1)
            features[rows] = np.asarray(means.predict_on_batch([whole, counts]))[: len(rows)]
        return features

    def _checked(self, sentences: ArrayLike, least: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """Return tokens, int32 `(n, length)`, and which of them count, 1 or 0 as float32 of the same shape."""
        tokens, lengths = check_sentences(sentences, self.end, least=least)
        if tokens.max() >= self.vocabulary_size:
            raise ValueError(
                f"sentences holds the token {tokens.max()}, but vocabulary_size is {self.vocabulary_size}: give sentences of "
                "that vocabulary, or a larger vocabulary_size."
            )
        counted = np.arange(tokens.shape[1]) <= lengths[:, None]
        return np.where(tokens == FILLING, self.end or 0, tokens).astype("int32"), counted.astype("float32")

    def _start(self, count: int) -> np.ndarray:
        return np.full((count, 1), self.vocabulary_size, "int32")  # a token of its own

    def _pairs(self, tokens: np.ndarray) -> list[np.ndarray]:
        """Return the token before each token, and the tokens."""
        return [np.concatenate([self._start(len(tokens)), tokens[:, :-1]], axis=1), tokens]

    def _mean_loss(self, losses: keras.Model, tokens: np.ndarray, counted: np.ndarray) -> float:
        total = 0.0
        for _, batch, counts in _batches(tokens, counted):
            total += np.sum(np.asarray(losses.predict_on_batch(self._pairs(batch))) * counts, dtype="float64")
        return float(total / counted.sum(dtype="float64"))

    def _networks(self, words: np.ndarray) -> tuple[keras.Model, keras.Model]:
        """Return two networks that share weights: one returns the loss of each token, the other the mean LSTM output.

        The initial bias of the logits is the frequency of the words, which training need not learn then.
        """
        import keras
        from keras import layers, ops

        # All that Keras would take from its global state is given.
        seeds = iter(np.random.default_rng(self.seed).integers(2**31, size=5).tolist())
        initializers = keras.initializers
        embed = layers.Embedding(
            self.vocabulary_size + 1,
            self.embedding_dim,
            embeddings_initializer=initializers.RandomUniform(-0.05, 0.05, seed=next(seeds)),
            dtype="float32",
        )
        lstm = layers.LSTM(
            self.units,
            return_sequences=True,
            kernel_initializer=initializers.GlorotUniform(seed=next(seeds)),
            recurrent_initializer=initializers.Orthogonal(seed=next(seeds)),
            seed=next(seeds),
            dtype="float32",
        )
        logits = layers.Dense(
            self.vocabulary_size, kernel_initializer=initializers.GlorotUniform(seed=next(seeds)), dtype="float32"
        )
        frequencies = np.log(np.bincount(words, minlength=self.vocabulary_size) + 0.1).astype("float32")
        read, tokens = keras.Input((None,), dtype="int32"), keras.Input((None,), dtype="int32")
        outputs = lstm(embed(read))
        losses = keras.Model([read, tokens], ops.sparse_categorical_crossentropy(tokens, logits(outputs), from_logits=True))
        logits.bias.assign(frequencies - frequencies.mean())
        losses.compile(
            optimizer=keras.optimizers.Adam(self.learning_rate, clipnorm=5.0),
            loss=lambda counts, found: ops.sum(counts * found, axis=-1),
            # TensorFlow's own loop is faster than XLA's on a CPU; JAX is slow without XLA.
            jit_compile=keras.backend.backend() == "jax",
            auto_scale_loss=False,
        )
        counts = keras.Input((None,), dtype="float32")
        share = counts / ops.maximum(ops.sum(counts, axis=1, keepdims=True), 1.0)
        means = keras.Model([read, counts], ops.sum(outputs[:, 1:] * share[..., None], axis=1))
        means.compile(jit_compile=keras.backend.backend() == "jax")
        return losses, means


def forward_score(
    real: ArrayLike, generated: ArrayLike, vocabulary_size: int | None = None, end: int | None = 0, seed: int = 0
) -> float:
    """Return the score of generated sentences by a language model trained on real ones, in nats per token.

    It is low for good sentences, however diverse: a generator that repeats one probable sentence scores below real text. So
    compare with the score of held-out real sentences, and see `reverse_score`. To score several generators, fit one
    `LanguageModelScorer`.

    Args:
        real: Sentences that the language model is trained on, integer tokens of shape `(n, length)`, n at least 2.
        generated: Sentences that it scores, integer tokens of shape `(m, another length)`.
        vocabulary_size: Number of tokens; None for as many as the sentences need. Give it to compare scores.
        end: The token that ends a sentence; None if every sentence fills its row.
        seed: Seed of the language model; an integer of at least 0.

    Raises:
        ValueError: If sentences are not integers of at least 0 of shape `(n, length)`, are beyond the vocabulary or too few,
            or an argument is out of range.

    Reference: Caccia et al. 2020, "Language GANs Falling Short", section 3 (language model score); Zhao et al. 2018,
    "Adversarially Regularized Autoencoders", section 5 (forward perplexity).
    """
    return _score(("real", real), ("generated", generated), vocabulary_size, end, seed)


def reverse_score(
    generated: ArrayLike, held_out: ArrayLike, vocabulary_size: int | None = None, end: int | None = 0, seed: int = 0
) -> float:
    """Return the score of real sentences by a language model trained on generated ones, in nats per token.

    It is low only if the generated sentences are both good and as diverse as the real ones. It falls as their number grows:
    generate equally many with every generator (10,000, say), and compare with the score after training on as many real ones.

    Args:
        generated: Sentences that the language model is trained on, integer tokens of shape `(n, length)`, n at least 2.
        held_out: Real sentences that the generator was not trained on, integer tokens of shape `(m, another length)`.
        vocabulary_size: As in `forward_score`.
        end: As in `forward_score`.
        seed: As in `forward_score`.

    Raises:
        ValueError: As `forward_score`.

    Reference: Caccia et al. 2020, section 3 (reverse language model score); Zhao et al. 2018, section 5 (reverse perplexity).
    """
    return _score(("generated", generated), ("held_out", held_out), vocabulary_size, end, seed)


def _fitted(network: keras.Model | None) -> keras.Model:
    if network is None:
        raise ValueError("The language model is not trained yet: call fit(sentences) first.")
    return network


def _positive(name: str, value: Any, limit: float = np.inf) -> float:
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or not 0 < float(value) < limit:
        range_ = "" if limit == np.inf else f" and below {limit}"
        raise ValueError(f"{name} must be a number above 0{range_}; received {value!r}.")
    return float(value)


def _score(
    learnt: tuple[str, ArrayLike], scored: tuple[str, ArrayLike], vocabulary_size: int | None, end: int | None, seed: int
) -> float:
    largest = max(
        int(check_sentences(sentences, end, name, least)[0].max()) for (name, sentences), least in ((learnt, 2), (scored, 1))
    )
    if vocabulary_size is None:
        vocabulary_size = max(largest, end or 0, 1) + 1
    return LanguageModelScorer(vocabulary_size, end, seed=seed).fit(learnt[1]).score(scored[1])


def _batches(
    tokens: np.ndarray, counted: np.ndarray, rng: np.random.Generator | None = None
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield batches of sentences of similar length, in random order if a generator of random numbers is given.

    Yields:
        `(rows, tokens, counted)`: the positions of the sentences, and their rows without the columns where none has a token.
        The arrays have 64 rows; if there are fewer sentences, some are repeated with a count of 0.
    """
    needed = counted.sum(axis=1).astype(int)
    widths = np.minimum(-(-needed // _ROUNDED) * _ROUNDED, tokens.shape[1])
    order = np.arange(len(tokens)) if rng is None else rng.permutation(len(tokens))
    order = order[np.argsort(widths[order], kind="stable")]
    groups = np.split(order, np.flatnonzero(np.diff(widths[order])) + 1)
    batches = [group[start : start + _BATCH] for group in groups for start in range(0, len(group), _BATCH)]
    for index in range(len(batches)) if rng is None else rng.permutation(len(batches)):
        rows = batches[index]
        filled = np.resize(rows, _BATCH)
        batch, counts = tokens[filled, : widths[rows[0]]], counted[filled, : widths[rows[0]]]
        counts[len(rows) :] = 0
        yield rows, batch, counts
