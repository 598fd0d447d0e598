"""What a training run records of itself: logs, sample pictures, metrics and the best model."""

import math

# A measurement of 2,048 samples takes as long as some ten training steps of a small model.
_STEPS_BETWEEN_MEASUREMENTS = 1000
_SAMPLES = 2048
_STEPS_BETWEEN_CHECKS = 500
_OF_THE_RUN_ONLY = ("epochs_done", "seconds", "settings")


def make_evaluator(data, training):
    """Returns what measures samples, an `Evaluator`; None where nothing is to be measured.

    Args:
        data: What the run trains on.
        training: Its recorded arguments, of which `metrics`, `extractor` and `evaluate_num` count.

    Raises:
        ValueError: If a metric or an extractor is unknown or does not fit the data.
    """
    from keras_gans.data.service import ServedRecords
    from keras_gans.evaluation import Evaluator

    metrics = training.get("metrics")
    if data.tokenizer is not None:
        if metrics not in (None, "none"):
            raise ValueError(
                f"--metrics={metrics} are those of images; text is measured by its held-out part (val_nll in the logs)."
            )
        return None
    if metrics == "none" or (metrics is None and isinstance(data.samples, ServedRecords)):
        return None
    return Evaluator(data, (metrics or "fid").split(","), training.get("evaluate_num") or _SAMPLES, training.get("extractor"))


def make_evaluation(evaluator, run, steps):
    """Returns the callback that measures, and keeps the best model in the folder `best` of the run's; None for no evaluator.

    Args:
        evaluator: An `Evaluator`, or None.
        run: The `RunFolder`.
        steps: Training steps of an epoch.
    """
    from keras_gans.callbacks import BestPreset, EvaluateSamples

    if evaluator is None:
        return None
    every = run.facts["training"].get("evaluate_every") or math.ceil(_STEPS_BETWEEN_MEASUREMENTS / steps)
    best = BestPreset(run.folder / "best", evaluator.metrics[0], lambda: _facts_of_the_best(run))
    logs = run.folder / "logs"
    return EvaluateSamples(evaluator, every, best=best, log=logs / "evaluation.jsonl", tensorboard=logs / "evaluation")


def _facts_of_the_best(run):
    """Returns what the run says of itself, without what tells how far it is and that it can go on."""
    training = {name: value for name, value in run.facts["training"].items() if name not in _OF_THE_RUN_ONLY}
    return {**run.facts, "training": training}


def make_doctor(evaluator, run, stop):
    """Returns the callback that watches for the classic failures of training.

    Args:
        evaluator: An `Evaluator` whose extractor counts classes, or None.
        run: The `RunFolder`.
        stop: The failures that end training.
    """
    from keras_gans.callbacks import TrainingDoctor

    logs = run.folder / "logs"
    extractor = None if evaluator is None else evaluator.extractor
    classify = (lambda images: extractor(images).probabilities) if extractor is not None and extractor.classes else None
    written = {"log": logs / "doctor.jsonl", "tensorboard": logs / "doctor"} if run.writes else {}
    return TrainingDoctor(every=_STEPS_BETWEEN_CHECKS, classify=classify, stop=stop, **written)


def make_logs(model, run):
    """Returns the callbacks that write logs and sample pictures."""
    import keras

    from keras_gans.callbacks import JSONLog, SampleGrid

    logs = run.folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    callbacks = [JSONLog(logs / "train.jsonl", append=True), keras.callbacks.CSVLogger(logs / "train.csv", append=True)]
    if model.drawable:
        every = max(1, run.facts["training"]["epochs"] // 100)
        callbacks.append(SampleGrid(run.folder / "samples", every=every, tensorboard=logs))
    return callbacks


def describe_best(evaluation):
    """Returns in a sentence which model was best."""
    best = evaluation.best
    return f"Best {best.monitor}: {best.value:.4g}, in epoch {best.epoch}; that model is kept in {best.folder}."
