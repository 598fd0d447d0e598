"""The evaluator of text."""

from __future__ import annotations

import collections
import functools
import hashlib
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from keras_gans.conditions import CONTEXT, LABELS
from keras_gans.data.text import Sentences
from keras_gans.evaluation.base import EVALUATORS, BaseEvaluator
from keras_gans.evaluation.language_model import LanguageModelScorer
from keras_gans.evaluation.text.measures import (
    CANDIDATES,
    LACKING,
    LANGUAGE_MODEL,
    LANGUAGE_MODEL_VOCABULARY,
    MEASURES,
    MOST_RANKED,
    TEXT_METRICS,
    Measured,
    language_model_sentences,
    settings,
)
from keras_gans.evaluation.text.protocol import TextProtocol
from keras_gans.evaluation.text.splitting import LONGEST, Numbering, Vocabulary, split

if TYPE_CHECKING:
    from keras_gans.text.tokenizer import Tokenizer

_LEAST = 10
_SAMPLES = 20
_COMMON_WORDS = 100


class TextModel(Protocol):
    """What is measured of a text model, such as a `SequenceGAN` with a tokenizer."""

    conditional: bool
    tokenizer: Any
    generator: Any

    conditions: Mapping[str, Any]

    def write(self, n: int, seed: int, *, conditions: Mapping[str, np.ndarray], temperature: float) -> list[str]:
        """Return sentences."""

    def mean_nll(self, tokens: np.ndarray, *, temperature: float, conditions: Mapping[str, Any]) -> float:
        """Return the mean negative log-likelihood of sentences, in nats per token."""

    def token_log_probabilities(
        self, tokens: np.ndarray, *, temperature: float, conditions: Mapping[str, Any]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the logarithms of the probabilities of tokens, and which of them count."""


@EVALUATORS.register("text")
class TextEvaluator(BaseEvaluator):
    """Measures sentences against the training text of models and held-out text.

    Words or characters are measured (see `keras_gans.evaluation.text.splitting`), not the tokens of a model, so models of
    words, characters and subwords can be compared. Whatever the metrics need from the real text is computed once.

    Args:
        training: The sentences that models are trained on: `keras_gans.data.text.Sentences`, or a list of strings.
        held_out: Real sentences that they are not trained on.
        metrics: Names of metrics or of groups, or `"all"`: see `keras_gans.evaluation.TEXT_METRICS`.
        num: Maximum number of sentences to measure; the real row is measured on as many training sentences.
        measured_by: `"words"`, or `"characters"` for languages without spaces.
        seed: Seed of the choice and the order of training sentences.
        progress: A function that is called with a line of text before each part of the work, such as `print` or a
            `keras_gans.evaluation.ProgressLine`; None for silence.

    Attributes:
        protocol: The `TextProtocol` of its results.

    Raises:
        ValueError: If a metric or unit is unknown, there are too few sentences, or held-out text is the training text.

    Example:

        train, test = (keras_gans.data.text.read_sentences(path) for path in ("train.txt", "test.txt"))
        evaluator = TextEvaluator(train, test, ["bleu", "self_bleu"])
        evaluator.measure(lines)                            # {"bleu_2": ..., "self_bleu_5": ...}
        evaluator.evaluate(model, seeds=range(3), temperature=0.8)  # with spread, protocol, samples and the real row
    """

    all_metrics = TEXT_METRICS
    measures = MEASURES
    protocol_type = TextProtocol
    lacking = LACKING
    family = "sentences"
    real_name = "real text"
    least = _LEAST

    def __init__(
        self,
        training: Sentences | Iterable[str],
        held_out: Sentences | Iterable[str],
        metrics: str | Sequence[str] = "all",
        num: int = 10_000,
        *,
        measured_by: str = "words",
        seed: int = 0,
        progress: Callable[[str], object] | None = None,
    ) -> None:
        super().__init__(num, seed, progress)
        self.training, self.held_out = _sentences(training, "training"), _sentences(held_out, "held_out")
        has = {"labels": self.training.labels is not None, "contexts": self.training.contexts is not None}
        self._choose(metrics, {**has, "training": self.training.name})
        for text, least in ((self.training, _LEAST), (self.held_out, 1)):
            if (count := len(text.lines)) < least:
                raise ValueError(f"{text.name} ({text.split}) holds {count} sentence(s); at least {least} are needed.")
        if self.training.lines == self.held_out.lines:
            raise ValueError(
                f"{self.training.name} and {self.held_out.name} hold the same sentences: give held-out sentences that models "
                "are not trained on."
            )
        self.measured_by = measured_by
        self.num = min(self.num, len(self.training.lines))
        # A file may be ordered.
        self._chosen = np.random.default_rng(self.seed).permutation(len(self.training.lines))[: self.num]
        self._numbering = Numbering()
        self.training_words = split(self.training.lines, measured_by)
        self._held_out_words = split(self.held_out.lines, measured_by)
        self.training_ids = self._numbering.number(self.training_words)
        self.held_out_ids = self._numbering.number(self._held_out_words)
        self._real_words = [self.training_words[index] for index in self._chosen]
        self._learnt = language_model_sentences(self.num)

    @functools.cached_property
    def protocol(self) -> TextProtocol:
        return TextProtocol(
            dataset=self.training.name,
            split=self.training.split,
            held_out_dataset=self.held_out.name,
            held_out_split=self.held_out.split,
            data_sha256=_digest(self.training.lines),
            held_out_sha256=_digest(self.held_out.lines),
            training=len(self.training.lines),
            real=self.num,
            fake=self.num,
            held_out=len(self.held_out.lines),
            measured_by=self.measured_by,
            longest=LONGEST,
            settings=settings(self.chosen, self.num, self.vocabulary.size),
        )

    # What the measures need from the real text.

    def number(self, words: Iterable[Sequence[str]]) -> np.ndarray:
        """Return sentences, lists of words, with the numbers of the real text's words: int64 `(n, length)`."""
        return self._numbering.copy().number(words)

    @functools.cached_property
    def vocabulary(self) -> Vocabulary:
        """The vocabulary of the language models: the most frequent words of the training text."""
        return Vocabulary(self.training_words, LANGUAGE_MODEL_VOCABULARY)

    @functools.cached_property
    def scorer(self) -> LanguageModelScorer:
        """The language model trained on the first half of the measured training sentences."""
        return self.learn(self._real_words[: self._learnt])

    def learn(self, words: Sequence[Sequence[str]]) -> LanguageModelScorer:
        """Return a language model trained on sentences, which are lists of words."""
        self._tell("training a language model")
        return LanguageModelScorer(self.vocabulary.size, **LANGUAGE_MODEL).fit(self.vocabulary.number(words))

    @functools.cached_property
    def real_features(self) -> np.ndarray:
        """The features of the sentences that `scorer` is trained on."""
        return self.scorer.features(self.vocabulary.number(self._real_words[: self._learnt]))

    @property
    def labelled(self) -> tuple[np.ndarray, np.ndarray]:
        """The measured training sentences as numbers, and their classes."""
        if self.training.labels is None:
            raise ValueError(f"{self.training.name} was read without labels.")
        return self.training_ids[self._chosen], self.training.labels[self._chosen]

    @functools.cached_property
    def commonest_words(self) -> set[str]:
        """The hundred most frequent words of the training text."""
        counts = collections.Counter(itertools.chain.from_iterable(self.training_words))
        return {word for word, _ in counts.most_common(_COMMON_WORDS)}

    @functools.cached_property
    def real_passages(self) -> list[set[str]]:
        """The different words of each measured training sentence and its context."""
        contexts = self._words_of(self.real_condition(CONTEXT)) or []
        return [context.union(words) for context, words in zip(contexts, self._real_words, strict=True)]

    @functools.cached_property
    def held_out_for_scorer(self) -> np.ndarray:
        """At most `num` held-out sentences as ids of the language models."""
        order = np.random.default_rng(self.seed).permutation(len(self._held_out_words))[: self.num]
        return self.vocabulary.number([self._held_out_words[index] for index in np.sort(order)])

    # Measuring.

    def measure(
        self,
        generated: Iterable[str],
        labels: np.ndarray | None = None,
        contexts: Sequence[Sequence[str]] | None = None,
    ) -> dict[str, float | None]:
        """Return the metrics of sentences, without those of models.

        Args:
            generated: `num` strings in random order: some metrics use the first of them only.
            labels: The class that each was asked for, integers `(num,)`. None if there are no classes; `class_agreement` is
                then None.
            contexts: The turns that each sentence answers or continues. None if there are none; `context_overlap` and
                `coherence` are then None.

        Raises:
            ValueError: If there are not `num` sentences, or they are not strings.
        """
        lines = _checked(generated)
        if len(lines) != self.num:
            raise ValueError(f"This protocol measures {self.num} sentences; received {len(lines)}.")
        words = split(lines, self.measured_by)
        return self._compute(Measured(self, self.number(words), words, False, labels, self._words_of(contexts)))

    def _words_of(self, contexts: Iterable[Sequence[str]] | None) -> list[set[str]] | None:
        """Return the different words of each context."""
        if contexts is None:
            return None
        return [set(itertools.chain.from_iterable(split(turns, self.measured_by))) for turns in contexts]

    @functools.cached_property
    def real_row(self) -> dict[str, float | None]:
        """Metrics of training sentences, which a perfect generator would reach; None where one has no meaning."""
        contexts = self._words_of(self.real_condition(CONTEXT))
        measured = Measured(
            self, self.training_ids[self._chosen], self._real_words, True, self.real_condition(LABELS), contexts
        )
        return dict.fromkeys(self.metrics) | self._compute(measured)

    def write(self, model: TextModel, seed: int = 0, temperature: float = 1.0) -> list[str]:
        """Return `num` sentences of a text model to measure.

        The conditions of a conditional model are those of the measured training sentences: each class is as frequent.
        """
        return model.write(self.num, seed, conditions=self.conditions_for(model), temperature=temperature)

    def conditions_for(self, model: Any, n: int | None = None) -> dict[str, Any]:
        if CONTEXT in model.conditions and self.training.contexts is None:
            raise ValueError(f"This model answers or continues other text, and {self.training.name} was read without contexts.")
        return super().conditions_for(model, n)

    def real_condition(self, name: str) -> np.ndarray | None:
        known = _known(self.training, name)
        return None if known is None else known[self._chosen]

    def nll(self, model: TextModel, temperature: float = 1.0) -> float:
        """Return the mean negative log-likelihood of all held-out text under a text model, in nats per token of the model.

        Sentences longer than those of the model are cut. Compare only models with the same tokenizer.

        Raises:
            ValueError: If the model is conditional and held-out sentences have no labels, or others.
        """
        tokens = self._encode_held_out(model, "nll")
        return model.mean_nll(tokens, temperature=temperature, conditions=self._held_out_conditions(model, "nll"))

    def hits_at_1(self, model: TextModel, temperature: float = 1.0) -> float:
        """Return how often the model finds the sentence that follows a held-out context more probable than 19 others.

        The others are drawn from the held-out sentences. Probabilities are means of logarithms over tokens, so that short
        sentences have no advantage. By chance, it is .05.

        Raises:
            ValueError: As `nll`.
        """
        tokens, told = self._encode_held_out(model, "hits_at_1"), self._held_out_conditions(model, "hits_at_1")
        rng, n = np.random.default_rng(self.seed), min(len(tokens), MOST_RANKED)
        chosen = rng.permutation(len(tokens))[:n]
        # The right one first. The same sentence elsewhere does not count as another.
        _, same = np.unique(tokens, axis=0, return_inverse=True)
        others = [rng.permutation(np.flatnonzero(same != same[index]))[: CANDIDATES - 1] for index in chosen]
        candidates = np.concatenate([np.append(index, rest) for index, rest in zip(chosen, others, strict=True)])
        sizes = np.array([1 + len(rest) for rest in others])
        repeated = {name: values[np.repeat(chosen, sizes)] for name, values in told.items()}
        log_p, counted = model.token_log_probabilities(tokens[candidates], temperature=temperature, conditions=repeated)
        means = (log_p * counted).sum(axis=1) / counted.sum(axis=1)
        first = np.cumsum(sizes) - sizes
        return float(
            np.mean([means[start] >= means[start : start + size].max() for start, size in zip(first, sizes, strict=True)])
        )

    def _encode_held_out(self, model: TextModel, metric: str) -> np.ndarray:
        if model.tokenizer is None:
            raise ValueError(f"This model has no tokenizer: leave {metric} out.")
        if self.held_out.encoded is not None and self.held_out.encoded[0] == model.tokenizer:
            return self.held_out.encoded[1]
        return model.tokenizer.encode(self.held_out.lines, model.generator.length)[0]

    def _held_out_conditions(self, model: TextModel, metric: str) -> dict[str, np.ndarray]:
        found = {}
        for name in model.conditions:
            values = _known(self.held_out, name)
            if values is None or (name == LABELS and self.held_out.class_names != self.training.class_names):
                what = "classes" if name == LABELS else f"{name}s"
                raise ValueError(
                    f"The {what} of {self.training.name} and {self.held_out.name} are not the same: leave {metric} out."
                )
            found[name] = values
        return found

    def evaluate(
        self,
        model_or_samples: Any,
        seeds: Iterable[int] = (0,),
        name: str = "model",
        temperature: float = 1.0,
        **sampling: Any,
    ) -> dict[str, Any]:
        """Return the metrics of a model over several seeds, or of sentences, with spread, protocol and the real row.

        Args:
            model_or_samples: A text model with a tokenizer, or sentences as `measure` takes them.
            seeds: Seeds of the sentences of a model.
            name: What the result calls it.
            temperature: Sampling temperature of a model; a number above 0.
            **sampling: None are known.

        Returns:
            A dict that JSON can hold: `name`, `protocol`, `seeds`, `metrics` (`{name: {"mean", "std", "values"}}`), `real`, the
            metrics of training sentences, and `samples`, some unedited sentences. For a model also its `temperature` and its
            `tokenizer`.

        Raises:
            ValueError: As `measure`, `write` and `nll`.
        """
        return super().evaluate(model_or_samples, seeds, name, temperature=temperature, **sampling)

    def _draw(self, model: Any, seed: int, **sampling: Any) -> tuple[Any, ...]:
        self._tell(f"generating {self.num:,} sentences")
        told = self.conditions_for(model)
        labels = told.get(LABELS) if self.training.labels is not None else None
        return self.write(model, seed, **sampling), labels, told.get(CONTEXT)

    def _measure_model_itself(self, model: Any, **sampling: Any) -> dict[str, float | None]:
        numbers: dict[str, float | None] = {}
        for name in ("hits_at_1", "nll"):
            if name in self.metrics:
                self._tell(name)
                numbers[name] = getattr(self, name)(model, **sampling)
        return numbers

    def _describe_sampling(self, model: Any, **sampling: Any) -> dict[str, Any]:
        return {**sampling, "tokenizer": _about(model.tokenizer)}

    def _keep_samples(self, samples: Any, *others: Any) -> dict[str, Any]:
        return {"samples": list(samples[:_SAMPLES])}

    @classmethod
    def describe(cls, protocol: Mapping[str, Any]) -> str:
        return (
            f"{protocol['fake']:,} sentences by {protocol['measured_by']}; training text: {protocol['training']:,} of "
            f"{protocol['dataset']} ({protocol['split']}), of which {protocol['real']:,} make the real row; held out: "
            f"{protocol['held_out']:,} of {protocol['held_out_dataset']} ({protocol['held_out_split']})"
        )

    @classmethod
    def notes(cls, results: list[dict[str, Any]]) -> list[str]:
        tokenizers = {result["tokenizer"]["sha256"] for result in results if "tokenizer" in result}
        if len(tokenizers) > 1 and any("nll" in result["metrics"] for result in results):
            return ["nll is measured on the tokens of each model, which differ here: do not compare it."]
        return []


def _known(sentences: Sentences, name: str) -> np.ndarray | None:
    """Return a condition of sentences: labels, or contexts as an array of lists; None if they have none."""
    if name == LABELS or sentences.contexts is None:
        return sentences.labels if name == LABELS else None
    contexts = np.empty(len(sentences.contexts), object)
    contexts[:] = sentences.contexts
    return contexts


def _sentences(given: Sentences | Iterable[str], name: str) -> Sentences:
    return given if isinstance(given, Sentences) else Sentences(name, "all", _checked(given))


def _checked(lines: Iterable[str]) -> list[str]:
    if isinstance(lines, str):
        raise ValueError("Sentences must be a list of strings; received one string.")
    lines = list(lines)
    for line in lines:
        if not isinstance(line, str):
            raise ValueError(f"Sentences must be strings; received {line!r}.")
    return lines


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode("utf-8")).hexdigest()


def _about(tokenizer: Tokenizer) -> dict[str, Any]:
    return {**tokenizer.get_config(), "sha256": hashlib.sha256(tokenizer.model).hexdigest()}
