"""Scores of generated text by a small language model that is trained for the purpose."""

import numbers

import numpy as np

from keras_gans.errors import check_count
from keras_gans.metrics.text.tokens import FILLING, check_sentences

_BATCH = 64
_ROUNDED = 8  # sentences are filled up to multiples of it, so that few shapes are compiled
_PATIENCE = 2


class LanguageModelScorer:
    """A small LSTM that learns from sentences how probable others are.

    Embedded tokens, one LSTM, a dense layer to the logits of the next token. It learns with Adam from batches of 64, and stops
    when held-out sentences have not become more probable for two epochs; the weights of the best epoch are kept. It has seeds
    and a float32 policy of its own: on one machine's CPU and one backend the same sentences and seed give the same scores, and
    the caller's random state and settings stay as they are.

    Compare scores only of scorers with equal arguments that learnt from equally many sentences.

    Args:
        vocabulary_size: How many tokens there are, from 0 to `vocabulary_size` - 1; an integer of at least 2.
        end: The token that ends a sentence and fills up what is behind it; None where every sentence fills its row.
        embedding_dim: Length of the vector of a token.
        units: Units of the LSTM, which is also the number of features.
        learning_rate: Adam learning rate, above 0.
        max_epochs: After so many, training stops at the latest.
        held_out: The share of the sentences that is not learnt from and says when to stop, above 0 and below 1.
        seed: Seed of the weights, of the choice of held-out sentences and of the order of the others; an integer >= 0.

    Attributes:
        history: The score of the held-out sentences after each epoch of `fit`, in nats a token.

    Raises:
        ValueError: If an argument is out of range.

    Example:

        scorer = LanguageModelScorer(vocabulary_size=5000).fit(training_sentences)
        scorer.score(held_out_sentences), scorer.score(generated_sentences)
        frechet_distance(scorer.features(held_out_sentences), scorer.features(generated_sentences))
    """

    def __init__(
        self,
        vocabulary_size,
        end=0,
        embedding_dim=64,
        units=64,
        learning_rate=5e-3,
        max_epochs=30,
        held_out=0.1,
        seed=0,
    ):
        check_count("vocabulary_size", vocabulary_size, least=2)
        for name, value in (("embedding_dim", embedding_dim), ("units", units), ("max_epochs", max_epochs)):
            check_count(name, value)
        check_count("seed", seed, least=0)
        if end is not None:
            check_count("end", end, least=0)
            if end >= vocabulary_size:
                raise ValueError(f"end must be a token, from 0 to {vocabulary_size - 1}, or None, but it is {end}.")
        if not (isinstance(held_out, numbers.Real) and 0 < held_out < 1):
            raise ValueError(f"held_out must be a share, above 0 and below 1, but it is {held_out!r}.")
        if not (isinstance(learning_rate, numbers.Real) and 0 < learning_rate < np.inf):
            raise ValueError(f"learning_rate must be a number above 0, but it is {learning_rate!r}.")
        self.vocabulary_size, self.end, self.embedding_dim, self.units = vocabulary_size, end, embedding_dim, units
        self.learning_rate, self.max_epochs, self.held_out, self.seed = learning_rate, max_epochs, held_out, seed
        self.history = []
        self._losses = self._means = None  # networks

    def fit(self, sentences) -> "LanguageModelScorer":
        """Learns from sentences, anew each time; returns itself.

        Args:
            sentences: Integer tokens of shape `(n, length)`, n at least 2. The more, the more the scores say.

        Raises:
            ValueError: If sentences are no tokens of the vocabulary of shape `(n, length)`, or fewer than 2.
        """
        tokens, counted = self._checked(sentences, least=2)
        order = np.random.default_rng((self.seed, 0)).permutation(len(tokens))
        count = min(max(round(self.held_out * len(tokens)), 1), len(tokens) - 1)
        held_out, learnt = order[:count], order[count:]
        losses, means = self._networks(tokens[learnt][counted[learnt] > 0])
        tokens_a_sentence = counted[learnt].sum(axis=1).mean(dtype="float32")
        history, best = [], None
        for epoch in range(self.max_epochs):
            rng = np.random.default_rng((self.seed, epoch + 1))
            for _, batch, counts in _batches(tokens[learnt], counted[learnt], rng):
                # Divided by the same for all batches, so that each token weighs the same.
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

    def score(self, sentences) -> float:
        """Returns the mean negative log-likelihood of sentences in nats a token; its exponential is the perplexity.

        A sentence's tokens are its words and the token that ends it, if it has one. All tokens weigh the same, so longer
        sentences weigh more.

        Args:
            sentences: Integer tokens of shape `(n, length)`.

        Raises:
            ValueError: If sentences are no tokens of the vocabulary of shape `(n, length)`, there are none, or `fit` was not
                called.
        """
        self._check_fitted()
        return self._mean_loss(self._losses, *self._checked(sentences))

    def features(self, sentences) -> np.ndarray:
        """Returns the mean of the LSTM's outputs over a sentence's tokens, the ending one included.

        For a Frechet distance between real and generated sentences, as Semeniuta et al. 2018 (On Accurate Evaluation of GANs
        for Language Generation) do with a larger network's features. Its values depend on the scorer.

        Args:
            sentences: Integer tokens of shape `(n, length)`.

        Returns:
            float32 `(n, units)`, in [-1, 1].

        Raises:
            ValueError: As `score`.
        """
        self._check_fitted()
        tokens, counted = self._checked(sentences)
        features = np.empty((len(tokens), self.units), "float32")
        for rows, batch, counts in _batches(tokens, counted):
            whole = np.concatenate([self._start(len(batch)), batch], axis=1)
            features[rows] = np.asarray(self._means.predict_on_batch([whole, counts]))[: len(rows)]
        return features

    def _checked(self, sentences, least=1):
        """Returns tokens, int32 `(n, length)`, and which of them count, float32 of the same shape: 1 or 0."""
        tokens, lengths = check_sentences(sentences, self.end, least=least)
        if tokens.max() >= self.vocabulary_size:
            raise ValueError(
                f"sentences holds the token {tokens.max()}, but vocabulary_size is {self.vocabulary_size}: give sentences of "
                "that vocabulary, or a larger one."
            )
        counted = np.arange(tokens.shape[1]) <= lengths[:, None]
        return np.where(tokens == FILLING, self.end or 0, tokens).astype("int32"), counted.astype("float32")

    def _check_fitted(self):
        if self._losses is None:
            raise ValueError("The language model has learnt nothing yet: call fit(sentences) first.")

    def _start(self, count):
        return np.full((count, 1), self.vocabulary_size, "int32")  # a token of its own

    def _pairs(self, tokens):
        """Returns the token before each token, and the tokens."""
        return [np.concatenate([self._start(len(tokens)), tokens[:, :-1]], axis=1), tokens]

    def _mean_loss(self, losses, tokens, counted):
        total = 0.0
        for _, batch, counts in _batches(tokens, counted):
            total += np.sum(np.asarray(losses.predict_on_batch(self._pairs(batch))) * counts, dtype="float64")
        return float(total / counted.sum(dtype="float64"))

    def _networks(self, words):
        """Returns two networks with the same weights: one gives each token's loss, the other the mean of the LSTM's outputs.

        They begin with the frequencies of the words given, which saves the epochs that learning these takes.
        """
        import keras
        from keras import layers, ops

        # Everything that Keras would take from its global state is given.
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
            # TensorFlow's own loop is faster than XLA's on a CPU; JAX is slow without.
            jit_compile=keras.backend.backend() == "jax",
            auto_scale_loss=False,
        )
        counts = keras.Input((None,), dtype="float32")
        share = counts / ops.maximum(ops.sum(counts, axis=1, keepdims=True), 1.0)
        means = keras.Model([read, counts], ops.sum(outputs[:, 1:] * share[..., None], axis=1))
        means.compile(jit_compile=keras.backend.backend() == "jax")
        return losses, means


def forward_score(real, generated, vocabulary_size=None, end=0, seed=0) -> float:
    """Returns how probable generated sentences are to a language model that learnt from real ones: nats a token.

    Low for good sentences, whatever their variety: a generator that repeats one probable sentence scores below real text. So
    compare with the score of held-out real sentences, and see `reverse_score`. To score several generators, fit one
    `LanguageModelScorer`.

    Args:
        real: Integer tokens of shape `(n, length)`, n at least 2: what the language model learns from.
        generated: Integer tokens of shape `(m, another length)`: what it scores.
        vocabulary_size: How many tokens there are; None for as many as the sentences need. Give it to compare scores.
        end: The token that ends a sentence; None where every sentence fills its row.
        seed: Seed of the language model; an integer of at least 0.

    Raises:
        ValueError: If sentences are no integers of at least 0 of shape `(n, length)` or beyond the vocabulary, there are too
            few, or an argument is out of range.

    Reference: Caccia et al. 2020, "Language GANs Falling Short", section 3 (language model score); Zhao et al. 2018,
    "Adversarially Regularized Autoencoders", section 5 (forward perplexity).
    """
    return _score(("real", real), ("generated", generated), vocabulary_size, end, seed)


def reverse_score(generated, held_out, vocabulary_size=None, end=0, seed=0) -> float:
    """Returns how probable real sentences are to a language model that learnt from generated ones: nats a token.

    Low only if the generated sentences are both good and as various as the real ones. It falls with their number: generate as
    many for every generator (10,000, say), and compare with the score where the model learns from as many real sentences.

    Args:
        generated: Integer tokens of shape `(n, length)`, n at least 2: what the language model learns from.
        held_out: Integer tokens of shape `(m, another length)`: real sentences that the generator did not learn from.
        vocabulary_size: As in `forward_score`.
        end: As in `forward_score`.
        seed: As in `forward_score`.

    Raises:
        ValueError: As `forward_score`.

    Reference: Caccia et al. 2020, section 3 (reverse language model score); Zhao et al. 2018, section 5 (reverse perplexity).
    """
    return _score(("generated", generated), ("held_out", held_out), vocabulary_size, end, seed)


def _score(learnt, scored, vocabulary_size, end, seed):
    largest = max(
        int(check_sentences(sentences, end, name, least)[0].max()) for (name, sentences), least in ((learnt, 2), (scored, 1))
    )
    if vocabulary_size is None:
        vocabulary_size = max(largest, end or 0, 1) + 1
    return LanguageModelScorer(vocabulary_size, end, seed=seed).fit(learnt[1]).score(scored[1])


def _batches(tokens, counted, rng=None):
    """Yields batches of sentences of about the same length; in random order where a generator of random numbers is given.

    Yields:
        `(rows, tokens, counted)`: which sentences they are, and theirs, without the places where none has a token. The arrays
        have 64 rows; where there are fewer sentences, rows of one that count for nothing are added.
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
