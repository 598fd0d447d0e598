"""What a training run records of itself: logs, sample pictures, metrics and the best model."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keras_gans import AdversarialModel, Data
    from keras_gans.callbacks import EvaluateSamples, RunFolder, TrainingDoctor
    from keras_gans.evaluation import Evaluator

# A measurement of 2,048 samples takes as long as some ten training steps of a small model.
_STEPS_BETWEEN_MEASUREMENTS = 1000
_SAMPLES = 2048
_STEPS_BETWEEN_CHECKS = 500
_OF_THE_RUN_ONLY = ("epochs_done", "seconds", "settings")


def make_evaluator(
    data: Data, metrics: str | None = None, num: int | None = None, extractor: str | None = None
) -> Evaluator | None:
    """Returns what measures samples while training; None where nothing is to be measured.

    Args:
        data: What the run trains on.
        metrics: Names of metrics, separated by commas; "none" for none. If None, the FID, of data where it can be had.
        num: Samples to measure.
        extractor: Name of a feature extractor.

    Raises:
        ValueError: If a metric or an extractor is unknown or does not fit the data.
    """
    from keras_gans.evaluation import evaluator_for

    if metrics == "none":
        return None
    if not data.medium.continuous:
        if metrics is None:
            return None
        raise ValueError(
            f"--metrics={metrics}: samples of {data.medium.name} are not measured while training. See what the logs say of the "
            "held-out part, such as val_nll."
        )
    if metrics is None and data.source.training_only:
        return None
    return evaluator_for(data.medium)(data, (metrics or "fid").split(","), num or _SAMPLES, extractor)


def make_evaluation(evaluator: Evaluator | None, run: RunFolder, steps: int) -> EvaluateSamples | None:
    """Returns the callback that measures, and keeps the best model in the folder `best` of the run's; None for no evaluator.

    Args:
        evaluator: An `Evaluator`, or None.
        run: The `RunFolder`.
        steps: Training steps of an epoch.
    """
    from keras_gans.callbacks import BestPreset, EvaluateSamples

    if evaluator is None:
        return None
    every = run.metadata.training.evaluate_every or math.ceil(_STEPS_BETWEEN_MEASUREMENTS / steps)
    best = BestPreset(run.folder / "best", evaluator.metrics[0], lambda: _metadata_of_the_best(run))
    logs = run.folder / "logs"
    return EvaluateSamples(evaluator, every, best=best, log=logs / "evaluation.jsonl", tensorboard=logs / "evaluation")


def _metadata_of_the_best(run):
    """Returns what the run says of itself, without what tells how far it is and that it can go on."""
    return run.metadata.update(training=run.metadata.training.without(*_OF_THE_RUN_ONLY)).to_dict()


def make_doctor(data: Data, evaluator: Evaluator | None, run: RunFolder, stop: list[str]) -> TrainingDoctor | None:
    """Returns the callback that watches for the classic failures of training; None for samples that have no distances.

    Args:
        data: What the run trains on.
        evaluator: An `Evaluator` whose extractor counts classes, or None.
        run: The `RunFolder`.
        stop: The failures that end training.
    """
    from keras_gans.callbacks import TrainingDoctor

    if not data.medium.continuous:
        return None
    logs = run.folder / "logs"
    extractor = None if evaluator is None else evaluator.extractor
    classify = (lambda images: extractor(images).probabilities) if extractor is not None and extractor.classes else None
    written = {"log": logs / "doctor.jsonl", "tensorboard": logs / "doctor"} if run.writes else {}
    return TrainingDoctor(every=_STEPS_BETWEEN_CHECKS, classify=classify, stop=stop, **written)


def make_logs(model: AdversarialModel, run: RunFolder) -> list:
    """Returns the callbacks that write logs and sample pictures."""
    import keras

    from keras_gans.callbacks import JSONLog, SampleGrid

    logs = run.folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    callbacks = [JSONLog(logs / "train.jsonl", append=True), keras.callbacks.CSVLogger(logs / "train.csv", append=True)]
    if model.drawable:
        every = max(1, run.metadata.training.epochs // 100)
        callbacks.append(SampleGrid(run.folder / "samples", every=every, tensorboard=logs))
    return callbacks


def describe_best(evaluation: EvaluateSamples) -> str:
    """Returns in a sentence which model was best."""
    best = evaluation.best
    return f"Best {best.monitor}: {best.value:.4g}, in epoch {best.epoch}; that model is kept in {best.folder}."
