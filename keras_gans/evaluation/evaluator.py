"""Measures generated samples against real ones, under one protocol."""

import functools

import numpy as np

from keras_gans.evaluation import cache, samples
from keras_gans.evaluation.extractors import Features, default_extractor, get_extractor
from keras_gans.evaluation.measures import Measured, find_measures
from keras_gans.evaluation.metric_choice import spread
from keras_gans.evaluation.protocol import Protocol
from keras_gans.media.pictures import is_image_shape


class Evaluator:
    """Measures samples against a fixed choice of real ones.

    The features of the real samples are computed once and kept (see `keras_gans.evaluation.cache`).

    Args:
        data: A `keras_gans.Data`: the real samples.
        metrics: names of metrics or of groups: see `keras_gans.evaluation.METRICS`.
        num: How many samples are measured, and with how many real ones at most they are compared.
        extractor: A feature extractor's name, or an `Extractor`; one that comes with the library if None (`default_extractor`).
        held_out: Other real samples, which are compared with the first in the same way and tell memorisation: a `Data`, such as
            another split; or `"half"`, to set aside half of `data`; or None.
        seed: Of the choice of real samples.
        use_cache: Whether features of real samples are kept.

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

    def __init__(self, data, metrics=("fid",), num=10_000, extractor=None, *, held_out=None, seed=0, use_cache=True):
        if not (isinstance(num, int) and num >= 2):
            raise ValueError(f"num must be an integer of at least 2; received {num!r}.")
        self.data = data
        self.extractor = get_extractor(extractor or default_extractor(data.shape))
        self.extractor.check(data.shape)
        self.seed = seed
        self._use_cache = use_cache
        self._positions, self._held_out, self._held_out_positions = _share(data, held_out, num, seed)
        self.num = num if held_out is None else len(self._held_out_positions)
        self.measures = find_measures(metrics, self._describe_what_is_there())
        self.settings = {}
        for measure in self.measures:
            self.settings |= measure.settings(min(self.num, len(self._positions)))

    def _describe_what_is_there(self):
        return {
            "images": is_image_shape(self.data.shape),
            "classes": bool(self.extractor.classes),
            # Half of the data is held out of the comparison, not of training.
            "another_split": self._held_out is not None and self._held_out is not self.data,
            "held_out_labels": self._held_out is not None and self._held_out.labels is not None,
            "extractor": self.extractor.name,
            "data": self.data.name,
        }

    @property
    def _needs_images(self):
        return any(measure.needs_images for measure in self.measures)

    @property
    def metrics(self) -> tuple[str, ...]:
        """The names of all numbers that are measured."""
        return tuple(name for measure in self.measures for name in measure.names)

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
            pixels="8 bits" if is_image_shape(self.data.shape) else "float32",
            settings=self.settings,
        )

    @functools.cached_property
    def real_samples(self) -> np.ndarray:
        """The real samples compared with: uint8 images, or float32."""
        return samples.read(self.data, self._positions)

    @functools.cached_property
    def held_out_samples(self) -> np.ndarray:
        """Real samples that are not among those compared with."""
        return samples.read(self._held_out, self._held_out_positions)

    @functools.cached_property
    def _real(self):
        """SHA-256 and features of the real samples, which themselves are not held for it."""
        return self._digest_and_features(self.data, self._positions)

    @functools.cached_property
    def _held_out_features(self):
        return None if self._held_out is None else self._digest_and_features(self._held_out, self._held_out_positions)[1]

    def _digest_and_features(self, data, positions):
        real = samples.read(data, positions)
        digest = samples.digest(real)
        if not self._use_cache:
            return digest, self.extractor(real)
        key = {
            "dataset": data.name,
            "split": data.split,
            "shape": list(real.shape),
            "data_sha256": digest,
            "extractor": self.extractor.name,
            "extractor_sha256": self.extractor.sha256,
            "resize": self.extractor.resize_for(data.shape),
        }
        return digest, cache.remembered(key, lambda: self.extractor(real))

    def measure(self, generated, labels=None) -> dict[str, float]:
        """Returns each metric of some samples.

        Args:
            generated: uint8 images or floats in [-1, 1], shape `(num, ...)`; or an iterable of such arrays, which are then not
                held in memory unless a metric needs the images.
            labels: Their classes, for `class_accuracy` and `label_agreement`.

        Raises:
            ValueError: If their number is not `num`, or they hold NaN, or another shape than the real ones.
        """
        features, images = self._features(generated)
        if len(features) != self.num:
            raise ValueError(f"This protocol measures {self.num} samples; received {len(features)}.")
        return self._measure(features, images, labels, self._held_out_features)

    def nearest_real(self, generated, k=5):
        """Returns which of `real_samples` are nearest to a few samples by their features, the nearest first.

        Args:
            generated: uint8 images or floats in [-1, 1], shape `(n, ...)`.
            k: How many.

        Returns:
            `(indices, distances)`, int64 and float64 of shape `(n, k)`.
        """
        features = self.extractor(samples.as_measured(generated, self.data.shape)).values.astype("float64")
        distances = np.stack([np.linalg.norm(self._real[1].values - one, axis=1) for one in features])
        indices = np.argsort(distances, axis=1, kind="stable")[:, :k]
        return indices, np.take_along_axis(distances, indices, axis=1)

    def _features(self, generated):
        parts, kept = [], []
        keeps = self._needs_images
        parts_given = [generated] if isinstance(generated, np.ndarray) else generated
        for part in samples.regrouped(samples.as_measured(part, self.data.shape) for part in parts_given):
            parts.append(self.extractor(part))
            if keeps:
                kept.append(part)
        if not parts:
            raise ValueError("There are no samples to measure.")
        return Features.join(parts), np.concatenate(kept) if keeps else None

    def _measure(self, features, images, labels, held_out):
        measured = Measured(self, self._real[1], features, images, labels, held_out)
        numbers = {}
        for measure in self.measures:
            numbers |= measure(measured)
        return numbers

    def measure_model(self, model, seed=0) -> dict[str, float]:
        """Returns each metric of `num` samples of an `AdversarialModel`."""
        return self.measure(*self.generate(model, seed))

    def generate(self, model, seed=0):
        """Returns `(batches, labels)`: the samples that are measured, in batches, and their classes or None.

        A conditional model is asked for each class as often as it is among the real samples.
        """
        labels = None
        if model.conditional:
            labels = model.class_labels(self.num) if self.real_labels is None else np.resize(self.real_labels, self.num)
        return map(model.at_data_size, model.generate_batches(self.num, seed, labels)), labels

    @functools.cached_property
    def real_row(self) -> dict[str, float | None]:
        """Each metric of the held-out real samples, what a perfect generator would get; None where it has no meaning."""
        if self._held_out is None:
            return {}
        images = self.held_out_samples if self._needs_images else None
        row = self._measure(self._held_out_features, images, self.held_out_labels, None)
        return {name: row.get(name) for name in self.metrics}

    @property
    def real_labels(self):
        """The classes of the real samples compared with, or None."""
        return None if self.data.labels is None else self.data.labels[self._positions]

    @property
    def held_out_labels(self):
        """The classes of the held-out samples, or None."""
        return (
            None if self._held_out is None or self._held_out.labels is None else self._held_out.labels[self._held_out_positions]
        )

    def evaluate(self, model_or_samples, seeds=(0,), name="model") -> dict:
        """Returns the metrics of a model over several seeds, or of given samples, with all that is needed to trust them.

        Args:
            model_or_samples: An `AdversarialModel`, or samples as `measure` takes them.
            seeds: Of the samples of a model.
            name: What the result calls it.

        Returns:
            A dict that JSON can hold: `name`, `protocol`, `seeds`, `metrics` (`{name: {"mean", "std", "values"}}`) and `real`,
            the held-out real samples' row.
        """
        if hasattr(model_or_samples, "generate"):
            seeds = [int(seed) for seed in seeds]
            rows = [self.measure_model(model_or_samples, seed) for seed in seeds]
        else:
            seeds, rows = [], [self.measure(model_or_samples)]
        return {
            "name": name,
            "protocol": self.protocol.as_dict(),
            "seeds": seeds,
            "metrics": {metric: spread([row[metric] for row in rows]) for metric in self.metrics},
            "real": self.real_row,
        }


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
