"""Flags of the programs that train: `train` and `finetune`."""

from __future__ import annotations

import math
from typing import Any

from absl import flags

from keras_gans import registry
from keras_gans.errors import no_such

from . import program
from .run import TEXT_OPTIONS

GROUPS = {
    "Data": (
        "dataset",
        "split",
        "image_size",
        "crop",
        "background",
        "flip",
        "scale",
        "direction",
        "mask",
        "make_pairs",
        "degrade",
        "labels",
        "strict",
        "data_service",
    ),
    "Text": TEXT_OPTIONS,
    "Sounds": ("sample_rate", "length", "place", "trim", "loudness", "name_pattern", "test_part"),
    "Video": ("frames", "given", "stride", "fps", "digits"),
    "Model": ("set", "learning_rate", "ema", "augment", "freeze_discriminator", "precision", "privacy"),
    "Training": ("epochs", "batch_size", "seed", "steps_per_execution", "stop_on"),
    "Measuring": ("metrics", "extractor", "evaluate_num", "evaluate_every"),
    "Files": ("run_dir", "resume", "overwrite", "checkpoint_seconds", "checkpoint_steps", "export"),
    "Several devices and machines": ("distribute", "devices", "workers", "worker"),
}

SPLIT = flags.DEFINE_string("split", "train", "Split of the data, or a part of one: train[:10%].")
CROP = flags.DEFINE_string(
    "crop", None, "How to fit images: centre, random, pad or patch, a random part without resizing (default: centre)."
)
BACKGROUND = flags.DEFINE_string(
    "background", None, "Colour behind transparent and padded images: white, black or #rrggbb (default: white)."
)
FLIP = flags.DEFINE_boolean("flip", None, "Mirror images left to right at random.")
SCALE = flags.DEFINE_integer(
    "scale", None, "Super-resolution: learn from the images of folder:PATH reduced so many times.", lower_bound=2
)
MAKE_PAIRS = flags.DEFINE_enum(
    "make_pairs", None, ["grey", "edges", "noise", "jpeg"], "Make the inputs of an image-to-image model from the images."
)
DEGRADE = flags.DEFINE_string(
    "degrade",
    None,
    "What inputs for super-resolution or restoration have been through: bicubic (reduced only, the default), real (blurred, "
    "noisy and compressed, too), or a TOML file.",
)
LABELS = flags.DEFINE_integer(
    "labels",
    None,
    "Semi-supervised learning: use only so many labels, of each class as many, and hide the others; --seed chooses them.",
    lower_bound=1,
)
DIRECTION = flags.DEFINE_enum("direction", None, ["AtoB", "BtoA"], "Which way pairs are translated (default: AtoB).")
MASK = flags.DEFINE_string(
    "mask",
    None,
    "Inpainting: cut holes into the images: strokes, boxes, mixed, centre, or folder:PATH with masks (white = hole).",
)
SAMPLE_RATE = flags.DEFINE_integer(
    "sample_rate", None, "Samples per second to resample recordings to (default: that of the recordings).", lower_bound=1
)
PLACE = flags.DEFINE_enum(
    "place",
    None,
    ["start", "centre", "random"],
    "Which part of a recording becomes a sound of --length samples: its beginning, the middle of its energy, or a random part "
    "each time (default: start).",
)
TRIM = flags.DEFINE_float(
    "trim",
    None,
    "Cut off the beginning and end of recordings where they are so many decibels below the loudest part, such as 60.",
)
LOUDNESS = flags.DEFINE_enum(
    "loudness", None, ["none", "peak", "rms"], "Bring recordings to one loudness, by their peak or their mean (default: none)."
)
NAME_PATTERN = flags.DEFINE_string(
    "name_pattern",
    None,
    "What the names of recordings tell, such as {label}_{speaker}_{index}. Without it, folders are classes.",
)
TEST_PART = flags.DEFINE_string(
    "test_part",
    None,
    "Recordings to leave for the split test, by a field of their names: index:0-4, or speaker:theo (default: a twentieth).",
)
FRAMES = flags.DEFINE_integer("frames", None, "Frames of a clip (default: 16).", lower_bound=2)
GIVEN = flags.DEFINE_integer(
    "given", None, "Prediction: tell the model so many frames before the --frames of a clip.", lower_bound=1
)
STRIDE = flags.DEFINE_integer("stride", None, "Use every STRIDE-th frame of clips (default: every frame).", lower_bound=1)
FPS = flags.DEFINE_float(
    "fps", None, "Frames per second to bring clips to, by leaving frames out or repeating them (default: that of the clips)."
)
DIGITS = flags.DEFINE_integer(
    "digits", None, "Digits in a clip of moving_digits, 1 or 2 (default: 1, with labels).", lower_bound=1, upper_bound=2
)
STRICT = flags.DEFINE_boolean("strict", False, "Refuse data with unreadable images instead of skipping these.")
DATA_SERVICE = flags.DEFINE_string(
    "data_service", None, "Address grpc://HOST:PORT of a tf.data service that reads tfrecord:PATH: see keras-gans data serve."
)
RUN_DIR = flags.DEFINE_string("run_dir", None, "Folder of the run (default: runs/MODEL, or runs/PRESET_finetuned).")
EPOCHS = flags.DEFINE_integer("epochs", 50, "Number of passes over the data.", lower_bound=1)
BATCH_SIZE = flags.DEFINE_integer("batch_size", 64, "Samples per training step.", lower_bound=1)
SEED = flags.DEFINE_integer("seed", 0, "Seed for initial weights, training noise and the order of the data.", lower_bound=0)
STEPS_PER_EXECUTION = flags.DEFINE_integer(
    "steps_per_execution",
    1,
    "Training steps per call of the compiled step: 10 to 100 trains small models faster on a GPU, with the same result.",
    lower_bound=1,
)
LEARNING_RATE = flags.DEFINE_float("learning_rate", None, "Learning rate of both networks (default: the model's).")
EMA = flags.DEFINE_float(
    "ema",
    None,
    "Decay of the generator's moving average, which samples are drawn from, such as 0.999; 0 for none (default: the model's, "
    "else a twentieth of the run is averaged).",
)
AUGMENT = flags.DEFINE_string(
    "augment",
    None,
    "Augmentation of real and generated samples before the discriminator: diff_augment, or parts of it (color, translation, "
    "cutout); adaptive; instance_noise; or several, separated by commas.",
)
PRIVACY = flags.DEFINE_string(
    "privacy",
    None,
    "Differentially private training: epsilon:10,delta:1e-5, and clip:1, noise:0.7, steps:20000 or critic_steps:50 if they are "
    "to differ from the defaults. See docs/privacy.md.",
)
SET = flags.DEFINE_multi_string(
    "set", [], "Argument of the model, such as width=32. Give the flag once per argument; keras-gans list MODEL explains them."
)
EXPORT = flags.DEFINE_list("export", [], "Formats to export to after training, in the run folder: saved_model, tflite, onnx.")
CHECKPOINT_STEPS = flags.DEFINE_integer("checkpoint_steps", None, "Training steps between two checkpoints.", lower_bound=1)
CHECKPOINT_SECONDS = flags.DEFINE_float(
    "checkpoint_seconds",
    60.0,
    "Seconds between two checkpoints: a killed run loses at most this much work.",
    lower_bound=0.001,
)
METRICS = flags.DEFINE_string(
    "metrics",
    None,
    "Metrics to measure while training, such as fid,kid (default: fid), or none. The first one chooses the best model.",
)
EXTRACTOR = flags.DEFINE_string("extractor", None, "Feature extractor of the metrics: see keras-gans evaluate --help.")
EVALUATE_NUM = flags.DEFINE_integer("evaluate_num", None, "Number of samples to measure (default: 2048).", lower_bound=2)
EVALUATE_EVERY = flags.DEFINE_integer(
    "evaluate_every", None, "Epochs between two measurements (default: about 1,000 steps).", lower_bound=1
)
STOP_ON = flags.DEFINE_list(
    "stop_on",
    [],
    "Failures that stop training when detected: divergence, vanishing_gradients, mode_collapse; for sounds also silence, "
    "clipping, hum; for video frozen, flicker. The exit status is then 3.",
)
PRECISION = flags.DEFINE_enum(
    "precision", "float32", ["float32", "mixed_bfloat16", "mixed_float16"], "Precision of computation; weights are float32."
)
DISTRIBUTE = flags.DEFINE_string("distribute", None, "Train on several devices: mirrored, multi_worker or tpu.")
DEVICES = flags.DEFINE_integer("devices", None, "Number of devices of this machine to train on (default: all).", lower_bound=1)
WORKERS = flags.DEFINE_list("workers", None, "Addresses of all machines for multi_worker: the same list on each machine.")
WORKER = flags.DEFINE_integer("worker", None, "Position of this machine in --workers; 0 writes the run.", lower_bound=0)
RESUME = flags.DEFINE_boolean("resume", False, "Continue the run in --run_dir.")
OVERWRITE = flags.DEFINE_boolean("overwrite", False, "Delete the run in --run_dir first.")

# What to write instead of flags that other programs have.
_GPU = "a GPU is used if there is one (CUDA_VISIBLE_DEVICES chooses); --distribute=mirrored uses several."
_INSTEAD = {
    "amp": "use --precision=mixed_float16.",
    "batch": "use --batch_size=64.",
    "bs": "use --batch_size=64.",
    "config": "use --set=ARGUMENT=VALUE for arguments of the model.",
    "cuda": _GPU,
    "data": "use --dataset=folder:PATH.",
    "data_dir": "use --dataset=folder:PATH.",
    "data_path": "use --dataset=folder:PATH.",
    "device": _GPU,
    "fp16": "use --precision=mixed_float16.",
    "gpu": _GPU,
    "gpus": _GPU,
    "img_size": "use --image_size=64.",
    "lr": "use --learning_rate=1e-4, or --set=learning_rate=1e-4.",
    "model": "the model is the first argument: keras-gans train dcgan.",
    "out": "use --run_dir=PATH.",
    "outdir": "use --run_dir=PATH.",
    "output": "use --run_dir=PATH.",
    "output_dir": "use --run_dir=PATH.",
    "size": "use --image_size=64.",
}


def explain_flag(name: str, arguments: list[str]) -> str | None:
    """Return what to write instead of an unknown flag, or None: another flag, or --set for an argument of the model."""
    name = name.replace("-", "_")
    models = [argument for argument in arguments if argument in registry.list_models()]
    if models and name in registry.get_entry(models[0]).arguments:
        return f"{name} is an argument of {models[0]}; use --set={name}=VALUE."
    return _INSTEAD.get(name)


def settings() -> dict[str, Any]:
    """Return the builder arguments that the flags give.

    Raises:
        ValueError: If a number is infinite or NaN, or out of range.
    """
    found = dict(program.parse_setting(setting) for setting in SET.value)
    if LEARNING_RATE.value is not None:
        found["learning_rate"] = LEARNING_RATE.value
    if EMA.value is not None:
        found["ema"] = EMA.value or None
    for name, value in found.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"{name} must be a finite number; received {value}.")
    rate = found.get("learning_rate")
    if isinstance(rate, int | float) and not isinstance(rate, bool) and rate < 0:
        raise ValueError(f"learning_rate must be a number of at least 0; received {rate}.")
    return found


_PRIVACY = {"epsilon": float, "delta": float, "clip": float, "noise": float, "steps": int, "critic_steps": int}


def compile_privately(value: str) -> dict[str, Any]:
    """Return the arguments of `compile` that a value of `--privacy` means.

    Raises:
        ValueError: If it is not a list of known names and numbers, or epsilon or delta is missing.
    """
    from keras_gans.privacy import DPSGD

    found: dict[str, Any] = {}
    for part in value.split(","):
        name, colon, number = part.strip().partition(":")
        if not colon or name not in _PRIVACY:
            raise ValueError(f"--privacy={value}: {no_such('setting', name, list(_PRIVACY))} Write epsilon:10,delta:1e-5.")
        try:
            found[name] = _PRIVACY[name](number)
        except ValueError:
            raise ValueError(f"--privacy={value}: {name} must be a number; received {number!r}.") from None
    for name in ("epsilon", "delta"):
        if name not in found:
            raise ValueError(f"--privacy={value} needs {name}: write epsilon:10,delta:1e-5, with a delta below 1 / samples.")
    steps = {"critic_steps": found.pop("critic_steps")} if "critic_steps" in found else {}
    return {"privacy": DPSGD(**found), **steps}


def elsewhere() -> list[str]:
    """Return the given flags that say where and how a run is trained, as arguments. They are not part of what the run is."""
    where = (DATA_SERVICE, DISTRIBUTE, DEVICES, WORKERS, WORKER)
    given = {flag.name: flag.value for flag in where if flag.value is not None}
    if STEPS_PER_EXECUTION.present:
        given[STEPS_PER_EXECUTION.name] = str(STEPS_PER_EXECUTION.value)
    return [f"--{name}={','.join(value) if isinstance(value, list) else value}" for name, value in given.items()]
