"""Attacks a model: can someone tell from it which samples it was trained on?

    keras-gans audit dcgan_mnist
    keras-gans audit runs/mnist --dataset=mnist --held_out=test --num=2000 --output=audit.json --picture=exposed.png
    keras-gans audit runs/captions --dataset=text:train.txt --held_out=text:test.txt

WHAT is a preset or a run folder. Members are samples of the training data, the others as many of --held_out, which the model
must not have been trained on; both are chosen by --seed. Three attacks rank them: by the discriminator's score; by the distance
from the nearest generated sample, raw and calibrated by that from held-out samples that are not candidates; and by the share
of generated samples near them. Text models are also attacked by the likelihood. The AUC is 0.5 if an attack cannot tell, and
1 if it always can. See docs/privacy.md.

The picture has a row for each of the most exposed training samples: the sample itself, the nearest generated one, and the
nearest held-out one. For text, they are printed.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from absl import flags

from keras_gans import files

from .common import audited, evaluation, program, text_evaluation

_GENERATED = flags.DEFINE_integer("generated", 10_000, "Number of generated samples that attacks compare with.", lower_bound=10)
_SEED = flags.DEFINE_integer("seed", 0, "Seed of the choice of candidates and of the generated samples.", lower_bound=0)
_SHOWN = flags.DEFINE_integer("shown", 8, "Number of most exposed training samples to show.", lower_bound=1)
_PICTURE = flags.DEFINE_string("picture", None, "Write the picture of the most exposed training samples to this PNG.")
_JSON = flags.DEFINE_boolean("json", False, "Print JSON instead of a table.")
_OUTPUT = flags.DEFINE_string("output", None, "Write the JSON to this file, too.")
_RECORD = flags.DEFINE_boolean("record", False, "Store the result in the preset's preset.json, from which its card is made.")

SHARED_FLAGS = (evaluation, text_evaluation)


def main(arguments: list[str]) -> None:
    """Attack, print and write."""
    from keras_gans.evaluation.progress import ProgressLine

    what = program.one_argument(arguments, "preset or run folder")
    if _PICTURE.value is not None and Path(_PICTURE.value).suffix.lower() != ".png":
        raise ValueError(f"--picture={_PICTURE.value} must end in .png.")
    evaluation.check_dataset()
    with ProgressLine() as progress:
        progress.at_terminal("loading Keras")
        program.import_keras()
        progress.at_terminal(f"loading {what}")
        subject = evaluation.find_subject(what)
        if subject.model is None or subject.preset is None:
            raise ValueError(f"{what} holds samples: an audit needs the model, a preset or a run folder.")
        if subject.model.latent_shape is None:
            raise ValueError(f"{what} makes of each input one sample: an audit is for models that generate from latents.")
        evaluator = evaluation.make_evaluator([subject], progress)
        parts = audited.collect(evaluator, subject.model, _GENERATED.value, _SEED.value)
        result = audited.attack(parts, subject, evaluator, progress)
        positions = audited.most_exposed(parts, _SHOWN.value)
    result = {"command": _command(), **result}
    result["seed"], result["exposed"] = _SEED.value, positions
    if _JSON.value:
        print(files.as_json(result).decode())
    else:
        print("\n".join(audited.table(result)))
        if lines := audited.listing(parts, positions):
            print("", *lines, sep="\n")
    if _OUTPUT.value:
        files.write_json(_OUTPUT.value, result)
    if _PICTURE.value is not None:
        audited.write_picture(Path(_PICTURE.value), parts, positions)
        print(f"Wrote {_PICTURE.value}.", file=sys.stderr if _JSON.value else sys.stdout)
    if _RECORD.value:
        recorded = {name: value for name, value in result.items() if name != "exposed"}
        subject.preset.metadata.update(audit=recorded).write(subject.preset.folder / "preset.json")
        print(f"Wrote {subject.preset.folder / 'preset.json'}.", file=sys.stderr if _JSON.value else sys.stdout)


def _command() -> str:
    """Return the command that repeats the audit, without where its results went."""
    where = ("--output", "--picture", "--record", "--json", "--shown")
    words = sys.argv[1:]
    words = words[1:] if words[:1] == ["audit"] else words
    return shlex.join(["keras-gans", "audit", *(word for word in words if word.split("=")[0] not in where)])


if __name__ == "__main__":
    program.run(main)
