"""Computes what the golden records hold: shared by `test_golden.py`, which compares, and `record.py`, which writes them.

Only names that stay are used here: those at the top of `keras_gans`, `signatures_of` of exports, and the command line.
"""

import hashlib
import itertools
import json
import platform
from pathlib import Path

import keras
import numpy as np

import keras_gans
from keras_gans.export.signatures import signatures_of
from tests.support import entries
from tests.support.checks import check_trained, learned

RECORDS = Path(__file__).with_name("records.json")
# Arrays by their names: presets' samples (`dcgan_digits`), and pixels that commands wrote (`generate_grid/X.png`).
SAMPLES = Path(__file__).with_name("samples.npz")

STEPS, BATCH = 10, 8
_IMAGES = {"image_shape": (8, 8, 3), "width": 8, "latent_dim": 6}
_TEXT = {"vocabulary_size": 16, "length": 5}
# Each entry at a small size, and with schedules of which ten steps show every part.
SMALL = {
    "acgan": _IMAGES,
    "cgan": _IMAGES,
    "dcgan": _IMAGES,
    "fastgan": {**_IMAGES, "image_shape": (16, 16, 3), "width": 4, "discriminator_width": 4},
    "gan": _IMAGES,
    "infogan": {**_IMAGES, "width": 4, "hidden": 16, "guess_width": 8},
    "next_token_gan": {**_TEXT, "head_start": 3},
    "pggan": {**_IMAGES, "fade_images": 24, "stable_images": 24},
    "projected_gan": {**_IMAGES, "width": 4, "discriminator_width": 4, "feature_size": 32, "mixed_channels": (4, 4, 4, 4)},
    "r3gan": _IMAGES,
    "relgan": {**_TEXT, "filters": 4},
    "sgan": {**_IMAGES, "width": 4, "hidden": 16},
    "seqgan": {**_TEXT, "rollouts": 1, "filters": 0.05},
    "transformer_gan": {**_TEXT, "rollouts": 1, "depth": 1},
    "wgan": {**_IMAGES, "critic_steps": 2, "first": 1, "every": 2, "thorough": 3, "clip": 0.2},
    "wgan_gp": {**_IMAGES, "critic_steps": 2},
}
_ENLARGE = {"image_shape": (None, None, 3), "scale": 2, "width": 4}
_ADVERSARIAL = {"discriminator_width": 4, "pretrain_steps": 5, "perceptual_weight": 0.0}
_PATCHES = {"image_shape": (16, 16, 3), "width": 4, "discriminator_width": 4, "discriminator_depth": 1}
# Those that map images to images; ten steps show both stages.
SMALL |= {
    "cut": {**_PATCHES, "blocks": 1},
    "cyclegan": {**_PATCHES, "blocks": 1},
    "edsr": {**_ENLARGE, "blocks": 1},
    "esrgan": {**_ENLARGE, **_ADVERSARIAL, "blocks": 1, "growth": 4, "dense": 4},
    "gated_inpainting": {**_PATCHES, "pretrain_steps": 5, "dilations": (2,)},
    "pix2pix": {**_PATCHES, "depth": 2, "pretrain_steps": 5},
    "real_esrgan": {**_ENLARGE, **_ADVERSARIAL, "blocks": 1},
    "srgan": {**_ENLARGE, **_ADVERSARIAL, "blocks": 1, "dense": 4},
}
# Those that make sounds.
_MEL = {"sample_rate": 8000, "n_fft": 32, "hop_length": 16, "n_mels": 8}
_JUDGES = {**_MEL, "discriminator_width": 1, "periods": (2, 3), "segment_frames": 12, "pretrain_steps": 5}
SMALL |= {
    "hifi_gan": {**_JUDGES, "width": 8, "scales": 1},
    "speech_gan": {**_MEL, "win_length": None, "length": 128, "width": 4, "embedding_dim": 2, "iterations": 2, "latent_dim": 6},
    "vocos_gan": {**_JUDGES, "width": 8, "blocks": 1, "resolutions": (32,), "resolution_width": 2},
    "wavegan": {"length": 256, "width": 4, "latent_dim": 6, "critic_steps": 2},
}
# Those that make clips.
SMALL |= {name: {"video_shape": (4, 8, 8, 1), "width": 4, "discriminator_width": 4} for name in ("mocogan", "video_gan")}
SMALL["video_prediction"] = {**SMALL["video_gan"], "given": 2, "latent_dim": 4, "pretrain_steps": 5}
# What training begins with, of entries that write.
STAGES = {"pretraining": {"pretraining_epochs": 1}, "adversarial": {"pretraining_epochs": 0}}
TRAINED = [
    *(name for name in SMALL if "vocabulary_size" not in SMALL[name]),
    *(f"{name}-{stage}" for name in SMALL if "vocabulary_size" in SMALL[name] for stage in STAGES),
]

# Entries of which fewer than STEPS steps are compared: rounding errors, which differ with the number of threads, grow from the
# second step on. Batch statistics of few features and scores near 0, which are counted, let them.
FIRST_STEPS = {"fastgan": 1, "projected_gan": 1}

# What follows `keras-gans`, in a folder that holds `train.txt` and `test.txt`.
COMMANDS = {
    "list": ["list"],
    "list_json": ["list", "--json"],
    "generate_grid": ["generate", "dcgan_digits", "--num=16", "--seed=0", "--output=X.png"],
    "generate_array": ["generate", "dcgan_digits", "--num=3", "--seed=0", "--output=X.npy"],
    "generate_folder": ["generate", "dcgan_digits", "--num=3", "--seed=0", "--output=X/"],
    "generate_class": ["generate", "cgan_mnist", "--label=3", "--num=4", "--seed=0", "--output=threes.png"],
    "generate_folder_of_classes": ["generate", "cgan_mnist", "--num=4", "--seed=0", "--output=classes/"],
    "generate_text": ["generate", "seqgan_coco", "--num=5", "--seed=0"],
    "generate_text_of_seeds": ["generate", "seqgan_coco", "--seeds=3,7", "--temperature=0.8", "--output=x.jsonl"],
    "evaluate": [
        *("evaluate", "dcgan_digits", "--dataset=digits", "--num=200", "--seeds=1"),
        *("--metrics=fid,precision_recall", "--json"),
    ],
    "evaluate_text": [
        *("evaluate", "seqgan_coco", "--dataset=text:train.txt", "--held_out=text:test.txt", "--num=100"),
        *("--metrics=bleu,distinct,novelty,nll", "--json"),
    ],
}
_WORDS = (
    ("a man", "a woman", "two cats", "a red bus", "the old train", "a small dog"),
    ("sits", "stands", "waits", "is parked", "moves"),
    ("on a street", "in the park", "near a table", "beside a tall building", "at the beach", "under some trees"),
)


def machine():
    """Returns what the bits of a result depend on: kind of machine, processor and TensorFlow's version."""
    import tensorflow as tf

    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n\n")[0].splitlines()
    except OSError:
        lines = []
    facts = dict(line.split(":", 1) for line in lines if ":" in line)
    facts = {key.strip(): value.strip() for key, value in facts.items()}
    # A virtual machine may call several generations by one name: the numbers tell them apart.
    processor = [facts.get(key, "") for key in ("model name", "cpu family", "model", "stepping")]
    return {
        "machine": platform.machine(),
        "processor": " ".join(part for part in processor if part) or platform.processor(),
        "tensorflow": tf.__version__,
    }


def digest(array):
    """Returns the SHA-256 of an array's bytes."""
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def samples(preset):
    """Returns four samples of a bundled preset, or what it makes of four digits: float32 images in [-1, 1], or int32 tokens."""
    model = keras_gans.load_pretrained(preset)
    if "images" not in model.conditions:
        return model.generate(4, seed=0, conditions=model.example_conditions(4))
    side = model.conditions["images"].shape[0] or 16
    told = {"images": keras_gans.load_data("digits", (side, side, model.conditions["images"].shape[-1])).samples[:4]}
    if "masks" in model.conditions:
        told["masks"] = np.zeros((4, side, side, 1), "uint8")
        told["masks"][:, side // 3 : side // 2] = 255
    return model.apply(told)


def build(entry, **arguments):
    """Returns the small model of an entry, the same one each time."""
    keras.utils.set_random_seed(0)
    return keras_gans.create_model(entry, seed=0, **SMALL[entry], **arguments)


def logs(trained):
    """Returns what a fit of ten steps, which must train every weight, logs after each step, or after the first: lists by name.

    `trained` is one of TRAINED.
    """
    entry, _, stage = trained.partition("-")
    model = build(entry, **STAGES.get(stage, {}))
    random, count = np.random.default_rng(0), STEPS * BATCH
    if stage:
        length = SMALL[entry]["length"]
        data = random.integers(1, SMALL[entry]["vocabulary_size"], (count, length), "int32")
        data[np.arange(length) >= random.integers(2, length + 1, (count, 1))] = 0  # where a sentence has ended
        told = model.class_labels(count)
    elif set(model.data_conditions) - {"labels"} or model.medium.name in ("audio", "video"):
        data, told = entries.data(model, count)
    else:
        data = random.integers(0, 256, (count, *SMALL[entry]["image_shape"]), "uint8")
        told = model.class_labels(count)
    steps = []

    def keep(_, logs):
        steps.append({name: float(value) for name, value in logs.items()})

    log, before = keras.callbacks.LambdaCallback(on_train_batch_end=keep), learned(model)
    model.fit(data, told, batch_size=BATCH, epochs=1, verbose=0, callbacks=[log])
    assert len(steps) == STEPS
    if stage != "pretraining":  # of the generator alone
        check_trained(model, before)
    names = sorted({name for step in steps for name in step})
    # Nine digits are those that float32 has.
    steps = steps[: FIRST_STEPS.get(trained)]
    return {name: [float(f"{step[name]:.9g}") if name in step else None for step in steps] for name in names}


def signatures(entry):
    """Returns the signatures of an entry's SavedModel: by name their inputs and outputs, by name shapes and dtypes.

    For text models it is their preset's, which has the tokenizer that some signatures need.
    """
    text = "vocabulary_size" in SMALL[entry]
    model = keras_gans.load_pretrained(f"{entry}_coco") if text else build(entry)
    functions = signatures_of(model).contents("saved_model").functions

    def facts(specs):
        return {name: [spec.shape.as_list(), spec.dtype.name] for name, spec in sorted(specs.items())}

    found = {}
    for name in sorted(functions):
        traced = functions[name].get_concrete_function()
        found[name] = {
            "inputs": facts({spec.name: spec for spec in traced.structured_input_signature[0]}),
            "outputs": facts(traced.structured_outputs),
        }
    return found


def command(name, run, folder):
    """Runs one of COMMANDS in an empty folder.

    Args:
        name: Its name.
        run: A function of the arguments, and of `cwd`, that runs `keras-gans` and returns the finished process.
        folder: The folder.

    Returns:
        What JSON holds of it: exit code, lines printed (or the JSON that was), files written, by name, with their text or the
        SHA-256 of their pixels; and the pixels by name.
    """
    sentences = [" ".join(parts) for parts in itertools.product(*_WORDS)]
    given = {"train.txt": [s for n, s in enumerate(sentences) if n % 4], "test.txt": sentences[::4]}
    for file, lines in given.items():
        Path(folder, file).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    finished = run(*COMMANDS[name], cwd=folder)
    assert finished.returncode == 0, finished.stderr
    found = {"arguments": COMMANDS[name], "returncode": finished.returncode}
    if "--json" in COMMANDS[name]:
        found["json"] = json.loads(finished.stdout)
        assert finished.stdout == json.dumps(found["json"], indent=2) + "\n"
        # The package's version is another one in each release. All hashes are those of data, stable everywhere.
        found["json"].get("protocol", {}).pop("version", None)
        # What docstrings say of arguments may be said in other words.
        for model in found["json"].get("models", ()):
            model.pop("explanations", None)
    else:
        found["stdout"] = finished.stdout.split("\n")
    pixels, files = {}, {}
    for path in sorted(path for path in Path(folder).rglob("*") if path.is_file()):
        file = path.relative_to(folder).as_posix()
        if file in given:
            continue
        if path.suffix in (".png", ".npy"):
            pixels[file] = _pixels(path)
            files[file] = digest(pixels[file])
        else:
            files[file] = path.read_text(encoding="utf-8").split("\n")
    return {**found, "files": files}, pixels


def _pixels(path):
    if path.suffix == ".npy":
        return np.load(path)
    from PIL import Image

    with Image.open(path) as image:
        return np.asarray(image)
