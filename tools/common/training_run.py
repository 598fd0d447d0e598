"""A training run of the command line, from its flags to the last line it prints: what `train` and `finetune` share."""

import contextlib
import importlib.util
import shlex
import signal
import warnings

from keras_gans import distribution, errors, presets

from . import program, run_callbacks, run_setup, training_data
from . import training_flags as options
from .origin import Origin
from .progress import make_callback

_FORMATS = ("saved_model", "tflite", "onnx")


def main(origin_class: type[Origin], arguments: list[str]) -> None:
    """Trains, then exports where asked."""
    unknown_formats = set(options.EXPORT.value) - set(_FORMATS)
    if unknown_formats:
        raise ValueError(errors.no_such("export format", min(unknown_formats), list(_FORMATS)))
    if "onnx" in options.EXPORT.value and importlib.util.find_spec("tf2onnx") is None:
        raise ValueError("--export=onnx needs tf2onnx, which is not installed: pip install 'keras-gans[onnx]'.")
    plan = run_setup.make_plan(origin_class, arguments)
    how = (options.DISTRIBUTE.value, options.DEVICES.value, options.WORKERS.value, options.WORKER.value)
    _announce_worker(*distribution.check(*how))
    keras = program.import_keras()
    with distribution.distribute(*how) as place:
        finished = _train(plan, place)
    if finished and place.chief and options.EXPORT.value:
        # Read anew, as a float32 model of one device.
        keras.config.set_dtype_policy("float32")
        _export(presets.find_preset(plan.folder))
    if place.workers > 1:
        print(f"Worker {place.worker} of {place.workers} has ended.")


def _train(plan, place):
    """Trains, here or together with other workers; returns whether to the end."""
    import keras

    # The run folder is not touched before data and model are known to be good, and all workers to train the same.
    origin, folder, run = plan.origin, plan.folder, plan.run
    keras.utils.set_random_seed(run.seed)
    keras.config.set_dtype_policy(run.precision)
    data, model = origin.load(run)
    if run.augment:
        model.compile_with(augment=run.augment.split(","))
    batches = data.batches(run.batch_size, run.seed, conditions=tuple(model.conditions))
    _check_batches(model, batches, run.epochs)
    errors.check_shares(run.batch_size, place.replicas)
    evaluator = run_callbacks.make_evaluator(data, run.metrics, run.evaluate_num, run.extractor)
    held_out = training_data.held_out(data, run, model)
    run_folder = run_setup.make_run_folder(plan, data, place)
    doctor = run_callbacks.make_doctor(data, evaluator, run_folder, options.STOP_ON.value)
    position = run_setup.find_position(run_folder) if plan.resuming else (0, 0)
    distribution.agree({**run_folder.config, "epochs": run.epochs, "position": position, "number of samples": len(data)})
    if position[0] >= run.epochs:
        if place.chief:
            print(f"{folder} has been trained for {position[0]} epochs already: give more with --epochs.")
        return True
    if place.chief:
        _announce(origin.name, model, data, len(batches), keras.config.backend())
        for note in [*origin.notes, *data.notes]:
            print(note, flush=True)
        _announce_devices(plan, place)
    with _interruptible(run_folder):
        if place.chief:
            run_folder.lock.acquire()
            if not plan.resuming:
                run_setup.empty(folder)
        skipped = _log_skipped(data, folder) if place.chief else 0
        evaluation = _fit(model, batches, run_folder, position, place, evaluator, doctor, held_out)
    if place.chief and len(data.skipped) > skipped:
        _log_skipped(data, folder)
    if run_folder.interrupted:
        kept = f"The weights of this moment are in {folder}. To go on from {_words(run_folder.position)}"
        kept = kept if place.chief else "To go on"
        resume = shlex.join(["keras-gans", origin.verb, "--resume", f"--run_dir={folder}", *options.elsewhere()])
        print(f"\nStopped. {kept}: {resume}")
        return False
    if place.chief:
        if evaluation is not None:
            print(run_callbacks.describe_best(evaluation))
        print(f"Wrote {folder}: {_where_samples_are(model, folder)}")
    return True


def _where_samples_are(model, folder):
    """Returns in words where samples of a finished run are to be seen."""
    written = [folder / name for name in model.medium.preset_files(model) if (folder / name).is_file()]
    if not written:
        return f"draw samples with keras-gans generate {folder}"
    return f"look at {' and '.join(map(str, written))}, or draw more with keras-gans generate {folder}"


def _check_batches(model, batches, epochs):
    """Raises ValueError for data that the model warns of: here nothing has been trained yet, and all can be mended."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            model.check_batches(batches, epochs)
    except UserWarning as warning:
        raise ValueError(str(warning)) from warning


def _announce_worker(worker, addresses):
    if addresses:
        others = [address for number, address in enumerate(addresses) if number != worker]
        print(f"Worker {worker} of {len(addresses)} waits until these have begun, too: {', '.join(others)}", flush=True)


def _announce_devices(plan, place):
    if place.replicas > 1:
        print(f"{place.replicas} devices, each with {plan.run.batch_size // place.replicas} samples of a batch", flush=True)
    before = plan.run.replicas
    if plan.resuming and before != place.replicas:
        print(f"This run has been trained on {before} devices before: its weights are equal to rounding, not bit for bit.")


def _words(position):
    if position is None:
        return "the beginning"
    epochs, steps = position
    return f"step {steps} of epoch {epochs + 1}" if steps else f"the end of epoch {epochs}"


def _log_skipped(data, folder):
    """Lists what cannot be read in the run's logs, now and while it is met in training; returns the number so far."""
    log = folder / "logs" / "skipped.txt"
    data.skipped.log_to(log)
    if data.skipped:
        print(f"{data.skipped.counted()} could not be read and skipped: see {log}", flush=True)
    return len(data.skipped)


@contextlib.contextmanager
def _interruptible(run_folder):
    """Lets Ctrl-C, and the signal that batch systems send before they kill, end training after the current step."""
    signals = (signal.SIGINT, signal.SIGTERM)
    old_handlers = [signal.signal(number, lambda *_: run_folder.interrupt()) for number in signals]
    try:
        yield
    finally:
        for number, handler in zip(signals, old_handlers, strict=True):
            signal.signal(number, handler)


def _fit(model, batches, run_folder, position, place, evaluator, doctor, held_out):
    from keras_gans.callbacks import StopOnNaN

    epochs = run_folder.metadata.training.epochs
    evaluation = run_callbacks.make_evaluation(evaluator, run_folder, len(batches)) if place.chief else None
    # The run comes before the logs, of which it removes what comes again; what is measured comes before both.
    callbacks = [StopOnNaN(), evaluation, doctor, run_folder]
    if place.chief:
        callbacks.append(make_callback(position, epochs, len(batches), batches.batch_size))
        callbacks += run_callbacks.make_logs(model, run_folder)
    try:
        chosen = [callback for callback in callbacks if callback is not None]
        model.fit(batches, epochs=epochs, verbose=0, callbacks=chosen, validation_data=held_out)
    except FloatingPointError as error:
        saved = run_folder.saved_epochs
        kept = f"the weights after epoch {saved}" if saved else "the initial weights"
        raise FloatingPointError(f"{error} Training stopped; {run_folder.folder} keeps {kept}.") from error
    return evaluation


def _export(preset):
    from keras_gans import export

    model, names = preset.load(), preset.metadata.classes
    if "saved_model" in options.EXPORT.value:
        name = program.served_name(preset)
        program.report_export(*export.publish(model, preset.folder / "saved_model", name, class_names=names))
    if "tflite" in options.EXPORT.value:
        program.report_export(*export.tflite(model, preset.folder / "model.tflite", overwrite=True, class_names=names))
    if "onnx" in options.EXPORT.value:
        program.report_export(*export.onnx(model, preset.folder / "model.onnx", overwrite=True))


def _announce(name, model, data, steps, backend):
    parameters = model.generator.count_params() + model.discriminator.count_params()
    shape = "x".join(map(str, data.shape))
    print(
        f"{name}: {parameters:,} parameters; {data.name}: {len(data):,} samples of {shape}; "
        f"{steps} steps an epoch, on {backend}",
        flush=True,
    )
