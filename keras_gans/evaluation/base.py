"""The base class of all evaluators, and the evaluator of each medium."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from keras_gans.errors import check_count
from keras_gans.evaluation.metric_choice import Measure, Metric, choose, spread
from keras_gans.media import Medium
from keras_gans.named import Named

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel

# By the name of the medium. Other packages add evaluators through entry points of this group.
EVALUATORS: Named[type[BaseEvaluator]] = Named("evaluator of a medium", "keras_gans.evaluators")


class BaseEvaluator:
    """Base of the evaluators, which measure generated samples against a fixed set of real ones.

    `Evaluator` measures numeric samples, `TextEvaluator` sentences. A medium with metrics of its own registers a subclass of
    one of them with `EVALUATORS.register(NAME)`; every other medium is measured by `Evaluator`.

    Args:
        num: Maximum number of samples to measure.
        seed: Seed of the choice of real samples; an integer of at least 0.
        progress: A function that is called with a line of text before each part of the work, such as `print` or a
            `keras_gans.evaluation.ProgressLine`; None for silence.

    Attributes:
        all_metrics: All metrics by name.
        measures: How they are computed, by the name of a group.
        default_metrics: What `keras-gans evaluate` measures by default.
        left_out: Groups that `"all"` leaves out.
        lacking: The end of the error message for each need that is not met.
        protocol_type: Class of the protocols of its results.
        family: What it measures, in one word. The command line creates the evaluators of one family in the same way.
        real_name: What tables call the real samples.
        least: The smallest `num`.
        num: Number of samples measured.
        chosen: The requested measures, by group.

    Raises:
        ValueError: If `num` is too small, or an argument is not an integer.

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
    protocol_type: ClassVar[type[Any]]
    family: ClassVar[str] = "samples"
    real_name: ClassVar[str] = "real samples"
    least: ClassVar[int] = 2

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        unknown = [name for measure in cls.measures.values() for name in measure.names if name not in cls.all_metrics]
        if unknown:
            raise ValueError(f"{cls.__name__} measures {', '.join(unknown)}: add a Metric of that name to all_metrics.")

    def __init__(self, num: int, seed: int, progress: Callable[[str], object] | None = None) -> None:
        self.num, self.seed = check_count("num", num, self.least), check_count("seed", seed, least=0)
        self.chosen: dict[str, Measure] = {}
        self.progress = progress
        self._measured_now = ""

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        # Tuners copy callbacks for each trial. The real samples and their features, which don't change, would be copied, too.
        return self

    def _choose(self, metrics: str | Iterable[str], available: Mapping[str, Any]) -> None:
        """Set the measures that give some metrics, from all that are available: see `metric_choice.choose`."""
        self.chosen = choose(metrics, self.measures, available, self.lacking, self.left_out)

    def _tell(self, part: str) -> None:
        """Tell `progress` which part of the work comes next."""
        if self.progress is not None:
            self.progress(f"{self._measured_now}{part}")

    @contextlib.contextmanager
    def _measuring(self, what: str) -> Iterator[None]:
        """Say what is measured in all that `progress` is told meanwhile."""
        before, self._measured_now = self._measured_now, f"{what}: "
        try:
            yield
        finally:
            self._measured_now = before

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of all measured metrics."""
        return tuple(name for measure in self.chosen.values() for name in measure.names)

    @property
    def protocol(self) -> Any:
        """The protocol of its results."""
        raise NotImplementedError

    def protocol_of(self, model: Any) -> Any:
        """Return the protocol of the results of a model, which may say why they flatter it; of samples if it is None."""
        return self.protocol

    @property
    def real_row(self) -> dict[str, float | None]:
        """Metrics of real samples, which a perfect generator would reach; None where a metric has no meaning."""
        raise NotImplementedError

    def real_condition(self, name: str) -> np.ndarray | None:
        """Return a condition of the real samples, such as `"labels"`; None if the data do not hold it."""
        return None

    def conditions_for(self, model: Any, n: int | None = None) -> dict[str, np.ndarray]:
        """Return the conditions of generated samples, by name.

        They are those of the real samples, so each class is as frequent as among these, and are repeated if there are fewer.
        Where the data have no conditions, examples are returned.

        Args:
            model: An `AdversarialModel`.
            n: Number of samples; `num` if None.
        """
        n, found = self.num if n is None else n, {}
        for name, condition in model.conditions.items():
            real = self.real_condition(name)
            found[name] = condition.examples(n) if real is None else np.resize(real, (n, *real.shape[1:]))
        return found

    def measure(self, generated: Any) -> dict[str, float | None]:
        """Return the metrics of samples, without those of models."""
        raise NotImplementedError

    def _compute(self, measured: Any) -> dict[str, float | None]:
        """Return the metrics of samples, by name."""
        numbers: dict[str, float | None] = {}
        for group, measure in self.chosen.items():
            if not measure.measures_models:
                self._tell(group)
                numbers |= measure(measured)
        return numbers

    # What subclasses define for `evaluate`.

    def _draw(self, model: AdversarialModel, seed: int, **sampling: Any) -> tuple[Any, ...]:
        """Return the arguments of `measure` for a model's samples."""
        raise NotImplementedError

    def _measure_model_itself(self, model: AdversarialModel, **sampling: Any) -> dict[str, float | None]:
        """Return, by name, the metrics of the model itself, which are the same for all seeds."""
        return {}

    def _describe_sampling(self, model: AdversarialModel, **sampling: Any) -> dict[str, Any]:
        """Return what a result says about how a model was sampled."""
        return sampling

    def _keep_samples(self, samples: Any, *others: Any) -> dict[str, Any]:
        """Return what a result shows of the samples of the first seed."""
        return {}

    def evaluate(
        self, model_or_samples: Any, seeds: Iterable[int] = (0,), name: str = "model", **sampling: Any
    ) -> dict[str, Any]:
        """Return the metrics of a model over several seeds, or of given samples, with spread, protocol and the real row.

        Args:
            model_or_samples: An `AdversarialModel`, or samples as `measure` takes them.
            seeds: Seeds of the samples of a model; only the first is used for a model without latents.
            name: What the result calls it.
            **sampling: Other arguments of `model.generate`, such as `truncation`.

        Returns:
            A dict that JSON can hold: `name`, `protocol`, `seeds`, the arguments in `sampling`, `metrics` (`{name: {"mean",
            "std", "values"}}`) and `real`, the metrics of held-out real samples.

        Raises:
            ValueError: As `measure`, or if all metrics are of models and samples are given.
        """
        numbers: dict[str, float | None] = {}
        about: dict[str, Any] = {}
        model: Any = None
        kept: dict[str, Any] = {}
        draws: Iterable[tuple[str, tuple[Any, ...]]]
        if hasattr(model_or_samples, "generate"):
            model, seeds = model_or_samples, [int(seed) for seed in seeds]
            if getattr(model, "latent_shape", ()) is None:
                seeds = seeds[:1]  # nothing about its samples is random
            about = self._describe_sampling(model, **sampling)
            numbers = self._measure_model_itself(model, **sampling)
            draws = (
                (f"seed {number}/{len(seeds)}", self._draw(model, seed, **sampling))
                for number, seed in enumerate(seeds, start=1)
            )
        else:
            seeds, draws = [], [(name, (model_or_samples,))]
        rows = []
        for what, drawn in draws:
            with self._measuring(what):
                rows.append(self.measure(*drawn))
            kept = kept or self._keep_samples(*drawn)
        of_samples = [name for measure in self.chosen.values() if not measure.measures_models for name in measure.names]
        if not of_samples and not numbers:
            raise ValueError(f"{', '.join(self.metrics)} needs a model; received {self.family}: choose other metrics.")
        with self._measuring(self.real_name):
            real = self.real_row
        return {
            "name": name,
            "protocol": self.protocol_of(model).as_dict(),
            "seeds": seeds,
            **about,
            "metrics": {metric: spread([row[metric] for row in rows]) for metric in of_samples}
            | {metric: spread([value]) for metric, value in numbers.items()},
            "real": real,
            **kept,
        }

    # How results are shown.

    @classmethod
    def describe(cls, protocol: Mapping[str, Any]) -> str:
        """Return the protocol of a result in one line."""
        raise NotImplementedError

    @classmethod
    def notes(cls, results: list[dict[str, Any]]) -> list[str]:
        """Return the notes below a table of results."""
        return []


def evaluator_class(medium_name: str) -> type[BaseEvaluator]:
    """Return the evaluator class registered for a medium, or `Evaluator` if there is none."""
    return EVALUATORS[medium_name if medium_name in EVALUATORS else "points"]


def evaluator_for(medium: Medium) -> type[BaseEvaluator]:
    """Return the evaluator class registered for a medium or for one of its base classes, or `Evaluator`."""
    names = (cls.name for cls in type(medium).__mro__ if issubclass(cls, Medium))
    return evaluator_class(next((name for name in names if name in EVALUATORS), medium.name))


def evaluator_of(protocol: Mapping[str, Any]) -> type[BaseEvaluator]:
    """Return the evaluator class of a result, which the fields of its protocol tell."""
    return max(
        _registered(), key=lambda cls: len({*protocol} & {field.name for field in dataclasses.fields(cls.protocol_type)})
    )


def known_metrics() -> dict[str, Metric]:
    """Return the metrics of all media by name."""
    return {name: metric for cls in _registered() for name, metric in cls.all_metrics.items()}


def _registered() -> list[type[BaseEvaluator]]:
    """Return all evaluator classes, those of this library first: the first of equally good ones is taken."""
    own, found = ("images", "points", "text", "audio", "video"), []
    for name in (*own, *(name for name in EVALUATORS.names() if name not in own)):
        with contextlib.suppress(ImportError):  # a broken package must not hide the results of other media
            found.append(EVALUATORS[name])
    return found
