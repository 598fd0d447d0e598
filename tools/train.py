"""Trains a model and keeps it in a run folder, which is a preset: generate and export take it.

    keras-gans train dcgan --dataset=digits --run_dir=runs/digits
    keras-gans train dcgan --dataset=folder:pictures --image_size=64 --epochs=100 --run_dir=runs/pictures
    keras-gans train --resume --run_dir=runs/pictures
    keras-gans train seqgan --dataset=text:captions.txt --run_dir=runs/captions

MODEL is one of `keras-gans list`. Ctrl-C stops after the current step and keeps everything; a run that was killed goes on,
too, and ends with the weights it would have had anyway. With MODEL, --resume begins a run that is not there yet, so that one
command can be repeated until it succeeds. KERAS_BACKEND=jax trains on JAX.
"""

import contextlib
import json
import math
import shlex
import shutil
import signal
import warnings
from pathlib import Path

from absl import flags

from keras_gans import distribution, errors, files, presets, registry
from keras_gans_tools import program, reading, records
from keras_gans_tools.progress import make_callback

_DATASET = flags.DEFINE_string(
    "dataset", "digits", "digits, ring, grid, tfds:NAME (or the name alone), folder:PATH, tfrecord:PATH, npz:PATH or text:PATH."
)
_IMAGE_SIZE = flags.DEFINE_string("image_size", None, "Resize images to this: 64, 64x96 (height x width), or 64x64x1.")
_SPLIT = flags.DEFINE_string("split", "train", "The split of a TensorFlow data set, or a part of one: train[:10%].")
_CROP = flags.DEFINE_string("crop", None, "How images get other proportions: centre (the default), random or pad.")
_BACKGROUND = flags.DEFINE_string("background", None, "Behind transparent and beside padded images: white, black, #rrggbb.")
_FLIP = flags.DEFINE_boolean("flip", None, "Mirror images left to right at random.")
_STRICT = flags.DEFINE_boolean("strict", False, "Refuse data of which some image cannot be read, instead of skipping it.")
_DATA_SERVICE = flags.DEFINE_string(
    "data_service", None, "grpc://HOST:PORT of a tf.data service that reads tfrecord:PATH: see keras-gans data serve."
)
_RUN_DIR = flags.DEFINE_string("run_dir", None, "Where the run is kept (default: runs/MODEL).")
_EPOCHS = flags.DEFINE_integer("epochs", 50, "How often the data are gone through.", lower_bound=1)
_BATCH_SIZE = flags.DEFINE_integer("batch_size", 64, "Samples a step.", lower_bound=1)
_SEED = flags.DEFINE_integer("seed", 0, "Of initial weights, noise and the order of the data.", lower_bound=0)
_LEARNING_RATE = flags.DEFINE_float("learning_rate", None, "Of both players; the model's own if not given.", lower_bound=0.0)
_EMA = flags.DEFINE_float("ema", None, "Decay of the generator's moving average, such as 0.999.")
_AUGMENT = flags.DEFINE_string(
    "augment",
    None,
    "What is done to all that the discriminator sees: diff_augment, or of it color, translation or cutout; adaptive; "
    "instance_noise; or several.",
)
_SET = flags.DEFINE_multi_string("set", [], "argument=value of the model, such as width=32; may be repeated.")
_EXPORT = flags.DEFINE_list("export", [], "Export when trained: saved_model, tflite or both, into the run folder.")
_CHECKPOINT_STEPS = flags.DEFINE_integer("checkpoint_steps", None, "Steps between two checkpoints.", lower_bound=1)
_CHECKPOINT_SECONDS = flags.DEFINE_float(
    "checkpoint_seconds", 60.0, "Seconds between two checkpoints: what a killed run loses at most.", lower_bound=0.001
)
_METRICS = flags.DEFINE_string(
    "metrics",
    None,
    "What samples are measured by while training, such as fid,kid (default: fid), or none; the first finds the best model.",
)
_EXTRACTOR = flags.DEFINE_string("extractor", None, "The feature extractor of the metrics: see keras-gans evaluate --help.")
_EVALUATE_NUM = flags.DEFINE_integer("evaluate_num", None, "Samples to measure (default: 2048).", lower_bound=2)
_EVALUATE_EVERY = flags.DEFINE_integer(
    "evaluate_every", None, "Epochs between two measurements (default: as many as make 1,000 steps).", lower_bound=1
)
_STOP_ON = flags.DEFINE_list(
    "stop_on", [], "Failures that end training when they are seen: divergence, vanishing_gradients, mode_collapse."
)
_PRECISION = flags.DEFINE_enum(
    "precision", "float32", ["float32", "mixed_bfloat16", "mixed_float16"], "What layers compute in; weights are float32."
)
_DISTRIBUTE = flags.DEFINE_string("distribute", None, "Train on several devices: mirrored, multi_worker or tpu.")
_DEVICES = flags.DEFINE_integer("devices", None, "How many devices of this machine to train on (default: all).", lower_bound=1)
_WORKERS = flags.DEFINE_list("workers", None, "HOST:PORT of each machine of multi_worker: the same list on all of them.")
_WORKER = flags.DEFINE_integer("worker", None, "Which of --workers this machine is, from 0; 0 writes the run.", lower_bound=0)
_RESUME = flags.DEFINE_boolean("resume", False, "Go on with the run in --run_dir.")
_OVERWRITE = flags.DEFINE_boolean("overwrite", False, "Delete what is in --run_dir first.")

# What a resumed run takes over from the run it goes on with.
_RECORDED = (
    "dataset",
    "image_size",
    "split",
    "crop",
    "background",
    "flip",
    "batch_size",
    "seed",
    "precision",
    "augment",
    "metrics",
    "extractor",
    "evaluate_num",
    "evaluate_every",
    *reading.RECORDED,
)

SHARED_FLAGS = (reading,)


def main(arguments):
    """Trains, then exports where asked."""
    unknown_formats = set(_EXPORT.value) - {"saved_model", "tflite"}
    if unknown_formats:
        raise ValueError(errors.no_such("export format", min(unknown_formats), ["saved_model", "tflite"]))
    resuming = _RESUME.value and not _begins(arguments)
    name, folder, training, builder_arguments = _resumed(arguments) if resuming else _new(arguments)
    how = (_DISTRIBUTE.value, _DEVICES.value, _WORKERS.value, _WORKER.value)
    _announce_worker(*distribution.check(*how))
    keras = program.import_keras()
    with distribution.distribute(*how) as place:
        finished = _train(name, folder, training, builder_arguments, resuming, place)
    if finished and place.chief and _EXPORT.value:
        # Read anew, as a float32 model of one device.
        keras.config.set_dtype_policy("float32")
        _export(presets.find_preset(folder))
    if place.workers > 1:
        print(f"Worker {place.worker} of {place.workers} has ended.")


def _train(name, folder, training, builder_arguments, resuming, place):
    """Trains, here or together with other workers; returns whether to the end."""
    import keras

    # The run folder is not touched before data and model are known to be good, and all workers to train the same.
    keras.utils.set_random_seed(training["seed"])
    keras.config.set_dtype_policy(training["precision"])
    data = _load(training)
    if not resuming:
        builder_arguments = {**_arguments_of_the_data(name, data, training), **builder_arguments}
    model = registry.create_model(name, **builder_arguments)
    if training.get("augment"):
        model.compile_with(augment=training["augment"].split(","))
    if data.tokenizer is not None:
        model.tokenizer = data.tokenizer
    if model.data_shape != data.shape:
        raise ValueError(f"{name} was told to make samples of shape {model.data_shape}; {data.name} has {data.shape}.")
    batches = data.batches(training["batch_size"], training["seed"], labels=model.conditional)
    _check_batches(model, batches, training["epochs"])
    errors.check_shares(training["batch_size"], place.replicas)
    evaluator = records.make_evaluator(data, training)
    held_out = reading.held_out(data, training)
    run = _run_folder(folder, name, data, training, place)
    doctor = None if data.tokenizer is not None else records.make_doctor(evaluator, run, _STOP_ON.value)
    position = _position(run) if resuming else (0, 0)
    distribution.agree({**run.config, "epochs": training["epochs"], "position": position, "number of samples": len(data)})
    if position[0] >= training["epochs"]:
        if place.chief:
            print(f"{folder} has been trained for {position[0]} epochs already: give more with --epochs.")
        return True
    if place.chief:
        _announce(name, model, data, len(batches), keras.config.backend())
        for note in data.notes:
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
        print(f"\nStopped. {kept}: {_resume_command(folder)}")
        return False
    if place.chief:
        if evaluation is not None:
            print(records.describe_best(evaluation))
        samples = presets.SAMPLES if model.drawable else presets.SENTENCES
        print(f"Wrote {folder}: look at {folder / samples}, or draw more with keras-gans generate {folder}")
    return True


def _arguments_of_the_data(name, data, training):
    """Returns the builder arguments that follow from the data and from how long they are trained on."""
    task = registry.get_entry(name).task
    if (task == "text") != (data.tokenizer is not None):
        raise ValueError(f"{name} makes {task}, and {data.name} holds {'text' if data.tokenizer else 'none'}.")
    if data.tokenizer is not None:
        return reading.arguments_of_the_data(data, training)
    arguments = {"image_shape": data.shape, "seed": training["seed"]}
    known = registry.get_entry(name).arguments
    if "num_classes" in known:
        if data.num_classes is None:
            raise ValueError(f"{name} is conditional and learns from labels, which {data.name} has not.")
        arguments["num_classes"] = data.num_classes
    if "total_images" in known:
        batch_size = training["batch_size"]
        arguments["total_images"] = training["epochs"] * (len(data) // batch_size) * batch_size
    return arguments


def _check_batches(model, batches, epochs):
    """Raises ValueError for data that the model warns of: here nothing has been trained yet, and all can be mended."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            model.check_batches(batches, epochs)
    except UserWarning as warning:
        raise ValueError(str(warning)) from warning


def _resume_command(folder):
    where = (_DATA_SERVICE, _DISTRIBUTE, _DEVICES, _WORKERS, _WORKER)
    given = {flag.name: flag.value for flag in where if flag.value is not None}
    parts = [f"--{name}={','.join(value) if isinstance(value, list) else value}" for name, value in given.items()]
    return shlex.join(["keras-gans", "train", "--resume", f"--run_dir={folder}", *parts])


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
    """Whether --resume begins a run: with MODEL, where there is none or one that was killed before it began."""
    return bool(arguments and _RUN_DIR.value) and not Path(_RUN_DIR.value, presets.CONFIG).is_file()


def _new(arguments):
    """Returns model name, folder, training facts and builder arguments of a new run, from the flags."""
    name = program.one_argument(arguments, "MODEL (see keras-gans list)")
    entry = registry.get_entry(name)
    settings = _settings()
    for argument in settings:
        if argument not in entry.arguments:
            raise ValueError(errors.no_such(f"{name} argument", argument, list(entry.arguments)))
    folder = Path(_RUN_DIR.value or Path("runs", name))
    is_run = (folder / presets.CONFIG).is_file() or (folder / "checkpoints" / "lock").is_file()
    files.refuse_existing(folder, _OVERWRITE.value or (_RESUME.value and is_run))
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir()) and not is_run):
        raise ValueError(f"{folder} holds something else than a run, and is not deleted: give another --run_dir.")
    program.parse_size(_IMAGE_SIZE.value)
    training = {key: flags.FLAGS[key].value for key in (*_RECORDED, "epochs")} | {"settings": settings}
    return name, folder, training, settings


def _resumed(arguments):
    """Returns the same of a run that goes on; a flag that differs from what was recorded is refused."""
    if _RUN_DIR.value is None:
        raise ValueError("--resume needs --run_dir, the folder of the run to go on with.")
    folder = Path(_RUN_DIR.value)
    preset = presets.find_preset(folder) if (folder / presets.CONFIG).is_file() else None
    if preset is None or "settings" not in preset.facts.get("training", {}):
        raise FileNotFoundError(f"{folder} holds no run to resume.")
    name, training = preset.config["model"], dict(preset.facts["training"])
    settings = _settings()
    given = {key: flags.FLAGS[key].value for key in _RECORDED if flags.FLAGS[key].present} | settings
    recorded = training | {key: preset.config["arguments"].get(key) for key in settings}
    if arguments:
        given["MODEL"], recorded["MODEL"] = program.one_argument(arguments, "MODEL"), name
    for key, value in given.items():
        if value != recorded.get(key):
            raise ValueError(f"{folder} was trained with {key}={recorded.get(key)}; it cannot go on with {key}={value}.")
    if _EPOCHS.present:
        training["epochs"] = _EPOCHS.value
    return name, folder, training, preset.config["arguments"]


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
    if position is not None and _EPOCHS.present and epochs < position[0]:
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


def _settings():
    """Returns the builder arguments that the flags give."""
    settings = dict(program.parse_setting(setting) for setting in _SET.value)
    settings |= {flag.name: flag.value for flag in (_LEARNING_RATE, _EMA) if flag.value is not None}
    for name, value in settings.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"{name} must be a finite number; received {value}.")
    return settings


def _load(training):
    from keras_gans.data import load_data
    from keras_gans.data.skipped import UnreadableWarning

    warnings.simplefilter("ignore", UnreadableWarning)  # _log_skipped says it
    options = {name: training[name] for name in ("crop", "background", "flip") if training.get(name) is not None}
    size = program.parse_size(training["image_size"])
    options |= {"strict": _STRICT.value, "service": _DATA_SERVICE.value, "text": reading.fitting(training)}
    return load_data(training["dataset"], size, training["split"], **options)


def _log_skipped(data, folder):
    """Lists what cannot be read in the run's logs, now and while it is met in training; returns the number so far."""
    log = folder / "logs" / "skipped.txt"
    data.skipped.log_to(log)
    if data.skipped:
        print(f"{data.skipped.counted()} could not be read and skipped: see {log}", flush=True)
    return len(data.skipped)


def _run_folder(folder, name, data, training, place):
    from keras_gans.callbacks import RunFolder

    recorded = {key: training[key] for key in (*_RECORDED, "epochs") if training.get(key) is not None}
    parts = [f"--{key}={value}" for key, value in recorded.items()]
    parts += [f"--set={key}={json.dumps(value)}" for key, value in training["settings"].items()]
    if place.replicas > 1:  # several workers give what as many devices of one machine do
        parts += ["--distribute=mirrored", f"--devices={place.replicas}"]
    return RunFolder(
        folder,
        writes=place.chief,
        every_steps=_CHECKPOINT_STEPS.value,
        every_seconds=_CHECKPOINT_SECONDS.value,
        config={"MODEL": name, **{key: training[key] for key in _RECORDED}, **training["settings"]},
        description=f"{name} trained on {data.name}",
        dataset=data.name,
        dataset_licence=data.licence,
        **({"classes": list(data.class_names)} if data.class_names else {}),
        recipe=shlex.join(["keras-gans", "train", name, *parts]),
        metrics={},
        training=training,
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
    evaluation = records.make_evaluation(evaluator, run, len(batches)) if place.chief else None
    # The run comes before the logs, of which it removes what comes again; what is measured comes before both.
    callbacks = [StopOnNaN(), evaluation, doctor, run]
    if place.chief:
        callbacks += [make_callback(position, epochs, len(batches), batches.batch_size), *records.make_logs(model, run)]
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
    if "saved_model" in _EXPORT.value:
        name = program.served_name(preset)
        program.report_export(*export.publish(model, preset.folder / "saved_model", name, class_names=names))
    if "tflite" in _EXPORT.value:
        program.report_export(*export.tflite(model, preset.folder / "model.tflite", overwrite=True, class_names=names))


def _announce(name, model, data, steps, backend):
    parameters = model.generator.count_params() + model.discriminator.count_params()
    shape = "x".join(map(str, data.shape))
    print(
        f"{name}: {parameters:,} parameters; {data.name}: {len(data):,} samples of {shape}; "
        f"{steps} steps an epoch, on {backend}",
        flush=True,
    )


if __name__ == "__main__":
    program.run(main)
