"""Measures generated sentences against real ones, under one protocol."""

import functools
import hashlib

import numpy as np

from keras_gans.conditions import LABELS
from keras_gans.data.text import Sentences
from keras_gans.evaluation.base import EVALUATORS, BaseEvaluator
from keras_gans.evaluation.language_model import LanguageModelScorer
from keras_gans.evaluation.text.measures import (
    LANGUAGE_MODEL,
    LANGUAGE_MODEL_VOCABULARY,
    MEASURES,
    TEXT_METRICS,
    Measured,
    language_model_sentences,
    settings,
)
from keras_gans.evaluation.text.protocol import TextProtocol
from keras_gans.evaluation.text.splitting import LONGEST, Numbering, Vocabulary, split

_LEAST = 10
_SAMPLES = 20


@EVALUATORS.register("text")
class TextEvaluator(BaseEvaluator):
    """Measures sentences against the text that a model learnt from and text that it did not.

    Text itself is measured, by words or characters of one rule (`keras_gans.evaluation.text.splitting`), not a model's tokens:
    so models of words, of characters and of subwords can be compared. What the metrics need of the real text is computed once.

    Args:
        training: Real sentences, those that models learn from: `keras_gans.data.text.Sentences`, or a list of strings.
        held_out: Other real sentences, which they did not learn from.
        metrics: Names of metrics or of groups, or "all": see `keras_gans.evaluation.TEXT_METRICS`.
        num: How many sentences are measured at most; as many training sentences make the real row.
        measured_by: `"words"`, or `"characters"` for languages without spaces.
        seed: Seed of the choice of training sentences, and of their order.

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
    family = "sentences"
    real_name = "real text"
    has_report = False
    least = _LEAST

    def __init__(self, training, held_out, metrics="all", num=10_000, *, measured_by="words", seed=0):
        super().__init__(num, seed)
        self._choose(metrics, {})
        self.training, self.held_out = _sentences(training, "training"), _sentences(held_out, "held_out")
        for text, least in ((self.training, _LEAST), (self.held_out, 1)):
            if (count := len(text.lines)) < least:
                raise ValueError(f"{text.name} ({text.split}) holds {count} sentence(s); {least} are needed at least.")
        if self.training.lines == self.held_out.lines:
            raise ValueError(
                f"{self.training.name} and {self.held_out.name} hold the same sentences: held-out ones are those that models "
                "have not learnt from."
            )
        self.measured_by = measured_by
        self.num = min(num, len(self.training.lines))
        # A file need not be in random order.
        self._chosen = np.random.default_rng(seed).permutation(len(self.training.lines))[: self.num]
        self._numbering = Numbering()
        self._training_words = split(self.training.lines, measured_by)
        self._held_out_words = split(self.held_out.lines, measured_by)
        self.training_ids = self._numbering.number(self._training_words)
        self.held_out_ids = self._numbering.number(self._held_out_words)
        self._real_words = [self._training_words[index] for index in self._chosen]
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

    # What the measures need of the real text.

    @functools.cached_property
    def vocabulary(self) -> Vocabulary:
        """The words that language models tell apart: the most frequent ones of the training text."""
        return Vocabulary(self._training_words, LANGUAGE_MODEL_VOCABULARY)

    @functools.cached_property
    def scorer(self) -> LanguageModelScorer:
        """The language model that learnt from the first of the training sentences measured."""
        return self.learn(self._real_words[: self._learnt])

    def learn(self, words) -> LanguageModelScorer:
        """Returns a language model that learnt from sentences, lists of words."""
        return LanguageModelScorer(self.vocabulary.size, **LANGUAGE_MODEL).fit(self.vocabulary.number(words))

    @functools.cached_property
    def real_features(self) -> np.ndarray:
        """The features of the sentences that `scorer` learnt from."""
        return self.scorer.features(self.vocabulary.number(self._real_words[: self._learnt]))

    @functools.cached_property
    def held_out_for_scorer(self) -> np.ndarray:
        """Held-out sentences in the ids of language models: `num` of them at most."""
        order = np.random.default_rng(self.seed).permutation(len(self._held_out_words))[: self.num]
        return self.vocabulary.number([self._held_out_words[index] for index in np.sort(order)])

    # Measuring.

    def measure(self, lines) -> dict[str, float]:
        """Returns each metric of some sentences, but for those of models.

        Args:
            lines: `num` strings in random order: some metrics are of the first of them.

        Raises:
            ValueError: If these are not as many, or no strings.
        """
        lines = _checked(lines)
        if len(lines) != self.num:
            raise ValueError(f"This protocol measures {self.num} sentences; received {len(lines)}.")
        words = split(lines, self.measured_by)
        return self._compute(Measured(self, self._numbering.copy().number(words), words, real=False))

    @functools.cached_property
    def real_row(self) -> dict[str, float | None]:
        """Each metric of training sentences, which is what a perfect generator would get; None where it has no meaning."""
        measured = Measured(self, self.training_ids[self._chosen], self._real_words, real=True)
        return dict.fromkeys(self.metrics) | self._compute(measured)

    def write(self, model, seed=0, temperature=1.0) -> list[str]:
        """Returns the `num` sentences of a text model that are measured.

        A conditional model is asked for each class as often as it is among the training sentences.
        """
        return model.write(self.num, seed, labels=self.conditions_for(model).get(LABELS), temperature=temperature)

    def real_condition(self, name: str) -> np.ndarray | None:
        labels = self.training.labels if name == LABELS else None
        return None if labels is None else labels[self._chosen]

    def nll(self, model, temperature=1.0) -> float:
        """Returns the mean negative log-likelihood of all held-out text under a text model, in nats a token of the model.

        Of sentences that are longer than the model's, what it could have written. Compare it with that of models with the same
        tokenizer only.

        Raises:
            ValueError: If the model is conditional and held-out sentences have no labels, or others.
        """
        labels = self.held_out.labels
        if model.conditional and (labels is None or self.held_out.class_names != self.training.class_names):
            raise ValueError(f"The classes of {self.training.name} and {self.held_out.name} are not the same: leave nll out.")
        tokens, _ = model.tokenizer.encode(self.held_out.lines, model.generator.length)
        return model.mean_nll(tokens, labels if model.conditional else None, temperature)

    def evaluate(self, model_or_lines, seeds=(0,), name="model", temperature=1.0) -> dict:
        """Returns the metrics of a model over several seeds, or of given sentences, with all that is needed to trust them.

        Args:
            model_or_lines: A text model with a tokenizer, or sentences as `measure` takes them.
            seeds: Seeds of the sentences of a model.
            name: What the result calls it.
            temperature: Temperature of a model; a number above 0.

        Returns:
            A dict that JSON can hold: `name`, `protocol`, `seeds`, `metrics` (`{name: {"mean", "std", "values"}}`), `real`, the
            real sentences' row, and `samples`, some sentences as they come. Of a model also its `temperature` and what its
            `tokenizer` is.

        Raises:
            ValueError: As `measure`, `write` and `nll`.
        """
        return super().evaluate(model_or_lines, seeds, name, temperature=temperature)

    def _draw(self, model, seed, temperature):
        return (self.write(model, seed, temperature),)

    def _measure_model_itself(self, model, temperature):
        return {"nll": self.nll(model, temperature)} if "nll" in self.metrics else {}

    def _describe_sampling(self, model, temperature):
        return {"temperature": temperature, "tokenizer": _about(model.tokenizer)}

    def _keep_samples(self, lines):
        return {"samples": list(lines[:_SAMPLES])}

    @classmethod
    def describe(cls, protocol) -> str:
        return (
            f"{protocol['fake']:,} sentences by {protocol['measured_by']}; learnt from: {protocol['training']:,} of "
            f"{protocol['dataset']} ({protocol['split']}), of which {protocol['real']:,} are the real row; held out: "
            f"{protocol['held_out']:,} of {protocol['held_out_dataset']} ({protocol['held_out_split']})"
        )

    @classmethod
    def notes(cls, results) -> list[str]:
        tokenizers = {result["tokenizer"]["sha256"] for result in results if "tokenizer" in result}
        if len(tokenizers) > 1 and any("nll" in result["metrics"] for result in results):
            return ["nll is of each model's own tokens, which are not the same here: do not compare it."]
        return []


def _sentences(given, name):
    return given if isinstance(given, Sentences) else Sentences(name, "all", _checked(given))


def _checked(lines):
    if isinstance(lines, str):
        raise ValueError("Sentences are a list of strings; received one string.")
    lines = list(lines)
    for line in lines:
        if not isinstance(line, str):
            raise ValueError(f"Sentences are strings; received {line!r}.")
    return lines


def _digest(lines):
    return hashlib.sha256("\n".join(lines).encode("utf-8")).hexdigest()


def _about(tokenizer):
    return {**tokenizer.get_config(), "sha256": hashlib.sha256(tokenizer.model).hexdigest()}
