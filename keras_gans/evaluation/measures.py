"""The metrics of numeric samples: what each needs, which way is better, how it is computed from `keras_gans.metrics`."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np

from keras_gans import metrics
from keras_gans.conditions import IMAGES, MASKS
from keras_gans.evaluation.metric_choice import Measure, Metric, by_name
from keras_gans.evaluation.patches import patch_distance, patches_around, patches_of
from keras_gans.media.pictures import reduce_image
from keras_gans.metrics.manifold import DensityCoverage, PrecisionRecall, compare_manifolds

if TYPE_CHECKING:
    from keras_gans.evaluation.evaluator import Evaluator
    from keras_gans.evaluation.extractors import Features

# The k of precision and recall, and of density and coverage.
_PRECISION_K, _DENSITY_K = 3, 5
MOST_NEIGHBOURS = max(_PRECISION_K, _DENSITY_K)

METRICS = by_name(
    Metric("fid", "FID (Fréchet distance)", False, "Heusel et al. 2017"),
    Metric("kid", "KID (kernel distance)", False, "Bińkowski et al. 2018"),
    Metric("is", "Inception score", True, "Salimans et al. 2016"),
    Metric("precision", "Precision", True, "Kynkäänniemi et al. 2019"),
    Metric("recall", "Recall", True, "Kynkäänniemi et al. 2019"),
    Metric("density", "Density", True, "Naeem et al. 2020"),
    Metric("coverage", "Coverage", True, "Naeem et al. 2020"),
    Metric("swd", "Sliced Wasserstein distance x 1000", False, "Karras et al. 2018"),
    Metric("ms_ssim", "Multi-scale SSIM of pairs", None, "Odena et al. 2017"),
    Metric("memorisation", "Share nearer to training than to held-out samples", None, "Platzer and Reutterer 2021"),
    Metric("authenticity", "Authenticity", None, "Alaa et al. 2022"),
    Metric("class_accuracy", "Class accuracy score", True, "Ravuri and Vinyals 2019"),
    Metric("rarest_class", "Share of the rarest class as a classifier sees it", None, "Srivastava et al. 2017, section 4.1"),
    Metric("label_agreement", "Share that a classifier takes for the class asked for", True, "Odena et al. 2017, section 4.1"),
    Metric("accuracy", "Accuracy of the model's classifier on held-out samples", True, "Salimans et al. 2016, section 6"),
    Metric(
        "category_accuracy",
        "The same, if each class is given the category that fits best",
        True,
        "Chen et al. 2016, section 7.2",
    ),
    Metric("psnr", "PSNR against targets (RGB, dB)", True, "mean over images of 10 log10(255^2 / MSE)"),
    Metric("ssim", "SSIM against targets (RGB)", True, "Wang et al. 2004"),
    Metric("haarpsi", "HaarPSI against targets", True, "Reisenhofer et al. 2018"),
    Metric("lr_psnr", "PSNR against inputs, reduced as they were (RGB, dB)", True, "Lugmayr et al. 2020, NTIRE challenge"),
    Metric("patch_fid", "FID of patches of 32x32 (color32)", False, "Heusel et al. 2017"),
    Metric("hole_l1", "Mean absolute error in the hole, of [0, 1]", False, "mean over images"),
    Metric("hole_psnr", "PSNR in the hole (RGB, dB)", True, "mean over images of 10 log10(1 / MSE)"),
    Metric("hole_fid", "FID of patches of 32x32 around holes (color32)", False, "Heusel et al. 2017"),
)


@dataclasses.dataclass
class Measured:
    """What the measures of one set of samples work on. What several of them need is computed once.

    Attributes:
        evaluator: The `Evaluator`.
        real: Features of the real samples.
        fake: Features of the samples to measure.
        samples: These samples themselves, as files hold them; empty if no measure needs them.
        labels: Their classes, integers of shape `(n,)`, or None.
        held_out: Features of held-out real samples, or None.
        is_real_row: Whether the samples to measure are the held-out ones themselves.
    """

    evaluator: Evaluator
    real: Features
    fake: Features
    samples: np.ndarray
    labels: np.ndarray | None
    held_out: Features | None
    is_real_row: bool = False

    @property
    def count(self) -> int:
        """Number of samples, or of real ones if these are fewer."""
        return min(len(self.fake), len(self.real))

    @functools.cached_property
    def manifolds(self) -> tuple[PrecisionRecall, DensityCoverage]:
        """Precision and recall, and density and coverage; those that were not asked for are NaN."""
        chosen = self.evaluator.chosen
        return compare_manifolds(
            self.real.values,
            self.fake.values,
            _PRECISION_K if "precision_recall" in chosen else 0,
            _DENSITY_K if "density_coverage" in chosen else 0,
            self.evaluator.real_neighbours,
        )


def _fid(measured: Measured) -> Iterable[float]:
    return (metrics.frechet_distance(measured.real.values, measured.fake.values),)


def _kid(measured: Measured, subsets: int, subset_size: int) -> Iterable[float]:
    return metrics.kernel_distance(measured.real.values, measured.fake.values, subsets, subset_size)[:1]


def _inception_score(measured: Measured, splits: int) -> Iterable[float]:
    return metrics.inception_score(measured.fake.predictions, splits=splits)[:1]


def _precision_recall(measured: Measured, k: int) -> Iterable[float]:
    return measured.manifolds[0]


def _density_coverage(measured: Measured, k: int) -> Iterable[float]:
    return measured.manifolds[1]


def _swd(measured: Measured) -> Iterable[float]:
    real = measured.evaluator.real_samples
    count = min(len(real), len(measured.samples))
    return (metrics.sliced_wasserstein_distance(real[:count], measured.samples[:count]).average,)


def _ms_ssim(measured: Measured, pairs: int) -> Iterable[float]:
    return (metrics.ms_ssim(measured.samples, pairs=pairs),)


def _memorisation(measured: Measured) -> Iterable[float | None]:
    if measured.held_out is None or measured.is_real_row:
        return (None,)
    return (metrics.memorisation(measured.fake.values, measured.real.values, measured.held_out.values).nearer_to_train,)


def _authenticity(measured: Measured) -> Iterable[float]:
    radii = np.sqrt(measured.evaluator.real_neighbours[:, 0])
    return (metrics.authenticity(measured.real.values, measured.fake.values, radii),)


def _class_accuracy(measured: Measured) -> Iterable[float | None]:
    evaluator = measured.evaluator
    # In the real row it is the accuracy of a classifier trained on the real samples.
    images, labels = measured.samples, measured.labels
    if measured.is_real_row:
        images, labels = evaluator.real_samples, evaluator.real_labels
    tested = evaluator.held_out_labels
    if labels is None or tested is None:
        return (None,)
    return (metrics.class_accuracy_score(images, labels, evaluator.held_out_samples, tested).accuracy,)


def _label_agreement(measured: Measured) -> Iterable[float | None]:
    if measured.labels is None:
        return (None,)
    probabilities = measured.fake.predictions
    if measured.labels.max() >= probabilities.shape[1]:
        return (None,)  # the extractor has other classes
    return (float(np.mean(probabilities.argmax(axis=1) == measured.labels)),)


def _rarest_class(measured: Measured) -> Iterable[float]:
    probabilities = measured.fake.predictions
    return (np.bincount(probabilities.argmax(axis=1), minlength=probabilities.shape[1]).min() / len(probabilities),)


def _against_targets(metric: Callable[..., np.ndarray]) -> Callable[[Measured], Iterable[float | None]]:
    """Return the measure of a metric of pairs, which is None for real samples: they are their own targets."""

    def compute(measured: Measured) -> Iterable[float | None]:
        if measured.is_real_row:
            return (None,)
        targets = measured.evaluator.real_samples
        return (float(metric(measured.samples, targets[: len(measured.samples)]).mean()),)

    return compute


def _against_inputs(measured: Measured) -> Iterable[float | None]:
    if measured.is_real_row:  # other samples than those of the inputs
        return (None,)
    evaluator = measured.evaluator
    inputs = evaluator.real_condition(IMAGES)
    assert inputs is not None, "the evaluator has checked it"
    scale = evaluator.data.shape[0] // inputs.shape[1]
    reduced = np.stack([reduce_image(image, scale) for image in measured.samples])
    return (float(metrics.psnr(reduced, inputs[: len(reduced)]).mean()),)


def _patch_fid(measured: Measured) -> Iterable[float | None]:
    if measured.is_real_row:
        return (None,)
    real = measured.evaluator.real_samples
    return (patch_distance(*(patches_of(images[: measured.count]) for images in (real, measured.samples))),)


def _hole_fid(measured: Measured) -> Iterable[float | None]:
    if measured.is_real_row:
        return (None,)
    count, evaluator = len(measured.samples), measured.evaluator
    masks = evaluator.real_condition(MASKS)
    assert masks is not None, "the evaluator has checked it"
    return (
        patch_distance(
            *(patches_around(images[:count], masks[:count]) for images in (evaluator.real_samples, measured.samples))
        ),
    )


def _in_holes(metric: Callable[..., np.ndarray]) -> Callable[[Measured], Iterable[float | None]]:
    """Return the measure of a metric of holes that are filled in, which is None for real samples, as they have none."""

    def compute(measured: Measured) -> Iterable[float | None]:
        if measured.is_real_row:
            return (None,)
        count, evaluator = len(measured.samples), measured.evaluator
        masks = evaluator.real_condition(MASKS)
        assert masks is not None, "the evaluator has checked it"
        return (float(metric(measured.samples, evaluator.real_samples[:count], masks[:count]).mean()),)

    return compute


# By the name of a group, which is that of its metric if it has only one.
MEASURES = {
    "fid": Measure(("fid",), _fid),
    # 100 subsets of 1,000 is torch-fidelity's choice; fewer samples make smaller subsets.
    "kid": Measure(("kid",), _kid, lambda count: {"subsets": 100, "subset_size": min(1000, count)}),
    "is": Measure(("is",), _inception_score, lambda count: {"splits": 10 if count >= 1000 else 1}, ("classes",)),
    "precision_recall": Measure(
        ("precision", "recall"), _precision_recall, lambda count: {"k": _PRECISION_K}, prefix="precision"
    ),
    "density_coverage": Measure(("density", "coverage"), _density_coverage, lambda count: {"k": _DENSITY_K}, prefix="density"),
    "swd": Measure(("swd",), _swd, needs=("images",)),
    "ms_ssim": Measure(("ms_ssim",), _ms_ssim, lambda count: {"pairs": min(10_000, count)}, ("images",)),
    "memorisation": Measure(("memorisation",), _memorisation, needs=("another_split",)),
    "authenticity": Measure(("authenticity",), _authenticity),
    "class_accuracy": Measure(("class_accuracy",), _class_accuracy, needs=("images", "held_out_labels")),
    "rarest_class": Measure(("rarest_class",), _rarest_class, needs=("classes",)),
    "label_agreement": Measure(("label_agreement",), _label_agreement, needs=("classes",)),
    # Of the model itself: see `Evaluator`.
    "accuracy": Measure(("accuracy",), None, needs=("another_split", "held_out_labels")),
    "category_accuracy": Measure(("category_accuracy",), None, needs=("another_split", "held_out_labels")),
    "psnr": Measure(("psnr",), _against_targets(metrics.psnr), needs=("pairs",)),
    "ssim": Measure(("ssim",), _against_targets(metrics.ssim), needs=("pairs",)),
    "haarpsi": Measure(("haarpsi",), _against_targets(metrics.haarpsi), needs=("pairs",)),
    "lr_psnr": Measure(("lr_psnr",), _against_inputs, needs=("reduced",)),
    "patch_fid": Measure(("patch_fid",), _patch_fid, needs=("pairs", "patches")),
    "hole_l1": Measure(("hole_l1",), _in_holes(metrics.hole_l1), needs=("masks",)),
    "hole_psnr": Measure(("hole_psnr",), _in_holes(metrics.hole_psnr), needs=("masks",)),
    "hole_fid": Measure(("hole_fid",), _hole_fid, needs=("masks", "patches")),
}

# The end of the error message for a need that is not met: "The metric swd ...".
LACKING = {
    "samples": "needs samples",
    "images": "measures images, and {data} holds none",
    "pairs": "compares what a model makes of images with what it should, and {data} holds no pairs",
    "masks": "measures holes that are filled in, and {data} holds no masks: load it with a mask, such as mask=strokes",
    "reduced": "compares what a model makes of small images with these, and {data} holds no images with smaller copies: "
    "load it with a scale, such as scale=4",
    "patches": "compares patches of 32x32 pixels in colour, and {data} holds smaller or other images",
    "classes": "needs an extractor that predicts classes, which {extractor} does not: use digits28, color32 or inception_v3",
    "another_split": "needs held-out real samples of another split: half of the data may have been trained on, too",
    "held_out_labels": "needs held-out real samples with labels",
}

# Groups that need features alone, and have a meaning for other media, too.
OF_FEATURES = (
    "fid",
    "kid",
    "is",
    "precision_recall",
    "density_coverage",
    "memorisation",
    "authenticity",
    "rarest_class",
    "label_agreement",
)

# Groups that "all" leaves out, because they need samples with labels.
LEFT_OUT = ("class_accuracy", "label_agreement")
