"""Flags of the programs that train: `train` and `finetune`."""

import math
from typing import Any

from absl import flags

from . import program

SPLIT = flags.DEFINE_string("split", "train", "Split of the data, or a part of one: train[:10%].")
CROP = flags.DEFINE_string("crop", None, "How images are brought to other proportions: centre (the default), random or pad.")
BACKGROUND = flags.DEFINE_string("background", None, "Colour behind transparent and padded images: white, black, #rrggbb.")
FLIP = flags.DEFINE_boolean("flip", None, "Mirror images left to right at random.")
STRICT = flags.DEFINE_boolean("strict", False, "Refuse data with images that cannot be read, instead of skipping these.")
DATA_SERVICE = flags.DEFINE_string(
    "data_service", None, "Address grpc://HOST:PORT of a tf.data service that reads tfrecord:PATH: see keras-gans data serve."
)
RUN_DIR = flags.DEFINE_string("run_dir", None, "Folder of the run (default: runs/MODEL, or runs/PRESET_finetuned).")
EPOCHS = flags.DEFINE_integer("epochs", 50, "Number of passes over the data.", lower_bound=1)
BATCH_SIZE = flags.DEFINE_integer("batch_size", 64, "Samples per training step.", lower_bound=1)
SEED = flags.DEFINE_integer("seed", 0, "Seed for initial weights, training noise and the order of the data.", lower_bound=0)
LEARNING_RATE = flags.DEFINE_float(
    "learning_rate", None, "Learning rate of both networks (default: the model's).", lower_bound=0.0
)
EMA = flags.DEFINE_float("ema", None, "Decay of the generator's moving average, such as 0.999.")
AUGMENT = flags.DEFINE_string(
    "augment",
    None,
    "Augmentation of real and generated samples before the discriminator: diff_augment, or parts of it (color, translation, "
    "cutout); adaptive; instance_noise; or several, separated by commas.",
)
SET = flags.DEFINE_multi_string("set", [], "Argument of the model, as argument=value, such as width=32; may be repeated.")
EXPORT = flags.DEFINE_list("export", [], "Formats to export to after training, in the run folder: saved_model, tflite, onnx.")
CHECKPOINT_STEPS = flags.DEFINE_integer("checkpoint_steps", None, "Training steps between two checkpoints.", lower_bound=1)
CHECKPOINT_SECONDS = flags.DEFINE_float(
    "checkpoint_seconds", 60.0, "Seconds between two checkpoints, which a killed run loses at most.", lower_bound=0.001
)
METRICS = flags.DEFINE_string(
    "metrics",
    None,
    "Metrics to measure while training, such as fid,kid (default: fid), or none; the first one chooses the best model.",
)
EXTRACTOR = flags.DEFINE_string("extractor", None, "Feature extractor of the metrics: see keras-gans evaluate --help.")
EVALUATE_NUM = flags.DEFINE_integer("evaluate_num", None, "Number of samples to measure (default: 2048).", lower_bound=2)
EVALUATE_EVERY = flags.DEFINE_integer(
    "evaluate_every", None, "Epochs between two measurements (default: about 1,000 steps).", lower_bound=1
)
STOP_ON = flags.DEFINE_list(
    "stop_on", [], "Failures that stop training when detected: divergence, vanishing_gradients, mode_collapse."
)
PRECISION = flags.DEFINE_enum(
    "precision",
    "float32",
    ["float32", "mixed_bfloat16", "mixed_float16"],
    "Precision of computation; weights are float32.",
)
DISTRIBUTE = flags.DEFINE_string("distribute", None, "Train on several devices: mirrored, multi_worker or tpu.")
DEVICES = flags.DEFINE_integer("devices", None, "Number of devices of this machine to train on (default: all).", lower_bound=1)
WORKERS = flags.DEFINE_list("workers", None, "HOST:PORT of each machine for multi_worker; the same list on all machines.")
WORKER = flags.DEFINE_integer("worker", None, "Position of this machine in --workers; 0 writes the run.", lower_bound=0)
RESUME = flags.DEFINE_boolean("resume", False, "Continue the run in --run_dir.")
OVERWRITE = flags.DEFINE_boolean("overwrite", False, "Delete the contents of --run_dir first.")


def settings() -> dict[str, Any]:
    """Returns the builder arguments that the flags give.

    Raises:
        ValueError: If one is infinite or no number.
    """
    found = dict(program.parse_setting(setting) for setting in SET.value)
    found |= {flag.name: flag.value for flag in (LEARNING_RATE, EMA) if flag.value is not None}
    for name, value in found.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"{name} must be a finite number; received {value}.")
    return found


def elsewhere() -> list[str]:
    """Returns, as they are written, the flags that say where a run is trained: they are no part of what it is."""
    where = (DATA_SERVICE, DISTRIBUTE, DEVICES, WORKERS, WORKER)
    given = {flag.name: flag.value for flag in where if flag.value is not None}
    return [f"--{name}={','.join(value) if isinstance(value, list) else value}" for name, value in given.items()]
