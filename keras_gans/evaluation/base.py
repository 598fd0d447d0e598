"""What the evaluators of all media share, and which evaluator a medium has."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from keras_gans.evaluation.metric_choice import Measure, Metric, choose, spread
from keras_gans.media import Medium
from keras_gans.named import Named

# By the name of the medium; other packages add theirs through entry points of this group.
EVALUATORS: Named[type[BaseEvaluator]] = Named("evaluator of a medium", "keras_gans.evaluators")


class BaseEvaluator:
    """Measures generated samples against a fixed choice of real ones, under one protocol.

    `keras_gans.evaluation.Evaluator` measures whatever consists of numbers, `TextEvaluator` sentences. A medium with metrics of
    its own registers a subclass of one of them with `EVALUATORS.register(NAME)`; all others are measured by `Evaluator`.

    Args:
        num: How many samples are measured at most.
        seed: Seed of the choice of real samples.

    Attributes:
        all_metrics: All metrics by name.
        measures: How these are computed, by the name of a group.
        default_metrics: What `keras-gans evaluate` measures if nobody says otherwise.
        left_out: Groups that `"all"` leaves out.
        lacking: What is said of a metric if something that it needs is missing, by need.
        protocol_type: Class of the protocols of its results.
        family: What it measures, in one word. The command line makes evaluators of one family alike.
        real_name: What tables call the real samples.
        has_report: Whether `keras_gans.evaluation.report` can show its results.
        least: The smallest `num`.
        num: How many samples are measured.
        chosen: The measures that were asked for, by group.

    Raises:
        ValueError: If `num` is too small.

    Example:

        def silent(measured):
            return (np.mean(np.abs(measured.samples).max(axis=(1, 2)) < 0.01),)

        @keras_gans.evaluation.EVALUATORS.register("waves")
        class WaveEvaluator(keras_gans.evaluation.Evaluator):
            all_metrics = {**Evaluator.all_metrics, "silent": Metric("silent", "Share of silent samples", False, "")}
            measures = {**Evaluator.measures, "silent": Measure(("silent",), silent, needs=("samples",))}
    """

    all_metrics: ClassVar[Mapping[str, Metric]] = {}
    measures: ClassVar[Mapping[str, Measure]] = {}
    default_metrics: ClassVar[str | tuple[str, ...]] = "all"
    left_out: ClassVar[tuple[str, ...]] = ()
    lacking: ClassVar[Mapping[str, str]] = {}
    protocol_type: ClassVar[type]
    family: ClassVar[str] = "samples"
    real_name: ClassVar[str] = "real samples"
    has_report: ClassVar[bool] = True
    least: ClassVar[int] = 2

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        unknown = [name for measure in cls.measures.values() for name in measure.names if name not in cls.all_metrics]
        if unknown:
            raise ValueError(f"{cls.__name__} measures {', '.join(unknown)}: add a Metric of that name to all_metrics.")

    def __init__(self, num: int, seed: int):
        if not (isinstance(num, int) and num >= self.least):
            raise ValueError(f"num must be an integer of at least {self.least}; received {num!r}.")
        self.num, self.seed = num, seed
        self.chosen: dict[str, Measure] = {}

    def _choose(self, metrics, available):
        """Sets the measures that give some metrics, from all that is available: see `metric_choice.choose`."""
        self.chosen = choose(metrics, self.measures, available, self.lacking, self.left_out)

    @property
    def metrics(self) -> tuple[str, ...]:
        """The names of all numbers that are measured."""
        return tuple(name for measure in self.chosen.values() for name in measure.names)

    @property
    def protocol(self) -> Any:
        """The protocol of its results."""
        raise NotImplementedError

    @property
    def real_row(self) -> dict[str, float | None]:
        """Each metric of real samples, which is what a perfect generator would get; None where it has no meaning."""
        raise NotImplementedError

    def real_condition(self, name: str) -> np.ndarray | None:
        """Returns a condition of the real samples compared with, such as `"labels"`; None if the data have none of the name."""
        return None

    def conditions_for(self, model: Any, n: int | None = None) -> dict[str, np.ndarray]:
        """Returns what a model is told for `n` samples, by name; for the `num` that are measured if None.

        These are the conditions of the real samples, so that each class is asked for as often as it is among them, repeated if
        there are fewer; where the data have none, examples.
        """
        n, found = self.num if n is None else n, {}
        for name, condition in model.conditions.items():
            real = self.real_condition(name)
            found[name] = condition.examples(n) if real is None else np.resize(real, (n, *real.shape[1:]))
        return found

    def measure(self, generated: Any) -> dict[str, float | None]:
        """Returns each metric of some samples, except for those of models."""
        raise NotImplementedError

    def _compute(self, measured):
        """Returns the metrics of samples, by name."""
        numbers = {}
        for measure in self.chosen.values():
            if not measure.measures_models:
                numbers |= measure(measured)
        return numbers

    # What `evaluate` asks of subclasses.

    def _draw(self, model, seed, **sampling):
        """Returns the arguments of `measure` for a model's samples."""
        raise NotImplementedError

    def _measure_model_itself(self, model, **sampling):
        """Returns the metrics that are not of samples, by name: the same for all seeds."""
        return {}

    def _describe_sampling(self, model, **sampling):
        """Returns what a result says of how a model was sampled."""
        return sampling

    def _keep_samples(self, samples, *others):
        """Returns what a result shows of the samples of the first seed."""
        return {}

    def evaluate(self, model_or_samples: Any, seeds: Any = (0,), name: str = "model", **sampling: Any) -> dict[str, Any]:
        """Returns the metrics of a model over several seeds, or of given samples, with all that is needed to trust them.

        Args:
            model_or_samples: An `AdversarialModel`, or samples as `measure` takes them.
            seeds: Seeds of the samples of a model.
            name: What the result calls it.
            **sampling: What else `model.generate` takes, such as `truncation`.

        Returns:
            A dict that JSON can hold: `name`, `protocol`, `seeds`, `sampling`'s names, `metrics` (`{name: {"mean", "std",
            "values"}}`) and `real`, the real samples' row.
        """
        numbers, about, kept = {}, {}, {}
        if hasattr(model_or_samples, "generate"):
            model, seeds = model_or_samples, [int(seed) for seed in seeds]
            about = self._describe_sampling(model, **sampling)
            numbers = self._measure_model_itself(model, **sampling)
            draws = (self._draw(model, seed, **sampling) for seed in seeds)
        else:
            seeds, draws = [], [(model_or_samples,)]
        rows = []
        for drawn in draws:
            rows.append(self.measure(*drawn))
            kept = kept or self._keep_samples(*drawn)
        of_samples = [name for measure in self.chosen.values() if not measure.measures_models for name in measure.names]
        if not of_samples and not numbers:
            raise ValueError(
                f"{', '.join(self.metrics)} is measured of models; these are {self.family} that are already written."
            )
        return {
            "name": name,
            "protocol": self.protocol.as_dict(),
            "seeds": seeds,
            **about,
            "metrics": {metric: spread([row[metric] for row in rows]) for metric in of_samples}
            | {metric: spread([value]) for metric, value in numbers.items()},
            "real": self.real_row,
            **kept,
        }

    # How results are shown.

    @classmethod
    def describe(cls, protocol: Mapping[str, Any]) -> str:
        """Returns the protocol of a result in one line."""
        raise NotImplementedError

    @classmethod
    def notes(cls, results: list[dict]) -> list[str]:
        """Returns what must be said below a table of results."""
        return []


def evaluator_class(medium_name: str) -> type[BaseEvaluator]:
    """Returns the class that measures samples of a medium: the registered one, else that of points, `Evaluator`."""
    return EVALUATORS[medium_name if medium_name in EVALUATORS else "points"]


def evaluator_for(medium: Medium) -> type[BaseEvaluator]:
    """Returns the class that measures samples of a medium: that registered for it, or for a medium that it derives from."""
    names = (cls.name for cls in type(medium).__mro__ if issubclass(cls, Medium))
    return evaluator_class(next((name for name in names if name in EVALUATORS), medium.name))


def evaluator_of(protocol: Mapping[str, Any]) -> type[BaseEvaluator]:
    """Returns the class that made a result, by the fields of the result's protocol."""
    return max(_registered(), key=lambda cls: len({*protocol} & {*cls.protocol_type.__dataclass_fields__}))


def known_metrics() -> dict[str, Metric]:
    """Returns all metrics of all media by name."""
    return {name: metric for cls in _registered() for name, metric in cls.all_metrics.items()}


def _registered():
    """Returns all evaluator classes, those of this library first: where one is as good as another, the first is taken."""
    own, found = ("images", "points", "text"), []
    for name in (*own, *(name for name in EVALUATORS.names() if name not in own)):
        with contextlib.suppress(ImportError):  # results of other media can be shown without a package that is broken
            found.append(EVALUATORS[name])
    return found
