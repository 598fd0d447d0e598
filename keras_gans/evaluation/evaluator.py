"""Measures generated samples that consist of numbers against real ones, under one protocol."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_gans.conditions import LABELS
from keras_gans.data.source import as_source
from keras_gans.evaluation import cache, samples
from keras_gans.evaluation.base import EVALUATORS, BaseEvaluator
from keras_gans.evaluation.extractors import Extractor, Features, default_extractor, get_extractor
from keras_gans.evaluation.measures import LACKING, LEFT_OUT, MEASURES, METRICS, Measured
from keras_gans.evaluation.metric_choice import settings
from keras_gans.evaluation.protocol import Protocol

if TYPE_CHECKING:
    from keras_gans.data import Data
    from keras_gans.media import Medium


@EVALUATORS.register("images")
@EVALUATORS.register("points")
class Evaluator(BaseEvaluator):
    """Measures samples against a fixed choice of real ones: images, points, and whatever else consists of numbers.

    The features of the real samples are computed once and kept (see `keras_gans.evaluation.cache`). A medium with metrics of
    its own has a subclass: see `BaseEvaluator`.

    Args:
        data: A `keras_gans.Data`: the real samples.
        metrics: Names of metrics or of groups: see `keras_gans.evaluation.METRICS`.
        num: How many samples are measured, and with how many real ones at most they are compared.
        extractor: A feature extractor's name, or an `Extractor`; `default_extractor` if None.
        held_out: Other real samples, which are compared with the first in the same way and tell memorisation: a `Data`, such as
            another split; or `"half"`, to set aside half of `data`; or None.
        seed: Seed of the choice of real samples.
        use_cache: Whether features of real samples are kept.
        medium: What a sample is, a `keras_gans.media.Medium`; what the data say if None.

    Attributes:
        protocol: The `Protocol` of its results.

    Raises:
        ValueError: If a metric or extractor is unknown, or they do not fit each other or the data.

    Example:

        train, test = (keras_gans.load_data("mnist", split=split) for split in ("train", "test"))
        evaluator = Evaluator(train, ["fid", "precision_recall"], held_out=test)
        evaluator.measure(model.generate(10_000, seed=0))   # {"fid": ..., "precision": ..., "recall": ...}
        evaluator.evaluate(model, seeds=range(3))           # with spread, protocol and the real row
    """

    all_metrics = METRICS
    measures = MEASURES
    default_metrics = ("fid", "kid", "precision_recall")
    left_out = LEFT_OUT
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
    ):
        super().__init__(num, seed)
        self.data = data
        self.medium = data.medium if medium is None else medium.with_shape(data.shape)
        self.extractor = get_extractor(extractor or self.default_extractor())
        self.extractor.check(data.shape)
        self._use_cache = use_cache
        self._positions, self._held_out, self._held_out_positions = _share(data, held_out, num, seed)
        self.num = num if held_out is None else len(self._held_out_positions)
        self._choose(metrics, self._available())

    def default_extractor(self) -> str | Extractor:
        """Returns what makes features where nobody says: the bundled network for images of one kind, else `pixels`."""
        return default_extractor(self.data.shape) if self.medium.pixels else "pixels"

    def _available(self):
        """Returns for each need of a measure whether it is met, and what the messages of `lacking` name."""
        return {
            "samples": True,
            "images": self.medium.pixels,
            "classes": bool(self.extractor.classes),
            # Half of the data is held out of the comparison, not of training.
            "another_split": self._held_out is not None and self._held_out is not self.data,
            "held_out_labels": self._held_out is not None and self._held_out.labels is not None,
            "extractor": self.extractor.name,
            "data": self.data.name,
        }

    @property
    def _keeps_samples(self):
        return any({"images", "samples"} & set(measure.needs) for measure in self.chosen.values())

    @functools.cached_property
    def settings(self) -> dict:
        """What single metrics were told, as the protocol holds it."""
        return settings(self.chosen, min(self.num, len(self._positions)))

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

    @functools.cached_property
    def real_samples(self) -> np.ndarray:
        """The real samples compared with, as files hold them: uint8 images, or float32."""
        return samples.read(self.data, self._positions, self.medium)

    @functools.cached_property
    def held_out_samples(self) -> np.ndarray:
        """Real samples that are not among those compared with."""
        return samples.read(self._held_out, self._held_out_positions, self.medium)

    @functools.cached_property
    def _real(self):
        """SHA-256 and features of the real samples, which themselves are not held for it."""
        return self._digest_and_features(self.data, self._positions)

    @functools.cached_property
    def _held_out_features(self):
        return None if self._held_out is None else self._digest_and_features(self._held_out, self._held_out_positions)[1]

    def _digest_and_features(self, data, positions):
        real = samples.read(data, positions, self.medium)
        digest = samples.digest(real)
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

    def _extract(self, measured):
        """Returns the features of samples as files hold them."""
        return self.extractor(self.medium.to_float(measured) if self.extractor.takes_floats else measured)

    def measure(self, generated: np.ndarray | Iterable[np.ndarray], labels: np.ndarray | None = None) -> dict[str, float]:
        """Returns each metric of some samples.

        Args:
            generated: Floats in [-1, 1], or uint8 images, shape `(num, ...)`; or an iterable of such arrays, which are then not
                held in memory unless a metric needs the samples themselves.
            labels: Their classes, for `class_accuracy` and `label_agreement`.

        Raises:
            ValueError: If their number is not `num`, or they hold NaN, or another shape than the real ones.
        """
        features, kept = self._features(generated)
        if len(features) != self.num:
            raise ValueError(f"This protocol measures {self.num} samples; received {len(features)}.")
        return self._measure(features, kept, labels, self._held_out_features)

    def nearest_real(self, generated: np.ndarray, k: int = 5) -> tuple[np.ndarray, np.ndarray]:
        """Returns which of `real_samples` are nearest to a few samples by their features, the nearest first.

        Args:
            generated: uint8 images or floats in [-1, 1], shape `(n, ...)`.
            k: How many.

        Returns:
            `(indices, distances)`, int64 and float64 of shape `(n, k)`.
        """
        features = self._extract(samples.as_measured(generated, self.medium)).values.astype("float64")
        distances = np.stack([np.linalg.norm(self._real[1].values - one, axis=1) for one in features])
        indices = np.argsort(distances, axis=1, kind="stable")[:, :k]
        return indices, np.take_along_axis(distances, indices, axis=1)

    def _features(self, generated):
        parts, kept = [], []
        keeps = self._keeps_samples
        parts_given = [generated] if isinstance(generated, np.ndarray) else generated
        for part in samples.regrouped(samples.as_measured(part, self.medium) for part in parts_given):
            parts.append(self._extract(part))
            if keeps:
                kept.append(part)
        if not parts:
            raise ValueError("There are no samples to measure.")
        return Features.join(parts), np.concatenate(kept) if keeps else None

    def _measure(self, features, kept, labels, held_out):
        return self._compute(Measured(self, self._real[1], features, kept, labels, held_out))

    def measure_model(self, model: Any, seed: int = 0, **sampling: Any) -> dict[str, float]:
        """Returns each metric of `num` samples of an `AdversarialModel`."""
        return self.measure(*self.generate(model, seed, **sampling))

    def generate(self, model: Any, seed: int = 0, **sampling: Any) -> tuple[Iterable[np.ndarray], np.ndarray | None]:
        """Returns `(batches, labels)`: the samples that are measured, in batches, and their classes or None.

        Args:
            model: An `AdversarialModel`. A conditional one is asked for what the real samples are: see `conditions_for`.
            seed: Seed of the latents.
            **sampling: What else `generate_batches` takes, such as `truncation`.
        """
        conditions = self.conditions_for(model)
        labels = conditions.pop(LABELS, None)
        if conditions:
            sampling["conditions"] = conditions
        return map(model.at_data_size, model.generate_batches(self.num, seed, labels, **sampling)), labels

    def _draw(self, model, seed, **sampling):
        return self.generate(model, seed, **sampling)

    @functools.cached_property
    def real_row(self) -> dict[str, float | None]:
        """Each metric of the held-out real samples, what a perfect generator would get; None where it has no meaning."""
        if self._held_out is None:
            return {}
        kept = self.held_out_samples if self._keeps_samples else None
        row = self._measure(self._held_out_features, kept, self.held_out_labels, None)
        return {name: row.get(name) for name in self.metrics}

    def real_condition(self, name: str) -> np.ndarray | None:
        values = self.data.conditions.get(name)
        return None if values is None else np.asarray(as_source(values).read(self._positions)[0])

    @property
    def real_labels(self) -> np.ndarray | None:
        """The classes of the real samples compared with, or None."""
        return self.real_condition(LABELS)

    @property
    def held_out_labels(self) -> np.ndarray | None:
        """The classes of the held-out samples, or None."""
        return (
            None if self._held_out is None or self._held_out.labels is None else self._held_out.labels[self._held_out_positions]
        )

    @classmethod
    def describe(cls, protocol: Mapping[str, Any]) -> str:
        real = f"{protocol['real']:,} of {protocol['dataset']} ({protocol['split']})"
        held_out = f"; real row: {protocol['held_out']:,} others" if protocol["held_out"] else ""
        features = f"{protocol['extractor']} {protocol['extractor_sha256'][:8]}"
        return (
            f"{protocol['fake']:,} samples against {real}{held_out}; features: {features}, resize: {protocol['resize']}, "
            f"{protocol['pixels']}"
        )


def _in_words(dtype):
    """Returns what samples are rounded to: `"8 bits"`, or the name of a dtype of floats."""
    return f"{8 * dtype.itemsize} bits" if np.issubdtype(dtype, np.integer) else dtype.name


def _share(data, held_out, num, seed):
    """Returns the positions of the reals, the held-out data, and their positions."""
    if held_out is None:
        return samples.choose(data, num, seed), None, None
    if isinstance(held_out, str):
        if held_out != "half":
            raise ValueError(f"held_out must be a Data, 'half' or None; received '{held_out}'.")
        count = min(num, len(data) // 2)
        both = samples.choose(data, 2 * count, seed)
        halves = np.random.default_rng(seed).permutation(2 * count)
        return np.sort(both[halves[:count]]), data, np.sort(both[halves[count:]])
    if held_out.shape != data.shape:
        raise ValueError(f"Held-out samples have the shape {held_out.shape}, the others {data.shape}.")
    count = min(num, len(data), len(held_out))
    return samples.choose(data, count, seed), held_out, samples.choose(held_out, count, seed)
