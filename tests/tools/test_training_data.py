"""What `train` fills in of a builder's arguments, and what the data must hold for a model."""

import subprocess
import sys

import numpy as np
import pytest

FILLED_IN = """
import numpy as np
from keras_gans.data import Data
from keras_gans.registry import Entry
from keras_gans_tools.common.run import Run
from keras_gans_tools.common.training_data import builder_arguments

images = np.zeros((70, 8, 8, 3), "uint8")
known = {"images": np.zeros((70, 16, 16, 1), "uint8"), "numbers": np.arange(70)}
pairs = Data("pairs", images, labels=np.arange(70) % 3, conditions=known)
run = Run(dataset="pairs", batch_size=32, epochs=5, seed=7)

def told(image_shape=(), num_classes=10, conditions=None, total_images=0, seed=None): ...
def plain(image_shape=()): ...
def either(image_shape=(), num_classes=None): ...
def no_size(width=3): ...

def show(build, data):
    try:
        print(builder_arguments(Entry(build.__name__, build, "images"), data, run))
    except ValueError as error:
        print(error)

show(told, pairs)
show(plain, pairs)
show(either, Data("images", images))
show(told, Data("images", images))
show(no_size, Data("images", images))
show(no_size, Data("text", np.zeros((9, 5), "int32")))
"""


def test_arguments_that_follow_from_the_data():
    process = subprocess.run([sys.executable, "-c", FILLED_IN], capture_output=True, text=True, check=True)
    *filled, unlabelled, no_argument, other = process.stdout.splitlines()
    conditions = {
        "images": {"kind": "images", "shape": [16, 16, 1]},
        "labels": {"kind": "classes", "count": 3},
    }
    whole = {"image_shape": (8, 8, 3), "seed": 7, "num_classes": 3, "conditions": conditions, "total_images": 5 * 64}
    assert [eval(line) for line in filled] == [whole, {"image_shape": (8, 8, 3)}, {"image_shape": (8, 8, 3)}]
    assert unlabelled == "told is conditional and learns from labels, which images does not have."
    assert "no argument image_shape" in no_argument
    assert "register_model" in no_argument
    assert other == "no_size makes images, but text contains text."


@pytest.fixture
def npz(tmp_path):
    np.savez(tmp_path / "plain.npz", x=np.zeros((70, 28, 28, 1), "uint8"))
    (tmp_path / "words.txt").write_text("some words\nother words\n" * 9)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["cgan", "--dataset=npz:plain.npz"], ["cgan is conditional", "labels, which npz:plain.npz does not have"]),
        (["dcgan", "--dataset=text:words.txt"], ["dcgan makes images, but text:words.txt contains text"]),
        (["seqgan", "--dataset=npz:plain.npz"], ["seqgan makes text, but npz:plain.npz contains images"]),
        (["dcgan", "--dataset=npz:plain.npz", "--tokens=words"], ["--tokens is for text:PATH only"]),
        (["seqgan", "--dataset=text:words.txt", "--batch_size=4", "--metrics=fid"], ["--metrics=fid", "text", "val_nll"]),
    ],
    ids=lambda value: " ".join(value[:2]),
)
def test_what_does_not_fit_the_data_is_refused(keras_gans_forked, assert_refused, npz, arguments, words):
    assert_refused(keras_gans_forked("train", *arguments, "--run_dir=run", cwd=npz), *words)
    assert not (npz / "run").exists()


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_labelled_text_is_judged_by_what_is_held_out_and_written_by_label_or_prompt(keras_gans_forked, tmp_path):
    lines = [f"{'even' if n % 2 == 0 else 'odd'}\t{n % 10} {n % 7} {n % 3}\n" for n in range(120)]
    (tmp_path / "words.txt").write_text("".join(lines))
    small = ["--set=embedding_dim=4", "--set=units=4", "--set=pretraining_epochs=1", "--batch_size=16", "--epochs=1"]
    process = keras_gans_forked(
        "train", "next_token_gan", "--dataset=text:words.txt", "--labelled", *small, "--run_dir=run", cwd=tmp_path
    )
    assert process.returncode == 0, process.stderr
    assert "held out" in process.stdout
    assert "look at run/samples.txt" in process.stdout.splitlines()[-1]
    process = keras_gans_forked("generate", "run", "--label=odd", "--num=2", "--output=x.jsonl", cwd=tmp_path)
    assert process.stdout == "Wrote 2 sentences of run to x.jsonl.\n", process.stderr
    assert (tmp_path / "x.jsonl").read_text().count('"label": 1') == 2
    process = keras_gans_forked("generate", "run", "--num=3", "--prompt=3 3", "--temperature=0.5", cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    lines = process.stdout.strip().splitlines()
    assert len(lines) == 3
    assert all(line.startswith("3 3") for line in lines)
    process = keras_gans_forked("generate", "run", "--prompt=3 zebra", cwd=tmp_path)
    assert process.returncode == 2
    assert "does not contain these parts of the prompt: 'zebra'" in process.stderr
