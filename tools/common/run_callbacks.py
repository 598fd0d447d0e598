"""The callbacks of a training run: logs, sample pictures, metrics, the best model and the doctor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keras_gans import AdversarialModel, Data
    from keras_gans.callbacks import BestPreset, EvaluateSamples, RunFolder, TrainingDoctor
    from keras_gans.evaluation import Evaluator

# Measuring 2,048 samples takes about as long as ten training steps of a small model.
_STEPS_BETWEEN_MEASUREMENTS = 1000
_SAMPLES = 2048
_STEPS_BETWEEN_CHECKS = 500
_OF_THE_RUN_ONLY = ("epochs_done", "seconds", "settings")


def make_evaluator(
    data: Data,
    metrics: str | None = None,
    num: int | None = None,
    extractor: str | None = None,
    model: AdversarialModel | None = None,
) -> Evaluator | None:
    """Return the evaluator that measures samples while training; None if nothing is measured.

    Args:
        data: The training data.
        metrics: Names of metrics, separated by commas; "none" for none. If None, the model's default ones, if samples of this
            kind have any.
        num: Number of samples to measure; 2,048 if None.
        extractor: Name of a feature extractor, or None for the default.
        model: The model, which must not be measured by what it was trained against; None for any.

    Raises:
        ValueError: If a metric or an extractor is unknown or does not fit the data.
    """
    from keras_gans.evaluation import default_extractor, evaluator_for

    if metrics == "none":
        return None
    if not data.medium.continuous:
        if metrics is None:
            return None
        raise ValueError(
            f"--metrics={metrics}: {data.medium.name} is not measured while training. Leave it out; see the logs of "
            "held-out data, such as val_nll."
        )
    if metrics is None and (data.source.training_only or (model is not None and not model.default_metrics)):
        return None
    if extractor is None and model is not None and model.trained_against:
        extractor = default_extractor(data.shape, model.trained_against)
    evaluator_class: Any = evaluator_for(data.medium)  # each medium's has arguments of its own
    default = ("fid",) if model is None else model.default_metrics
    return evaluator_class(data, metrics.split(",") if metrics else default, num or _SAMPLES, extractor)


def make_evaluation(
    evaluator: Evaluator | None, run: RunFolder, steps: int, default: Sequence[str] = ()
) -> EvaluateSamples | None:
    """Return the callback that measures samples and keeps the best model in the subfolder `best`; None without an evaluator.

    Args:
        evaluator: The evaluator, or None.
        run: The run folder.
        steps: Training steps per epoch.
        default: Names of metrics. The first one decides which model is best, if it is measured; or else the first measured one
            that was asked for.
    """
    from keras_gans.callbacks import BestPreset, EvaluateSamples

    if evaluator is None:
        return None
    every = run.metadata.training.evaluate_every or math.ceil(_STEPS_BETWEEN_MEASUREMENTS / steps)
    asked = (run.metadata.training.metrics or "").split(",")
    monitor = next((name for name in (*default[:1], *asked, *default) if name in evaluator.metrics), evaluator.metrics[0])
    best = BestPreset(run.folder / "best", monitor, lambda: _metadata_of_the_best(run))
    logs = run.folder / "logs"
    return EvaluateSamples(evaluator, every, best=best, log=logs / "evaluation.jsonl", tensorboard=_events(logs / "evaluation"))


def _metadata_of_the_best(run: RunFolder) -> dict[str, Any]:
    """Return the metadata of the run, without its progress and without what lets it be resumed."""
    return run.metadata.update(training=run.metadata.training.without(*_OF_THE_RUN_ONLY)).to_dict()


def make_doctor(data: Data, evaluator: Evaluator | None, run: RunFolder, stop: Sequence[str]) -> TrainingDoctor | None:
    """Return the callback that watches for failures of training; None for samples without distances, such as text.

    Args:
        data: The training data.
        evaluator: The evaluator, whose extractor may count classes, or None.
        run: The run folder.
        stop: The failures that end training.
    """
    from keras_gans.callbacks import TrainingDoctor

    if not data.medium.continuous:
        return None
    logs = run.folder / "logs"
    extractor = None if evaluator is None else evaluator.extractor
    classify: Any = (lambda images: extractor(images).probabilities) if extractor is not None and extractor.classes else None
    log, tensorboard = (logs / "doctor.jsonl", _events(logs / "doctor")) if run.writes else (None, None)
    return TrainingDoctor(every=_STEPS_BETWEEN_CHECKS, classify=classify, stop=stop, log=log, tensorboard=tensorboard)


def make_logs(model: AdversarialModel, run: RunFolder) -> list[Any]:
    """Return the callbacks that write logs and sample pictures."""
    import keras

    from keras_gans.callbacks import JSONLog, SampleGrid

    logs = run.folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    callbacks: list[Any] = [
        JSONLog(logs / "train.jsonl", append=True),
        keras.callbacks.CSVLogger(logs / "train.csv", append=True),
    ]
    if model.drawable:
        every = max(1, (run.metadata.training.epochs or 1) // 100)
        callbacks.append(SampleGrid(run.folder / "samples", every=every, tensorboard=_events(logs)))
    return callbacks


def _events(folder: Path) -> Path | None:
    """Return a folder for TensorBoard's logs; None if TensorBoard is not installed: everything is in other logs, too."""
    from keras_gans.callbacks.tensorboard_events import is_installed

    return folder if is_installed() else None


def describe_best(best: BestPreset) -> str:
    """Return a sentence about the best model."""
    return f"Best {best.monitor}: {best.value:.4g}, in epoch {best.epoch}. That model is kept in {best.folder}."
