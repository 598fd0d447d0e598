"""The evaluator of numeric samples, such as images and points."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from keras_gans.conditions import IMAGES, LABELS, MASKS
from keras_gans.data.source import as_source
from keras_gans.evaluation import cache, patches, samples
from keras_gans.evaluation.base import EVALUATORS, BaseEvaluator
from keras_gans.evaluation.extractors import Extractor, Features, default_extractor, get_extractor
from keras_gans.evaluation.measures import LACKING, LEFT_OUT, MEASURES, METRICS, MOST_NEIGHBOURS, Measured
from keras_gans.evaluation.metric_choice import settings
from keras_gans.evaluation.protocol import Protocol
from keras_gans.metrics.categories import category_accuracy
from keras_gans.metrics.checks import check_features
from keras_gans.metrics.neighbours import nearest_squares

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel
    from keras_gans.data import Data
    from keras_gans.media import Medium


_NONE = np.zeros(0)  # in place of samples that no metric needs


@EVALUATORS.register("images")
@EVALUATORS.register("points")
class Evaluator(BaseEvaluator):
    """Measures samples against a fixed set of real ones: images, points, and all other numeric samples.

    The features of the real samples are computed once and cached (see `keras_gans.evaluation.cache`). A medium with metrics of
    its own has a subclass: see `BaseEvaluator`.

    Args:
        data: A `keras_gans.Data`: the real samples.
        metrics: Names of metrics or of groups: see `keras_gans.evaluation.METRICS`; `"all"` for all that the data allow.
        num: Maximum number of samples to measure, and of real samples to compare them with.
        extractor: Name of a feature extractor, or an `Extractor`; `default_extractor` if None.
        held_out: Other real samples, from which the real row and memorisation are measured: a `Data`, such as another split;
            `"half"`, to set aside half of `data`; or None, for neither.
        seed: Seed of the choice of real samples.
        use_cache: Whether features of real samples are cached.
        medium: What a sample is, a `keras_gans.media.Medium`; that of the data if None.
        progress: A function that is called with a line of text before each part of the work, such as `print` or a
            `keras_gans.evaluation.ProgressLine`; None for silence.

    Attributes:
        protocol: The `Protocol` of its results.

    Raises:
        ValueError: If a metric or extractor is unknown, or they do not fit each other or the data.

    Example:

        train, test = (keras_gans.load_data("mnist", split=split) for split in ("train", "test"))
        evaluator = Evaluator(train, ["fid", "precision_recall"], held_out=test, progress=print)
        evaluator.measure(model.generate(10_000, seed=0))   # {"fid": ..., "precision": ..., "recall": ...}
        evaluator.evaluate(model, seeds=range(3))           # with spread, protocol and the real row
    """

    all_metrics = METRICS
    measures = MEASURES
    default_metrics: ClassVar[tuple[str, ...]] = ("fid", "kid", "precision_recall")
    left_out: ClassVar[tuple[str, ...]] = LEFT_OUT
    lacking = LACKING
    protocol_type = Protocol

    def __init__(
        self,
        data: Data,
        metrics: str | Sequence[str] = ("fid",),
        num: int = 10_000,
        extractor: str | Extractor | None = None,
        *,
        held_out: Data | str | None = None,
        seed: int = 0,
        use_cache: bool = True,
        medium: Medium | None = None,
        progress: Callable[[str], object] | None = None,
    ) -> None:
        super().__init__(num, seed, progress)
        self.data = data
        self.medium = data.medium if medium is None else medium.with_shape(data.shape)
        self.extractor = get_extractor(extractor or self.default_extractor()).for_medium(self.medium)
        self.extractor.check(data.shape)
        self._use_cache = use_cache
        self._positions, self._held_out, self._held_out_positions = _share(data, held_out, self.num, self.seed)
        self.num = self.num if self._held_out is None else len(self._held_out_positions)
        if self._pairs is not None:
            self.num = min(self.num, len(self._positions))  # more would be copies: a model makes one sample of each image
        self._choose(metrics, self._available())

    def default_extractor(self) -> str | Extractor:
        """Return the default feature extractor: the bundled network for images, `pixels` for all other samples."""
        return default_extractor(self.data.shape) if self.medium.pixels else "pixels"

    def _available(self) -> dict[str, Any]:
        """Return for each need of a measure whether it is met, and the names in the messages of `lacking`."""
        return {
            "samples": True,
            "images": self.medium.pixels,
            "pairs": self._pairs is not None and self.medium.pixels and as_source(self.data.conditions[self._pairs]).paired,
            "reduced": self._has_reduced(),
            "patches": self.medium.pixels and self.data.shape[-1] == 3 and min(self.data.shape[:2]) >= patches.SIDE,
            "masks": self.medium.pixels and MASKS in self.data.conditions,
            "classes": bool(self.extractor.classes),
            # Half of the data is held out of the comparison, not of training.
            "another_split": self._held_out is not None and self._held_out is not self.data,
            "held_out_labels": self._held_out is not None and self._held_out.labels is not None,
            "extractor": self.extractor.name,
            "data": self.data.name,
        }

    def _has_reduced(self) -> bool:
        """Return whether the samples are images with copies that are a whole number of times smaller."""
        if not self.medium.pixels or IMAGES not in self.data.conditions:
            return False
        inputs = as_source(self.data.conditions[IMAGES])
        (height, width, channels), whole = inputs.shape[1:], self.data.shape
        scale = whole[0] // height
        return inputs.paired and scale > 1 and whole == (scale * height, scale * width, channels)

    @property
    def _pairs(self) -> str | None:
        """Name of the condition of which a model makes samples that are compared with the real ones; None if there is none."""
        return IMAGES if IMAGES in self.data.conditions else None

    @property
    def _keeps_samples(self) -> bool:
        return any({"images", "samples", "pairs", "masks", "reduced"} & set(measure.needs) for measure in self.chosen.values())

    @functools.cached_property
    def settings(self) -> dict[str, Any]:
        """Settings of single metrics, as the protocol holds them, and what identifies the masks if there are any."""
        found = settings(self.chosen, min(self.num, len(self._positions)))
        masks = self.real_condition(MASKS)
        return found if masks is None else {**found, "masks_sha256": samples.digest(masks)}

    @functools.cached_property
    def protocol(self) -> Protocol:
        return Protocol(
            dataset=self.data.name,
            split=self.data.split,
            image_shape=self.data.shape,
            real=len(self._positions),
            fake=self.num,
            held_out=0 if self._held_out is None else len(self._held_out_positions),
            data_sha256=self._real[0],
            extractor=self.extractor.name,
            extractor_sha256=self.extractor.sha256,
            resize=self.extractor.resize_for(self.data.shape),
            pixels=_in_words(samples.stored_dtype(self.medium)),
            settings=self.settings,
        )

    def protocol_of(self, model: Any) -> Protocol:
        """Return the protocol of the results of a model, marked as biased if it was trained on the extractor's features."""
        if self.extractor.name not in getattr(model, "trained_against", ()):
            return self.protocol
        return dataclasses.replace(self.protocol, biased=f"trained against the features of {self.extractor.name}")

    @functools.cached_property
    def real_samples(self) -> np.ndarray:
        """The real samples, as files hold them: uint8 images, or float32."""
        return samples.read(self.data, self._positions, self.medium)

    @functools.cached_property
    def held_out_samples(self) -> np.ndarray:
        """The held-out real samples, none of which is among the others."""
        if self._held_out is None:
            raise ValueError("There are no held-out samples: give held_out to the evaluator.")
        return samples.read(self._held_out, self._held_out_positions, self.medium)

    @functools.cached_property
    def _real(self) -> tuple[str, Features]:
        """SHA-256 and features of the real samples, which are kept in memory only if a metric needs them."""
        real = self.real_samples if self._keeps_samples else samples.read(self.data, self._positions, self.medium)
        return self._digest_and_features(self.data, real, "real samples")

    @functools.cached_property
    def _held_out_features(self) -> Features | None:
        if self._held_out is None:
            return None
        if self._keeps_samples:
            real = self.held_out_samples
        else:
            real = samples.read(self._held_out, self._held_out_positions, self.medium)
        return self._digest_and_features(self._held_out, real, "held-out real samples")[1]

    @functools.cached_property
    def real_neighbours(self) -> np.ndarray:
        """Squared distances of the features of real samples from their nearest others, as `nearest_squares` returns them."""
        features = check_features(self._real[1].values, "real", 2, "a nearest neighbour")
        return nearest_squares(features, min(MOST_NEIGHBOURS, len(features) - 1))

    def _digest_and_features(self, data: Data, real: np.ndarray, name: str) -> tuple[str, Features]:
        digest = samples.digest(real)
        with self._measuring(name):
            self._tell("features")
            if not self._use_cache:
                return digest, self._extract(real)
            key = {
                "dataset": data.name,
                "split": data.split,
                "shape": list(real.shape),
                "data_sha256": digest,
                "extractor": self.extractor.name,
                "extractor_sha256": self.extractor.sha256,
                "resize": self.extractor.resize_for(data.shape),
            }
            return digest, cache.remembered(key, lambda: self._extract(real))

    def _extract(self, measured: np.ndarray) -> Features:
        """Return the features of samples as files hold them."""
        return self.extractor(self.medium.to_float(measured) if self.extractor.takes_floats else measured)

    def measure(
        self, generated: np.ndarray | Iterable[np.ndarray], labels: np.ndarray | None = None
    ) -> dict[str, float | None]:
        """Return the metrics of samples.

        Args:
            generated: Floats in [-1, 1], or uint8 images, shape `(num, ...)`; or an iterable of such arrays, which are then not
                kept in memory unless a metric needs the samples themselves.
            labels: Their classes, integers of shape `(num,)`, for `class_accuracy` and `label_agreement`.

        Raises:
            ValueError: If there are not `num` samples, they contain NaN, or their shape is not that of the real ones.
        """
        features, kept = self._features(generated)
        if len(features) != self.num:
            raise ValueError(f"This protocol measures {self.num} samples; received {len(features)}.")
        return self._measure(features, kept, labels)

    def nearest_real(self, generated: np.ndarray, k: int = 5) -> tuple[np.ndarray, np.ndarray]:
        """Return the real samples whose features are nearest to those of a few samples, the nearest first.

        Args:
            generated: uint8 images or floats in [-1, 1], shape `(n, ...)`.
            k: Number of neighbours.

        Returns:
            `(indices, distances)`: indices into `real_samples`, int64, and distances, float64, of shape `(n, k)`.
        """
        features = self._extract(samples.as_measured(generated, self.medium)).values.astype("float64")
        distances = np.stack([np.linalg.norm(self._real[1].values - one, axis=1) for one in features])
        indices = np.argsort(distances, axis=1, kind="stable")[:, :k]
        return indices, np.take_along_axis(distances, indices, axis=1)

    def _features(self, generated: np.ndarray | Iterable[np.ndarray]) -> tuple[Features, np.ndarray]:
        """Return the features of samples, and the samples themselves if a metric needs them, else none."""
        parts, kept = [], []
        given = [generated] if isinstance(generated, np.ndarray) else self._counted(generated)
        for part in samples.regrouped(samples.as_measured(part, self.medium) for part in given):
            self._tell("features")
            parts.append(self._extract(part))
            if self._keeps_samples:
                kept.append(part)
        if not parts:
            raise ValueError("There are no samples to measure.")
        return Features.join(parts), np.concatenate(kept or [_NONE])

    def _counted(self, parts: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """Yield parts as they are generated, and tell how many samples there are so far."""
        count = 0
        self._tell("generating")
        for part in parts:
            count += len(part)
            self._tell(f"generating {count:,}/{self.num:,}")
            yield part

    def _measure(
        self, features: Features, kept: np.ndarray, labels: np.ndarray | None, is_real_row: bool = False
    ) -> dict[str, float | None]:
        return self._compute(self._measured(self._real[1], features, kept, labels, self._held_out_features, is_real_row))

    def _measured(self, *arguments: Any) -> Measured:
        """Return what measures work on, with these fields."""
        return Measured(self, *arguments)

    def measure_model(self, model: AdversarialModel, seed: int = 0, **sampling: Any) -> dict[str, float | None]:
        """Return the metrics of `num` samples of a model; the arguments are those of `generate`."""
        return self.measure(*self.generate(model, seed, **sampling))

    def generate(
        self, model: AdversarialModel, seed: int = 0, **sampling: Any
    ) -> tuple[Iterable[np.ndarray], np.ndarray | None]:
        """Return the samples to measure, in batches, and their classes or None.

        Args:
            model: An `AdversarialModel`. A conditional one gets the conditions of the real samples: see `conditions_for`.
            seed: Seed of the latents.
            **sampling: Other arguments of `generate_batches`, such as `truncation`.
        """
        conditions = self.conditions_for(model)
        labels = conditions.pop(LABELS, None)
        if conditions:
            sampling["conditions"] = conditions
        return map(model.at_data_size, model.generate_batches(self.num, seed, labels, **sampling)), labels

    def _draw(self, model: AdversarialModel, seed: int, **sampling: Any) -> tuple[Iterable[np.ndarray], np.ndarray | None]:
        return self.generate(model, seed, **sampling)

    def _measure_model_itself(self, model: AdversarialModel, **sampling: Any) -> dict[str, float | None]:
        """Return the metrics of a model's classifier that were asked for: see `AdversarialModel.own_metrics`."""
        asked = [name for name in self.metrics if name in getattr(model, "own_metrics", ())]
        if not asked:
            return {}
        self._tell("classifying held-out samples")
        scores = {"accuracy": lambda found, labels: float(np.mean(found == labels)), "category_accuracy": category_accuracy}
        classifies: Any = model
        found, labels = classifies.classify(self.held_out_samples).argmax(axis=1), self.held_out_labels
        return {name: scores[name](found, labels) for name in asked}

    @functools.cached_property
    def real_row(self) -> dict[str, float | None]:
        """Metrics of the held-out real samples, which a perfect generator would reach; None where one has no meaning.

        Empty without `held_out`.
        """
        features = self._held_out_features
        if features is None:
            return {}
        kept = self.held_out_samples if self._keeps_samples else _NONE
        row = self._measure(features, kept, self.held_out_labels, is_real_row=True)
        return {name: row.get(name) for name in self.metrics}

    def real_condition(self, name: str) -> np.ndarray | None:
        values = self.data.conditions.get(name)
        return None if values is None else np.asarray(as_source(values).read(self._positions)[0])

    @property
    def real_labels(self) -> np.ndarray | None:
        """The classes of the real samples, or None."""
        return self.real_condition(LABELS)

    @property
    def held_out_labels(self) -> np.ndarray | None:
        """The classes of the held-out samples, or None."""
        return (
            None if self._held_out is None or self._held_out.labels is None else self._held_out.labels[self._held_out_positions]
        )

    @classmethod
    def notes(cls, results: list[dict[str, Any]]) -> list[str]:
        biased = [(result["name"], result["protocol"]["biased"]) for result in results if result["protocol"].get("biased")]
        return [f"{name} is biased: {reason}. Measure with another --extractor." for name, reason in biased]

    @classmethod
    def describe(cls, protocol: Mapping[str, Any]) -> str:
        real = f"{protocol['real']:,} of {protocol['dataset']} ({protocol['split']})"
        held_out = f"; real row: {protocol['held_out']:,} others" if protocol["held_out"] else ""
        features = f"{protocol['extractor']} {protocol['extractor_sha256'][:8]}"
        return (
            f"{protocol['fake']:,} samples against {real}{held_out}; features: {features}, resize: {protocol['resize']}, "
            f"{protocol['pixels']}"
        )


def _in_words(dtype: np.dtype) -> str:
    """Return what samples are rounded to: `"8 bits"`, or the name of a floating-point dtype."""
    return f"{8 * dtype.itemsize} bits" if np.issubdtype(dtype, np.integer) else dtype.name


def _share(data: Data, held_out: Data | str | None, num: int, seed: int) -> tuple[np.ndarray, Data | None, np.ndarray]:
    """Return the positions of the real samples, the held-out data, and the positions of the held-out samples."""
    if held_out is None:
        return samples.choose(data, num, seed), None, np.zeros(0, "int64")
    if isinstance(held_out, str):
        if held_out != "half":
            raise ValueError(f"held_out must be a keras_gans.Data, 'half' or None; received '{held_out}'.")
        count = min(num, len(data) // 2)
        both = samples.choose(data, 2 * count, seed)
        halves = np.random.default_rng(seed).permutation(2 * count)
        return np.sort(both[halves[:count]]), data, np.sort(both[halves[count:]])
    if held_out.shape != data.shape:
        raise ValueError(f"Held-out samples must have the shape {data.shape} of the others; received {held_out.shape}.")
    count = min(num, len(data), len(held_out))
    return samples.choose(data, count, seed), held_out, samples.choose(held_out, count, seed)
