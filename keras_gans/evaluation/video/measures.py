"""The metrics of clips: what each needs, which way is better, how it is computed from `keras_gans.metrics`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, cast

import numpy as np

from keras_gans import metrics
from keras_gans.evaluation.measures import LACKING, LEFT_OUT, MEASURES, METRICS, OF_FEATURES, Measured
from keras_gans.evaluation.metric_choice import Measure, Metric, by_name
from keras_gans.evaluation.video.clips32 import Clips

# Of a clip's frames, those that show the digit that most of them show.
_KEPT = 7 / 8

_OWN = by_name(
    Metric("kvd_content", "Kernel distance of content (what frames show)", False, "Bińkowski et al. 2018"),
    Metric("kvd_motion", "Kernel distance of motion", False, "Bińkowski et al. 2018"),
    Metric("fvd_content", "Fréchet distance of content", False, "Heusel et al. 2017"),
    Metric("fvd_motion", "Fréchet distance of motion", False, "Heusel et al. 2017"),
    Metric("frame_agreement", "Share of frames that the extractor takes for the digit asked for", True, ""),
    Metric("kept", "Share of clips in which 7 of 8 frames show the same digit", True, ""),
    Metric("jitter", "Unsteadiness of movement (second differences over speed)", None, ""),
    Metric("speed_distance", "Distance of speeds from real ones (in standard deviations)", False, "1-Wasserstein distance"),
    Metric("frozen", "Share of clips in which nothing moves", None, ""),
    Metric("flicker", "Share of clips that flicker", None, ""),
)


class MeasuredClips(Measured):
    """What the measures of clips work on."""

    @functools.cached_property
    def frame_digits(self) -> np.ndarray:
        """The digit that the extractor names in each frame: `(n, frames)`."""
        return cast(Clips, self.evaluator.extractor).frame_digits(self.samples).argmax(axis=-1)


def _parts(measured: Measured, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Return real and generated features of content or of motion."""
    which = getattr(cast(Clips, measured.evaluator.extractor), part)
    return measured.real.values[:, which], measured.fake.values[:, which]


def _kernel(part: str) -> Callable[..., Iterable[float]]:
    def compute(measured: Measured, subsets: int, subset_size: int) -> Iterable[float]:
        return metrics.kernel_distance(*_parts(measured, part), subsets, subset_size)[:1]

    return compute


def _frechet(part: str) -> Callable[[Measured], Iterable[float]]:
    return lambda measured: (metrics.frechet_distance(*_parts(measured, part)),)


def _frame_agreement(measured: MeasuredClips) -> Iterable[float | None]:
    labels, names = measured.labels, measured.evaluator.data.class_names
    if measured.is_real_row:
        labels = measured.evaluator.held_out_labels
    if labels is None or not _are_digits(names, labels):
        return (None,)
    return (float(np.mean(measured.frame_digits == labels[:, None])),)


def _are_digits(names: Any, labels: np.ndarray) -> bool:
    return list(names) == [str(digit) for digit in range(len(names))] if names else int(labels.max()) < 10


def _kept(measured: MeasuredClips) -> Iterable[float]:
    found = measured.frame_digits
    most = np.array([np.bincount(digits).max() for digits in found])
    return (float(np.mean(most >= _KEPT * found.shape[1])),)


def _jitter(measured: Measured) -> Iterable[float | None]:
    found = metrics.jitter(measured.samples)
    return (found if np.isfinite(found) else None,)


def _speed_distance(measured: Measured) -> Iterable[float | None]:
    real, generated = (metrics.speeds(clips) for clips in (measured.evaluator.real_samples, measured.samples))
    return (metrics.speed_distance(real, generated),)


def _share(faulty: Callable[[np.ndarray], np.ndarray]) -> Callable[[Measured], Iterable[float]]:
    return lambda measured: (float(faulty(measured.samples).mean()),)


def _subsets(count: int) -> dict[str, Any]:
    return {"subsets": 100, "subset_size": min(1000, count)}


VIDEO_METRICS = {**_OWN, **{name: METRICS[name] for group in OF_FEATURES for name in MEASURES[group].names}}
# By the name of a group, which is that of its metric if it has only one.
VIDEO_MEASURES = {
    "kvd_content": Measure(("kvd_content",), _kernel("content"), _subsets, needs=("parts",)),
    "kvd_motion": Measure(("kvd_motion",), _kernel("motion"), _subsets, needs=("parts",)),
    "fvd_content": Measure(("fvd_content",), _frechet("content"), needs=("parts",)),
    "fvd_motion": Measure(("fvd_motion",), _frechet("motion"), needs=("parts",)),
    "frame_agreement": Measure(("frame_agreement",), _frame_agreement, needs=("parts", "samples")),
    "kept": Measure(("kept",), _kept, needs=("parts", "samples")),
    "jitter": Measure(("jitter",), _jitter, needs=("samples",)),
    "speed_distance": Measure(("speed_distance",), _speed_distance, needs=("samples",)),
    "frozen": Measure(("frozen",), _share(metrics.are_frozen), needs=("samples",)),
    "flicker": Measure(("flicker",), _share(metrics.are_flickering), needs=("samples",)),
    **{group: MEASURES[group] for group in OF_FEATURES},
}
VIDEO_LACKING = {
    **LACKING,
    "parts": "needs an extractor of content and of motion, which {extractor} is not: use clips32",
    "classes": "needs an extractor that predicts classes, which {extractor} does not: use clips32",
}
# Of digits, which most clips do not show.
VIDEO_LEFT_OUT = (*LEFT_OUT, "frame_agreement", "kept", "rarest_class", "is")
