"""Draws samples from a preset or a training run.

    keras-gans generate dcgan_digits --num=64 --seed=0 --output=grid.png
    keras-gans generate runs/dcgan --num=50000 --output=folder/
    keras-gans generate runs/cgan --num=16 --label=3
    keras-gans generate hf://owner/name --num=16                          downloaded once: see docs/presets.md
    keras-gans generate runs/cgan --seeds=3,7 --truncation=0.7            as exports do, given these seeds

The output's ending says its form: a picture (`.png`, `.jpg`, `.webp`) shows all samples in one grid; `.npy` is one array,
uint8 of shape (N, height, width, channels); a name without an ending, or with a slash at its end, is a folder with one PNG a
sample. A conditional model shows each of its classes: in a row of the picture, in a sub-folder, in turn in the array.

A model that writes prints its sentences; `--output=samples.txt`, a line a sentence, or `.jsonl`, with labels, keeps them.

    keras-gans generate runs/captions --num=20 --temperature=0.8 --prompt="a man"
    keras-gans generate runs/captions --seeds=3,7                                 as exports do, given these seeds
"""

import itertools
import json
from pathlib import Path

import numpy as np
from absl import flags

from keras_gans import errors, files, presets, registry
from keras_gans.media import pictures

from .common import program

_NUM = flags.DEFINE_integer("num", 64, "How many samples.", lower_bound=1)
_SEED = flags.DEFINE_integer("seed", 0, "The same seed gives the same samples.", lower_bound=0)
_LABEL = flags.DEFINE_string("label", None, "The class to generate, its number or its name, for conditional models.")
_BATCH_SIZE = flags.DEFINE_integer("batch_size", 64, "Samples computed at a time.", lower_bound=1)
_OUTPUT = flags.DEFINE_string("output", None, "A picture (default: samples.png), an .npy file or a folder; of text see above.")
_TEMPERATURE = flags.DEFINE_float("temperature", None, "Of text: below 1 it keeps to what is probable.")
_TOP_K = flags.DEFINE_integer("top_k", None, "Of text: only so many most probable tokens are drawn.")
_TOP_P = flags.DEFINE_float("top_p", None, "Of text: only the most probable tokens that together reach this probability.")
_PROMPT = flags.DEFINE_string("prompt", None, "Of text: what each sentence begins with.")
_SEEDS = flags.DEFINE_list("seeds", None, "A seed for each sample, in place of --num and --seed.")
_TRUNCATION = flags.DEFINE_float("truncation", None, "Of images: below 1 it keeps near the mean one.", 0.0, 1.0)
_OVERWRITE = flags.DEFINE_boolean("overwrite", False, "Replace existing output.")

_PICTURES = (".png", ".jpg", ".jpeg", ".webp")


def main(arguments):
    """Draws the samples and writes them."""
    preset = presets.find_preset(program.one_argument(arguments, "preset or run folder"))
    how = {flag.name: flag.value for flag in (_TEMPERATURE, _TOP_K, _TOP_P, _PROMPT) if flag.value is not None}
    if registry.get_entry(preset.config["model"]).task == "text":
        if _TRUNCATION.value is not None:
            raise ValueError(f"--truncation is for models that make images; {preset.name} writes: see --temperature.")
        _write_text(preset, how)
        return
    if how:
        raise ValueError(f"--{min(how)} is for models that write, and {preset.name} makes images.")
    which = _which() | {"truncation": 1.0 if _TRUNCATION.value is None else _TRUNCATION.value}
    count = len(which["seeds"]) if "seeds" in which else which["n"]
    name = _OUTPUT.value or "samples.png"
    output, kind = Path(name), _kind(name)
    files.refuse_existing(output, _OVERWRITE.value)
    if kind == "folder" and output.is_dir() and any(child.suffix != ".png" for child in output.iterdir()):
        raise ValueError(f"{output} holds other files than PNG pictures: it is not replaced.")
    program.import_keras()
    model = preset.load()
    label = _find_label(preset, _LABEL.value)
    labels = model.class_labels(count) if label is None else label
    batches = model.generate_batches(labels=labels, batch_size=_BATCH_SIZE.value, **which)
    if pictures.is_image_shape(model.sample_shape):
        batches = map(pictures.to_uint8, batches)
    if kind == "folder":
        _write_folder(output, batches, count, model.sample_shape, labels if label is None else None)
    elif kind == "array":
        with files.replacing(output) as temporary:
            np.save(temporary, np.concatenate(list(batches)))
    else:
        pictures.save_picture(output, model.draw(labels=label, **which))
    print(f"Wrote {count} samples of {preset.name} to {output}.")


def _write_text(preset, how):
    """Prints sentences, or writes them to a file."""
    which = _which()
    output = Path(_OUTPUT.value) if _OUTPUT.value else None
    if output and output.suffix not in (".txt", ".jsonl"):
        raise ValueError(f"--output={output} must end in .txt or .jsonl: {preset.name} writes text.")
    if output:
        files.refuse_existing(output, _OVERWRITE.value)
    program.import_keras()
    model = preset.load()
    label = _find_label(preset, _LABEL.value)
    count = len(which["seeds"]) if "seeds" in which else which["n"]
    labels = model.class_labels(count) if label is None else label
    lines = model.write(labels=labels, batch_size=_BATCH_SIZE.value, **{**how, **which})
    if output is None:
        print("\n".join(lines))
        return
    with files.replacing(output) as temporary:
        if output.suffix == ".jsonl":
            of_each = [None] * len(lines) if labels is None else np.broadcast_to(labels, len(lines)).tolist()
            rows = [
                {"text": line} | ({} if each is None else {"label": each}) for line, each in zip(lines, of_each, strict=True)
            ]
            temporary.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        else:
            temporary.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    print(f"Wrote {count} sentences of {preset.name} to {output}.")


def _which():
    """Returns the arguments that say how many samples there are, and of which seeds."""
    if _SEEDS.value is None:
        return {"n": _NUM.value, "seed": _SEED.value}
    if _NUM.present or _SEED.present:
        raise ValueError("--seeds has a seed for each sample: leave out --num and --seed.")
    if not _SEEDS.value or not all(seed.strip().isdecimal() for seed in _SEEDS.value):
        raise ValueError(f"--seeds must be integers from 0, such as 3,7; received '{','.join(_SEEDS.value)}'.")
    return {"seeds": [int(seed) for seed in _SEEDS.value]}


def _find_label(preset, given):
    """Returns the number of a class from its number or its name."""
    if given is None:
        return None
    names = preset.facts.get("classes") or []
    if given in names:
        return names.index(given)
    if given.isdigit():
        return int(given)
    if not names:
        raise ValueError(f"--label={given}: the classes of {preset.name} have numbers only.")
    raise ValueError(errors.no_such("class", given, names))


def _kind(output):
    """Returns what the name of the output asks for."""
    suffix = Path(output).suffix.lower()
    if output.endswith("/") or not suffix:
        return "folder"
    if suffix in _PICTURES:
        return "picture"
    if suffix == ".npy":
        return "array"
    raise ValueError(f"--output={output} must end in {', '.join(_PICTURES)} (one picture), .npy (an array) or / (a folder).")


def _write_folder(folder, batches, count, shape, labels):
    """Writes 8-bit samples as they come, by class if there are labels: thousands of large ones need not fit in memory."""
    if not pictures.is_image_shape(shape):
        raise ValueError(f"Samples of shape {shape} are no images; write them to a .npy file.")
    digits = max(6, len(str(count - 1)))
    with files.replacing(folder) as temporary:
        temporary.mkdir()
        for index, image in enumerate(itertools.chain.from_iterable(batches)):
            part = temporary if labels is None else temporary / str(labels[index])
            part.mkdir(exist_ok=True)
            pictures.as_pillow(image).save(part / f"{index:0{digits}}.png")


if __name__ == "__main__":
    program.run(main)
