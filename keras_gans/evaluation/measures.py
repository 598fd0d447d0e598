"""The metrics of continuous samples: what each needs, which way is better, how it is computed from `keras_gans.metrics`."""

import dataclasses

import numpy as np

from keras_gans import metrics
from keras_gans.evaluation.metric_choice import Measure, Metric, by_name

METRICS = by_name(
    Metric("fid", "Fréchet distance", False, "Heusel et al. 2017"),
    Metric("kid", "Kernel distance", False, "Bińkowski et al. 2018"),
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
)


@dataclasses.dataclass
class Measured:
    """What the measures of one set of samples work on; what several of them need is computed once.

    Attributes:
        evaluator: The `Evaluator`.
        real: Features of the real samples.
        fake: Features of the samples measured.
        samples: These samples themselves, as files hold them, if a measure needs them.
        labels: Their classes, or None.
        held_out: Features of other real samples, or None.
    """

    evaluator: object
    real: object
    fake: object
    samples: np.ndarray | None
    labels: np.ndarray | None
    held_out: object | None

    @property
    def count(self) -> int:
        """How many samples there are, or real ones if these are fewer."""
        return min(len(self.fake), len(self.real))


def _fid(measured):
    return (metrics.frechet_distance(measured.real.values, measured.fake.values),)


def _kid(measured, subsets, subset_size):
    return metrics.kernel_distance(measured.real.values, measured.fake.values, subsets, subset_size)[:1]


def _inception_score(measured, splits):
    return metrics.inception_score(measured.fake.probabilities, splits=splits)[:1]


def _precision_recall(measured, k):
    found = metrics.precision_recall(measured.real.values, measured.fake.values, k)
    return found.precision, found.recall


def _density_coverage(measured, k):
    found = metrics.density_coverage(measured.real.values, measured.fake.values, k)
    return found.density, found.coverage


def _swd(measured):
    real = measured.evaluator.real_samples
    count = min(len(real), len(measured.samples))
    return (metrics.sliced_wasserstein_distance(real[:count], measured.samples[:count]).average,)


def _ms_ssim(measured, pairs):
    return (metrics.ms_ssim(measured.samples, pairs=pairs),)


def _memorisation(measured):
    if measured.held_out is None:  # the held-out samples themselves are being measured
        return (None,)
    return (metrics.memorisation(measured.fake.values, measured.real.values, measured.held_out.values).nearer_to_train,)


def _authenticity(measured):
    return (metrics.authenticity(measured.real.values, measured.fake.values),)


def _class_accuracy(measured):
    evaluator = measured.evaluator
    # Of the real row, this is the accuracy of a classifier trained on the real samples.
    is_real_row = measured.held_out is None
    images, labels = (evaluator.real_samples, evaluator.real_labels) if is_real_row else (measured.samples, measured.labels)
    if labels is None:
        return (None,)
    return (metrics.class_accuracy_score(images, labels, evaluator.held_out_samples, evaluator.held_out_labels).accuracy,)


def _label_agreement(measured):
    if measured.labels is None:
        return (None,)
    probabilities = measured.fake.probabilities
    if measured.labels.max() >= probabilities.shape[1]:
        return (None,)  # the extractor's classes are others
    return (np.mean(probabilities.argmax(axis=1) == measured.labels),)


def _rarest_class(measured):
    probabilities = measured.fake.probabilities
    return (np.bincount(probabilities.argmax(axis=1), minlength=probabilities.shape[1]).min() / len(probabilities),)


# By the name of a group, which is that of the metric where there is one.
MEASURES = {
    "fid": Measure(("fid",), _fid),
    # 100 subsets of 1,000 is torch-fidelity's choice; fewer samples make smaller subsets.
    "kid": Measure(("kid",), _kid, lambda count: {"subsets": 100, "subset_size": min(1000, count)}),
    "is": Measure(("is",), _inception_score, lambda count: {"splits": 10 if count >= 1000 else 1}, ("classes",)),
    "precision_recall": Measure(("precision", "recall"), _precision_recall, lambda count: {"k": 3}, prefix="precision"),
    "density_coverage": Measure(("density", "coverage"), _density_coverage, lambda count: {"k": 5}, prefix="density"),
    "swd": Measure(("swd",), _swd, needs=("images",)),
    "ms_ssim": Measure(("ms_ssim",), _ms_ssim, lambda count: {"pairs": min(10_000, count)}, ("images",)),
    "memorisation": Measure(("memorisation",), _memorisation, needs=("another_split",)),
    "authenticity": Measure(("authenticity",), _authenticity),
    "class_accuracy": Measure(("class_accuracy",), _class_accuracy, needs=("images", "held_out_labels")),
    "rarest_class": Measure(("rarest_class",), _rarest_class, needs=("classes",)),
    "label_agreement": Measure(("label_agreement",), _label_agreement, needs=("classes",)),
}

# What is said of a metric where something that it needs is missing.
LACKING = {
    "samples": "needs samples",
    "images": "measures images, and {data} holds none",
    "classes": "needs an extractor that tells classes apart, which {extractor} does not: use digits28, color32 or inception_v3",
    "another_split": "needs held-out real samples of another split: half of the data may have been trained on, too",
    "held_out_labels": "needs held-out real samples with labels",
}

# "all" is without these, which are about samples with labels.
LEFT_OUT = ("class_accuracy", "label_agreement")
