"""Flags of the programs that train: `train` and `finetune`."""

import math
from typing import Any

from absl import flags

from . import program

SPLIT = flags.DEFINE_string("split", "train", "The split of a TensorFlow data set, or a part of one: train[:10%].")
CROP = flags.DEFINE_string("crop", None, "How images get other proportions: centre (the default), random or pad.")
BACKGROUND = flags.DEFINE_string("background", None, "Behind transparent and beside padded images: white, black, #rrggbb.")
FLIP = flags.DEFINE_boolean("flip", None, "Mirror images left to right at random.")
STRICT = flags.DEFINE_boolean("strict", False, "Refuse data of which some image cannot be read, instead of skipping it.")
DATA_SERVICE = flags.DEFINE_string(
    "data_service", None, "grpc://HOST:PORT of a tf.data service that reads tfrecord:PATH: see keras-gans data serve."
)
RUN_DIR = flags.DEFINE_string("run_dir", None, "Where the run is kept (default: runs/MODEL, or runs/PRESET_finetuned).")
EPOCHS = flags.DEFINE_integer("epochs", 50, "How often the data are gone through.", lower_bound=1)
BATCH_SIZE = flags.DEFINE_integer("batch_size", 64, "Samples a step.", lower_bound=1)
SEED = flags.DEFINE_integer("seed", 0, "Of initial weights, noise and the order of the data.", lower_bound=0)
LEARNING_RATE = flags.DEFINE_float("learning_rate", None, "Of both players; the model's own if not given.", lower_bound=0.0)
EMA = flags.DEFINE_float("ema", None, "Decay of the generator's moving average, such as 0.999.")
AUGMENT = flags.DEFINE_string(
    "augment",
    None,
    "What is done to all that the discriminator sees: diff_augment, or of it color, translation or cutout; adaptive; "
    "instance_noise; or several.",
)
SET = flags.DEFINE_multi_string("set", [], "argument=value of the model, such as width=32; may be repeated.")
EXPORT = flags.DEFINE_list("export", [], "Export when trained, into the run folder: saved_model, tflite, onnx.")
CHECKPOINT_STEPS = flags.DEFINE_integer("checkpoint_steps", None, "Steps between two checkpoints.", lower_bound=1)
CHECKPOINT_SECONDS = flags.DEFINE_float(
    "checkpoint_seconds", 60.0, "Seconds between two checkpoints: what a killed run loses at most.", lower_bound=0.001
)
METRICS = flags.DEFINE_string(
    "metrics",
    None,
    "What samples are measured by while training, such as fid,kid (default: fid), or none; the first finds the best model.",
)
EXTRACTOR = flags.DEFINE_string("extractor", None, "The feature extractor of the metrics: see keras-gans evaluate --help.")
EVALUATE_NUM = flags.DEFINE_integer("evaluate_num", None, "Samples to measure (default: 2048).", lower_bound=2)
EVALUATE_EVERY = flags.DEFINE_integer(
    "evaluate_every", None, "Epochs between two measurements (default: as many as make 1,000 steps).", lower_bound=1
)
STOP_ON = flags.DEFINE_list(
    "stop_on", [], "Failures that end training when they are seen: divergence, vanishing_gradients, mode_collapse."
)
PRECISION = flags.DEFINE_enum(
    "precision", "float32", ["float32", "mixed_bfloat16", "mixed_float16"], "What layers compute in; weights are float32."
)
DISTRIBUTE = flags.DEFINE_string("distribute", None, "Train on several devices: mirrored, multi_worker or tpu.")
DEVICES = flags.DEFINE_integer("devices", None, "How many devices of this machine to train on (default: all).", lower_bound=1)
WORKERS = flags.DEFINE_list("workers", None, "HOST:PORT of each machine of multi_worker: the same list on all of them.")
WORKER = flags.DEFINE_integer("worker", None, "Which of --workers this machine is, from 0; 0 writes the run.", lower_bound=0)
RESUME = flags.DEFINE_boolean("resume", False, "Go on with the run in --run_dir.")
OVERWRITE = flags.DEFINE_boolean("overwrite", False, "Delete what is in --run_dir first.")


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
