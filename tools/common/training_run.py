"""A training run of the command line, from its flags to the last line it prints: what `train` and `finetune` share."""

from __future__ import annotations

import importlib.util
import shlex
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_gans import distribution, errors, presets
from keras_gans.distribution.place import give_up

from . import expectation, program, run_callbacks, run_setup, training_data
from . import training_flags as options
from .interruption import Interruption, interruptible
from .origin import Origin
from .progress import counted, make_callback
from .run import Run
from .run_setup import Plan

if TYPE_CHECKING:
    from keras_gans import AdversarialModel, Data
    from keras_gans.callbacks import EvaluateSamples, RunFolder, TrainingDoctor
    from keras_gans.data.ordered_batches import OrderedBatches
    from keras_gans.distribution import Place, Workers
    from keras_gans.evaluation import Evaluator

_FORMATS = ("saved_model", "tflite", "onnx")
# The exit status of a run that --stop_on ended.
_FAILED = 3


def main(origin_class: type[Origin], arguments: list[str]) -> int:
    """Train, then export if asked to.

    Args:
        origin_class: The kind of starting point.
        arguments: The program's positional arguments.

    Returns:
        The exit status: 0 when training is complete, 3 if --stop_on ended it, 128 and more after a signal.
    """
    unknown_formats = set(options.EXPORT.value or []) - set(_FORMATS)
    if unknown_formats:
        raise ValueError(errors.no_such("export format", min(unknown_formats), list(_FORMATS)))
    if "onnx" in (options.EXPORT.value or []) and importlib.util.find_spec("tf2onnx") is None:
        raise ValueError("--export=onnx needs tf2onnx, which is not installed: pip install 'keras-gans[onnx]'.")
    plan = run_setup.make_plan(origin_class, arguments)
    training_data.check(plan.run)
    how = (options.DISTRIBUTE.value, options.DEVICES.value, options.WORKERS.value, options.WORKER.value)
    _announce_worker(distribution.check(*how))
    keras = program.import_keras()
    with distribution.distribute(*how) as place:
        status = _train(plan, place)
        if status and place.workers > 1:
            give_up()
    if not status and place.chief and options.EXPORT.value:
        # Loaded again, as a float32 model on one device.
        keras.config.set_dtype_policy("float32")
        _export(presets.find_preset(plan.folder))
    if place.workers > 1:
        print(f"Worker {place.worker} of {place.workers} has finished.")
    return status


def _train(plan: Plan, place: Place) -> int:
    """Train, alone or together with other workers; return the exit status."""
    import keras

    # The run folder is not touched until data and model are known to be valid, and all workers to train the same.
    origin, folder, run = plan.origin, plan.folder, plan.run
    keras.utils.set_random_seed(run.seed)
    keras.config.set_dtype_policy(run.precision)
    program.show_status(f"Reading {run.dataset} ...")
    data, model = origin.load(run)
    changes: dict[str, Any] = {"augment": run.augment.split(",")} if run.augment else {}
    if options.STEPS_PER_EXECUTION.value > 1:
        changes["steps_per_execution"] = options.STEPS_PER_EXECUTION.value
    if run.privacy is not None:
        changes |= options.compile_privately(run.privacy)
        _check_private(run)
    if changes:
        model.compile_with(**changes)
    learned, _ = model.arrange_data(data, None)
    batches = learned.batches(run.batch_size, run.seed, conditions=tuple(model.data_conditions))
    _check_batches(model, batches, run.epochs)
    errors.check_shares(run.batch_size, place.replicas)
    # Of what is measured with real samples, nothing is private.
    metrics = "none" if run.privacy is not None else run.metrics
    evaluator = run_callbacks.make_evaluator(data, metrics, run.evaluate_num, run.extractor, model)
    held_out = training_data.held_out(data, run, model) if run.privacy is None else None
    model.take_examples(data)
    run_folder = run_setup.make_run_folder(plan, data, place)
    doctor = None
    if run.privacy is None:
        doctor = run_callbacks.make_doctor(data, evaluator, run_folder, options.STOP_ON.value or [])
    position = run_setup.find_position(run_folder) if plan.resuming else (0, 0)
    distribution.agree({**run_folder.config, "epochs": run.epochs, "position": position, "number of samples": len(data)})
    program.show_status("")
    if position[0] >= run.epochs:
        if place.chief:
            print(f"{folder} has been trained for {position[0]} epochs already: give more with --epochs.")
        return 0
    if place.chief:
        _announce(origin.name, model, data, len(batches))
        for note in [*origin.notes, *data.notes]:
            print(note, flush=True)
        _announce_devices(plan, place)
    resume = shlex.join(["keras-gans", origin.verb, "--resume", f"--run_dir={folder}", *options.elsewhere()])

    hint = expectation.make_hint(model, run.precision, new=origin.verb == "train" and not plan.resuming)
    if place.chief and place.replicas == 1 and run.privacy is None:
        left = (run.epochs - position[0]) * len(batches) - position[1]
        if _announce_duration(model, run.batch_size, left, hint):
            hint = ""

    def kept() -> str:
        if not (folder / presets.CONFIG).is_file():
            return "Nothing had been trained yet."
        return f"{folder} keeps the last checkpoint. To resume: {resume}"

    with interruptible(run_folder.interrupt, kept) as interruption:
        if place.chief:
            run_folder.lock.acquire()
            if not plan.resuming:
                run_setup.empty(folder)
        skipped = _log_skipped(data, folder) if place.chief else 0
        evaluation = _fit(model, batches, run_folder, position, place, evaluator, doctor, held_out, interruption, hint)
    if place.chief and len(data.skipped) > skipped:
        _log_skipped(data, folder)
    if run_folder.interrupted:
        where = (
            f"{folder} keeps the current weights. To resume from {_words(run_folder.position)}" if place.chief else "To resume"
        )
        print(f"\nStopped. {where}: {resume}")
        return interruption.status or 130
    if place.chief:
        if evaluation is not None and evaluation.best is not None:
            print(run_callbacks.describe_best(evaluation.best))
        print(f"Wrote {folder}: {_where_samples_are(model, folder)}")
    if doctor is not None and doctor.stopped_by:
        print(f"Stopped by --stop_on={doctor.stopped_by} before the last epoch.")
        return _FAILED
    return 0


def _check_private(run: Run) -> None:
    """Raise ValueError if a private run is to publish what real samples show."""
    given = {
        "metrics": run.metrics not in (None, "none"),
        "stop_on": bool(options.STOP_ON.value),
        "extractor": bool(run.extractor),
    }
    for name, is_given in given.items():
        if is_given:
            raise ValueError(
                f"--{name} compares samples with the training data, and what it finds is not private: leave it out of a run "
                "with --privacy, and measure the trained model with data that may be published."
            )


def _where_samples_are(model: AdversarialModel, folder: Path) -> str:
    """Return in words where to find samples of a finished run."""
    more = f"generate more with keras-gans generate {folder}"
    if model.latent_shape is None and model.conditions:
        more = f"use it with keras-gans apply {folder} PICTURES --output=FOLDER"
        if "mels" in model.conditions:
            more = f"use it with keras-gans vocode {folder} in.wav --output=out.wav"
    written = [folder / name for name in model.medium.preset_files(model) if (folder / name).is_file()]
    if not written:
        return more.replace("more", "samples", 1)
    return f"look at {' and '.join(map(str, written))}, or {more}"


def _check_batches(model: AdversarialModel, batches: OrderedBatches, epochs: int) -> None:
    """Raise ValueError where the model would warn about the data: nothing has been trained yet, and flags can be changed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            model.check_batches(batches, epochs)
    except UserWarning as warning:
        raise ValueError(str(warning)) from warning


def _announce_worker(workers: Workers) -> None:
    if workers.count is None:
        print("This worker waits for the others, which the launcher knows.", flush=True)
    elif workers.count > 1:
        others = f": {', '.join(workers.others)}" if workers.others else ""
        print(f"Worker {workers.worker} of {workers.count} waits for the others to start{others}", flush=True)


def _announce_devices(plan: Plan, place: Place) -> None:
    if place.replicas > 1:
        print(f"{place.replicas} devices, {plan.run.batch_size // place.replicas} samples of each batch per device", flush=True)
    before = plan.run.replicas
    if plan.resuming and before != place.replicas:
        print(f"This run was trained on {before} devices before: its weights will be equal up to rounding, not bit for bit.")


def _words(position: tuple[int, int] | None) -> str:
    if position is None:
        return "the beginning"
    epochs, steps = position
    return f"step {steps} of epoch {epochs + 1}" if steps else f"the end of epoch {epochs}"


def _log_skipped(data: Data, folder: Path) -> int:
    """List unreadable samples in the run's logs, now and when training finds more; return their number so far."""
    log = folder / "logs" / "skipped.txt"
    data.skipped.log_to(log)
    if data.skipped:
        print(f"{data.skipped.counted()} could not be read and are skipped: see {log}", flush=True)
    return len(data.skipped)


def _fit(
    model: AdversarialModel,
    batches: OrderedBatches,
    run_folder: RunFolder,
    position: tuple[int, int],
    place: Place,
    evaluator: Evaluator | None,
    doctor: TrainingDoctor | None,
    held_out: tuple[Any, ...] | None,
    interruption: Interruption,
    hint: str,
) -> EvaluateSamples | None:
    import keras

    from keras_gans.callbacks import StopOnNaN

    class NoteFirstStep(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            interruption.begun = True

    epochs = run_folder.metadata.training.epochs or 1
    evaluation = (
        run_callbacks.make_evaluation(evaluator, run_folder, len(batches), model.default_metrics) if place.chief else None
    )
    # The run folder precedes the logs, from which it removes epochs that are repeated; metrics precede both.
    callbacks = [StopOnNaN(), evaluation, doctor, run_folder, NoteFirstStep()]
    progress = None
    if place.chief:
        progress = make_callback(position, epochs, len(batches), evaluation, hint)
        callbacks += [progress, *run_callbacks.make_logs(model, run_folder)]
    try:
        chosen = [callback for callback in callbacks if callback is not None]
        model.fit(batches, epochs=epochs, verbose=0, callbacks=chosen, validation_data=held_out)
    except FloatingPointError as error:
        saved = run_folder.saved_epochs
        kept = f"the weights after epoch {saved}" if saved else "the initial weights"
        raise FloatingPointError(f"{error} Training stopped; {run_folder.folder} keeps {kept}.") from error
    finally:
        if progress is not None:
            progress.end()
    return evaluation


def _announce_duration(model: AdversarialModel, batch_size: int, steps: int, hint: str) -> bool:
    """Print the time that a run of this many steps is expected to take, if it is long; return whether the hint was printed."""
    program.show_status("Timing the networks ...")
    lines = expectation.describe(expectation.expected_seconds(model, batch_size), steps, hint)
    program.show_status("")
    for line in lines:
        print(line, flush=True)
    return hint in lines


def _export(preset: presets.Preset) -> None:
    from keras_gans import export

    model, names, formats = preset.load(), preset.metadata.classes, options.EXPORT.value or []
    if "saved_model" in formats:
        name = program.served_name(preset)
        program.report_export(*export.publish(model, preset.folder / "saved_model", name, class_names=names))
    if "tflite" in formats:
        program.report_export(*export.tflite(model, preset.folder / "model.tflite", overwrite=True, class_names=names))
    if "onnx" in formats:
        program.report_export(*export.onnx(model, preset.folder / "model.onnx", overwrite=True))


def _announce(name: str, model: AdversarialModel, data: Data, steps: int) -> None:
    import keras

    from keras_gans import backend

    parameters = model.generator.count_params() + model.discriminator.count_params()
    shape = "x".join(map(str, data.shape))
    devices = ", ".join(dict.fromkeys(backend.accelerators())) or "CPU (no GPU found)"
    print(
        f"{name}: {parameters:,} parameters; {data.name}: {counted(len(data), 'sample')} of {shape}; "
        f"{counted(steps, 'step')} per epoch, on {keras.config.backend()}, {devices}",
        flush=True,
    )
