"""The metrics of sounds: what each needs, which way is better, how it is computed from `keras_gans.metrics`."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from keras_gans import metrics
from keras_gans.audio.words import digit_of
from keras_gans.evaluation.measures import LACKING, LEFT_OUT, MEASURES, METRICS, OF_FEATURES, Measured
from keras_gans.evaluation.metric_choice import Measure, Metric, by_name
from keras_gans.media.pictures import to_uint8
from keras_gans.media.spectrograms import class_spectrograms

_OWN = by_name(
    Metric("silent", "Share of silent sounds (below -40 dB)", None, ""),
    Metric("clipped", "Share of clipped sounds (0.1 % of values at full scale)", None, ""),
    Metric("hum", "Share of sounds with more than half of the energy at one lasting frequency", None, ""),
    Metric("mcd", "Mel-cepstral distortion against targets (dB)", False, "Kubichek 1993"),
    Metric("mr_stft", "Multi-resolution STFT distance to targets", False, "Yamamoto et al. 2020"),
    Metric("pesq", "PESQ against targets", True, "ITU-T P.862"),
    Metric("stoi", "STOI against targets", True, "Taal et al. 2011"),
    Metric("rtf", "Real-time factor: seconds of computing for a second of sound, on this machine", False, ""),
)


def _share(faulty: Callable[[np.ndarray], np.ndarray]) -> Callable[[Measured], Iterable[float]]:
    """Return the measure of the share of sounds with a fault."""
    return lambda measured: (float(faulty(measured.samples).mean()),)


def _hum(measured: Measured) -> Iterable[float]:
    return (float((metrics.hum_shares(measured.samples) > metrics.HUM_SHARE).mean()),)


def _against_targets(metric: Callable[[np.ndarray, np.ndarray, int], np.ndarray | float | None]) -> Callable[..., Iterable]:
    """Return the measure of a metric of pairs, which is None for real samples: they are their own targets."""

    def compute(measured: Measured) -> Iterable[float | None]:
        if measured.is_real_row:
            return (None,)
        targets = measured.evaluator.real_samples[: len(measured.samples)]
        found = metric(targets, measured.samples, measured.evaluator.medium.source_options()["sample_rate"])
        return (None if found is None else float(np.mean(found)),)

    return compute


def _class_accuracy(measured: Measured) -> Iterable[float | None]:
    evaluator = measured.evaluator
    sounds, labels = measured.samples, measured.labels
    if measured.is_real_row:
        sounds, labels = evaluator.real_samples, evaluator.real_labels
    tested = evaluator.held_out_labels
    if labels is None or tested is None:
        return (None,)
    rate = evaluator.medium.source_options()["sample_rate"]
    known, others = (_pictures(each, rate) for each in (sounds, evaluator.held_out_samples))
    return (metrics.class_accuracy_score(known, labels, others, tested).accuracy,)


def _pictures(sounds: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return spectrograms of sounds as grey images, from which a classifier learns."""
    return to_uint8(2 * class_spectrograms(sounds, sample_rate)[..., None] - 1)


def _label_agreement(measured: Measured) -> Iterable[float | None]:
    """Return the share of sounds that the extractor takes for the digit asked for; None if the classes are not digits."""
    labels, names = measured.labels, measured.evaluator.data.class_names
    if labels is None:
        return (None,)
    digits = [digit_of(str(name)) for name in names] if names else list(range(labels.max() + 1))
    found = measured.fake.predictions
    if None in digits or len(digits) > found.shape[1]:
        return (None,)
    return (float(np.mean(found.argmax(axis=1) == np.array(digits)[labels])),)


AUDIO_METRICS = {
    **{name: METRICS[name] for group in OF_FEATURES for name in MEASURES[group].names},
    "class_accuracy": METRICS["class_accuracy"],
    **_OWN,
}
# By the name of a group, which is that of its metric if it has only one.
AUDIO_MEASURES = {
    **{group: MEASURES[group] for group in OF_FEATURES},
    "label_agreement": Measure(("label_agreement",), _label_agreement, needs=MEASURES["label_agreement"].needs),
    "class_accuracy": Measure(("class_accuracy",), _class_accuracy, needs=("samples", "held_out_labels")),
    "silent": Measure(("silent",), _share(metrics.are_silent), needs=("samples",)),
    "clipped": Measure(("clipped",), _share(metrics.are_clipped), needs=("samples",)),
    "hum": Measure(("hum",), _hum, needs=("samples",)),
    "mcd": Measure(("mcd",), _against_targets(metrics.mel_cepstral_distortion), needs=("pairs",)),
    "mr_stft": Measure(("mr_stft",), _against_targets(metrics.multi_resolution_stft_distance), needs=("pairs",)),
    "pesq": Measure(("pesq",), _against_targets(metrics.pesq), needs=("pairs",)),
    "stoi": Measure(("stoi",), _against_targets(metrics.stoi), needs=("pairs",)),
    "rtf": Measure(("rtf",), None),
}

AUDIO_LACKING = {
    **LACKING,
    "pairs": "compares what a vocoder makes of the spectrograms of recordings with these, and {data} holds no spectrograms",
    "classes": "needs an extractor that predicts classes, which {extractor} does not: use speech8k",
}
# PESQ and STOI need packages of an extra, the real-time factor a quiet machine.
AUDIO_LEFT_OUT = (*LEFT_OUT, "pesq", "stoi", "rtf")
