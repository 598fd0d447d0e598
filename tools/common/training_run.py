"""A training run of the command line, from its flags to the last line it prints: what `train` and `finetune` share."""

import contextlib
import importlib.util
import json
import shlex
import shutil
import signal
import warnings
from pathlib import Path

from absl import flags

from keras_gans import distribution, errors, files, presets, registry

from . import program, run_callbacks, text_flags
from . import training_flags as options
from .progress import make_callback

_FORMATS = ("saved_model", "tflite", "onnx")


class Origin:
    """What a run begins from: train.py and finetune.py each have their own.

    Attributes:
        verb: The program, such as `train`.
        done: What it has done to a model, such as `trained`.
        argument: What it calls its argument, such as `MODEL`.
        where: Where a user finds what can be given there.
        own_flags: Flags of this program only that determine a run.
        name: The argument's value.
        entry: The registered model's name.
        facts: What `preset.json` says of the origin, beside what it says of every run.
        identity: What tells this origin from others of its kind; JSON holds it.
        notes: What a user should know, a line each, after `load`.
    """

    verb = done = argument = where = ""
    own_flags: tuple[str, ...] = ()

    def __init__(self, name, entry, identity, facts=None):
        self.name, self.entry, self.identity, self.facts = name, entry, identity, facts or {}
        self.notes = []

    @classmethod
    def begin(cls, name, settings):
        """Returns the origin of a new run.

        Args:
            name: What the user gave.
            settings: Builder arguments that the user gave.

        Raises:
            ValueError: If there is none of that name.
        """
        raise NotImplementedError

    @classmethod
    def go_on(cls, preset):
        """Returns the origin of a run that goes on, from its folder's preset."""
        raise NotImplementedError

    def folder(self):
        """Returns the default of --run_dir."""
        raise NotImplementedError

    def check_folder(self, folder):
        """Raises ValueError if a run may not be kept in a folder, which will be emptied."""

    def load(self, training):
        """Returns data and model, as training begins with them.

        Args:
            training: What is recorded of the run: values of flags by name.

        Raises:
            ValueError: If they do not fit each other.
        """
        raise NotImplementedError


def main(origin_class, arguments):
    """Trains, then exports where asked."""
    unknown_formats = set(options.EXPORT.value) - set(_FORMATS)
    if unknown_formats:
        raise ValueError(errors.no_such("export format", min(unknown_formats), list(_FORMATS)))
    if "onnx" in options.EXPORT.value and importlib.util.find_spec("tf2onnx") is None:
        raise ValueError("--export=onnx needs tf2onnx, which is not installed: pip install 'keras-gans[onnx]'.")
    resuming = options.RESUME.value and not _begins(arguments)
    origin, folder, training = (_resumed if resuming else _new)(origin_class, arguments)
    how = (options.DISTRIBUTE.value, options.DEVICES.value, options.WORKERS.value, options.WORKER.value)
    _announce_worker(*distribution.check(*how))
    keras = program.import_keras()
    with distribution.distribute(*how) as place:
        finished = _train(origin, folder, training, resuming, place)
    if finished and place.chief and options.EXPORT.value:
        # Read anew, as a float32 model of one device.
        keras.config.set_dtype_policy("float32")
        _export(presets.find_preset(folder))
    if place.workers > 1:
        print(f"Worker {place.worker} of {place.workers} has ended.")


def load(training, size=None, text=None):
    """Returns the data that a run's recorded arguments ask for.

    Args:
        training: The recorded arguments.
        size: Height and width, or with the channels, that images are brought to; None for their own.
        text: A `TextOptions`, or None.
    """
    from keras_gans.data import load_data
    from keras_gans.data.skipped import UnreadableWarning

    warnings.simplefilter("ignore", UnreadableWarning)  # _log_skipped says it
    given = {name: training[name] for name in ("crop", "background", "flip") if training.get(name) is not None}
    given |= {"strict": options.STRICT.value, "service": options.DATA_SERVICE.value, "text": text}
    return load_data(training["dataset"], size, training["split"], **given)


def _train(origin, folder, training, resuming, place):
    """Trains, here or together with other workers; returns whether to the end."""
    import keras

    # The run folder is not touched before data and model are known to be good, and all workers to train the same.
    keras.utils.set_random_seed(training["seed"])
    keras.config.set_dtype_policy(training["precision"])
    data, model = origin.load(training)
    if training.get("augment"):
        model.compile_with(augment=training["augment"].split(","))
    batches = data.batches(training["batch_size"], training["seed"], labels=model.conditional)
    _check_batches(model, batches, training["epochs"])
    errors.check_shares(training["batch_size"], place.replicas)
    evaluator = run_callbacks.make_evaluator(data, training)
    held_out = text_flags.held_out(data, training)
    run = _run_folder(folder, origin, data, training, place)
    doctor = None if data.tokenizer is not None else run_callbacks.make_doctor(evaluator, run, options.STOP_ON.value)
    position = _position(run) if resuming else (0, 0)
    distribution.agree({**run.config, "epochs": training["epochs"], "position": position, "number of samples": len(data)})
    if position[0] >= training["epochs"]:
        if place.chief:
            print(f"{folder} has been trained for {position[0]} epochs already: give more with --epochs.")
        return True
    if place.chief:
        _announce(origin.name, model, data, len(batches), keras.config.backend())
        for note in [*origin.notes, *data.notes]:
            print(note, flush=True)
        _announce_devices(training, place, resuming)
    training["replicas"] = place.replicas
    with _interruptible(run):
        if place.chief:
            run.lock.acquire()
            if not resuming:
                _empty(folder)
        skipped = _log_skipped(data, folder) if place.chief else 0
        evaluation = _fit(model, batches, run, position, place, evaluator, doctor, held_out)
    if place.chief and len(data.skipped) > skipped:
        _log_skipped(data, folder)
    if run.interrupted:
        kept = f"The weights of this moment are in {folder}. To go on from {_words(run.position)}"
        kept = kept if place.chief else "To go on"
        resume = shlex.join(["keras-gans", origin.verb, "--resume", f"--run_dir={folder}", *options.elsewhere()])
        print(f"\nStopped. {kept}: {resume}")
        return False
    if place.chief:
        if evaluation is not None:
            print(run_callbacks.describe_best(evaluation))
        samples = presets.SAMPLES if model.drawable else presets.SENTENCES
        print(f"Wrote {folder}: look at {folder / samples}, or draw more with keras-gans generate {folder}")
    return True


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


def _announce_devices(training, place, resuming):
    if place.replicas > 1:
        print(f"{place.replicas} devices, each with {training['batch_size'] // place.replicas} samples of a batch", flush=True)
    before = training.get("replicas", 1)
    if resuming and before != place.replicas:
        print(f"This run has been trained on {before} devices before: its weights are equal to rounding, not bit for bit.")


def _begins(arguments):
    """Whether --resume begins a run: with its argument, where there is none or one that was killed before it began."""
    return bool(arguments and options.RUN_DIR.value) and not Path(options.RUN_DIR.value, presets.CONFIG).is_file()


def _new(origin_class, arguments):
    """Returns origin, folder and training facts of a new run, from the flags."""
    settings = options.settings()
    name = program.one_argument(arguments, f"{origin_class.argument} ({origin_class.where})")
    origin = origin_class.begin(name, settings)
    known = registry.get_entry(origin.entry).arguments
    for argument in settings:
        if argument not in known:
            raise ValueError(errors.no_such(f"{origin.entry} argument", argument, list(known)))
    folder = Path(options.RUN_DIR.value or origin.folder())
    is_run = (folder / presets.CONFIG).is_file() or (folder / "checkpoints" / "lock").is_file()
    files.refuse_existing(folder, options.OVERWRITE.value or (options.RESUME.value and is_run))
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir()) and not is_run):
        raise ValueError(f"{folder} holds something else than a run, and is not deleted: give another --run_dir.")
    origin.check_folder(folder)
    training = {key: flags.FLAGS[key].value for key in (*_recorded(origin), "epochs")} | {"settings": settings}
    return origin, folder, training


def _resumed(origin_class, arguments):
    """Returns the same of a run that goes on; a flag that differs from what was recorded is refused."""
    if options.RUN_DIR.value is None:
        raise ValueError("--resume needs --run_dir, the folder of the run to go on with.")
    folder = Path(options.RUN_DIR.value)
    preset = presets.find_preset(folder) if (folder / presets.CONFIG).is_file() else None
    if preset is None or "settings" not in preset.facts.get("training", {}):
        raise FileNotFoundError(f"{folder} holds no run to resume.")
    verb = "finetune" if "fine_tuned_from" in preset.facts else "train"
    if verb != origin_class.verb:
        raise ValueError(f"{folder} was begun by keras-gans {verb}: go on with keras-gans {verb} --resume.")
    origin, training = origin_class.go_on(preset), dict(preset.facts["training"])
    settings = options.settings()
    given = {key: flags.FLAGS[key].value for key in _recorded(origin) if flags.FLAGS[key].present} | settings
    recorded = training | {key: preset.config["arguments"].get(key) for key in settings}
    if arguments:
        argument = origin_class.argument
        given[argument], recorded[argument] = program.one_argument(arguments, argument), origin.name
    for key, value in given.items():
        if value != recorded.get(key):
            raise ValueError(f"{folder} was trained with {key}={recorded.get(key)}; it cannot go on with {key}={value}.")
    if options.EPOCHS.present:
        training["epochs"] = options.EPOCHS.value
    return origin, folder, training


def _recorded(origin):
    return (*origin.own_flags, *options.RECORDED)


def _position(run):
    """Returns how many epochs and how many steps of the next a run that goes on has done.

    Raises:
        ValueError: If it cannot go on.
    """
    position = run.find_position()
    done = run.facts["training"]["epochs_done"]
    if position is None and done:
        raise ValueError(f"{run.folder} holds weights of {done} epochs, and no checkpoint from which to go on.")
    epochs = run.facts["training"]["epochs"]
    if position is not None and options.EPOCHS.present and epochs < position[0]:
        raise ValueError(f"{run.folder} has been trained for {position[0]} epochs already: give more than --epochs={epochs}.")
    return position or (0, 0)


def _words(position):
    if position is None:
        return "the beginning"
    epochs, steps = position
    return f"step {steps} of epoch {epochs + 1}" if steps else f"the end of epoch {epochs}"


def _empty(folder):
    """Deletes what is in a run's folder, but for the lock that is held."""
    for path in [*Path(folder, "checkpoints").iterdir(), *folder.iterdir()]:
        if path.is_dir() and path.name != "checkpoints":
            shutil.rmtree(path)
        elif path.name != "lock" and not path.is_dir():
            path.unlink()


def _log_skipped(data, folder):
    """Lists what cannot be read in the run's logs, now and while it is met in training; returns the number so far."""
    log = folder / "logs" / "skipped.txt"
    data.skipped.log_to(log)
    if data.skipped:
        print(f"{data.skipped.counted()} could not be read and skipped: see {log}", flush=True)
    return len(data.skipped)


def _run_folder(folder, origin, data, training, place):
    from keras_gans.callbacks import RunFolder

    recorded = {key: training[key] for key in (*_recorded(origin), "epochs") if training.get(key) is not None}
    parts = [f"--{key}={value}" for key, value in recorded.items()]
    parts += [f"--set={key}={json.dumps(value)}" for key, value in training["settings"].items()]
    if place.replicas > 1:  # several workers give what as many devices of one machine do
        parts += ["--distribute=mirrored", f"--devices={place.replicas}"]
    return RunFolder(
        folder,
        writes=place.chief,
        every_steps=options.CHECKPOINT_STEPS.value,
        every_seconds=options.CHECKPOINT_SECONDS.value,
        config={
            origin.argument: origin.identity,
            **{key: training[key] for key in _recorded(origin)},
            **training["settings"],
        },
        description=f"{origin.name} {origin.done} on {data.name}",
        dataset=data.name,
        dataset_licence=data.licence,
        **({"classes": list(data.class_names)} if data.class_names else {}),
        recipe=shlex.join(["keras-gans", origin.verb, origin.name, *parts]),
        metrics={},
        training=training,
        **origin.facts,
    )


@contextlib.contextmanager
def _interruptible(run):
    """Lets Ctrl-C, and the signal that batch systems send before they kill, end training after the current step."""
    signals = (signal.SIGINT, signal.SIGTERM)
    old_handlers = [signal.signal(number, lambda *_: run.interrupt()) for number in signals]
    try:
        yield
    finally:
        for number, handler in zip(signals, old_handlers, strict=True):
            signal.signal(number, handler)


def _fit(model, batches, run, position, place, evaluator, doctor, held_out):
    from keras_gans.callbacks import StopOnNaN

    epochs = run.facts["training"]["epochs"]
    evaluation = run_callbacks.make_evaluation(evaluator, run, len(batches)) if place.chief else None
    # The run comes before the logs, of which it removes what comes again; what is measured comes before both.
    callbacks = [StopOnNaN(), evaluation, doctor, run]
    if place.chief:
        callbacks += [make_callback(position, epochs, len(batches), batches.batch_size), *run_callbacks.make_logs(model, run)]
    try:
        chosen = [callback for callback in callbacks if callback is not None]
        model.fit(batches, epochs=epochs, verbose=0, callbacks=chosen, validation_data=held_out)
    except FloatingPointError as error:
        kept = f"the weights after epoch {run.saved_epochs}" if run.saved_epochs else "the initial weights"
        raise FloatingPointError(f"{error} Training stopped; {run.folder} keeps {kept}.") from error
    return evaluation


def _export(preset):
    from keras_gans import export

    model, names = preset.load(), preset.facts.get("classes") or []
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
