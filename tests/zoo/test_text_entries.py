"""Tests that every text model of the zoo passes, by its name alone."""

import json

import keras
import numpy as np
import pytest

import keras_gans
from keras_gans import registry
from keras_gans.files import sha256
from keras_gans.text import Tokenizer

ENTRIES = [name for name in keras_gans.list_models() if registry.get_entry(name).task == "text"]
SENTENCES = [
    "a cat sits on a mat",
    "a dog runs in the park",
    "two cats run on the mat",
    "the dog sits",
    "a park in the rain",
] * 8
LENGTH = 8


def small(name):
    """Returns arguments by which an entry learns fast."""
    wanted = {"pretraining_epochs": 1, "rollouts": 1, "filters": 4 if name == "relgan" else 0.01, "head_start": 1}
    return {key: value for key, value in wanted.items() if key in registry.get_entry(name).arguments}


def build(name, **arguments):
    keras.utils.set_random_seed(0)
    model = keras_gans.create_model(name, **{"vocabulary_size": 16, "length": LENGTH, "seed": 0, **small(name), **arguments})
    model.tokenizer = Tokenizer.train(SENTENCES)
    assert model.tokenizer.size <= 16
    return model


def trained(name, **arguments):
    model = build(name, **arguments)
    tokens = model.tokenizer.encode(SENTENCES, LENGTH)[0]
    labels = None if model.num_classes is None else np.arange(len(tokens), dtype="int32") % model.num_classes
    history = model.fit(tokens, labels, batch_size=8, epochs=2, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    assert model.stage == 1
    return model


def _slow(*values, when):
    return pytest.param(*values, marks=pytest.mark.slow if when else ())


COSTLY = ("relgan", "transformer_gan")


# Classes and none are tested with two entries each. A minute (last run: 0.1.0, 2026-11-26).
@pytest.mark.parametrize(
    ("name", "classes"),
    [_slow(name, classes, when=(name in COSTLY) == bool(classes)) for name in ENTRIES for classes in (None, 2)],
)
def test_both_stages_train_every_weight(name, classes):
    before = [w.copy() for w in build(name, num_classes=classes).get_weights()]
    model = trained(name, num_classes=classes)
    frozen = [] if model.reference is None else [id(variable) for variable in model.reference.variables]
    for variable, old in zip(model.weights, before, strict=True):
        if id(variable) not in frozen and variable.trainable:
            assert np.abs(keras.ops.convert_to_numpy(variable) - old).max() > 0, variable.path
    assert all(
        set(line.split()) <= {*" ".join(SENTENCES).split(), "<unk>"} for line in model.write(5, labels=model.class_labels(5))
    )


# Their cells and layers are like others, and take long to build (last run: 0.1.0, 2026-11-26).
@pytest.mark.parametrize("name", [_slow(name, when=name != "next_token_gan") for name in ENTRIES])
def test_config_file_and_preset_keep_it(name, tmp_path):
    model = trained(name, ema=0.9)
    expected = model.generate(6, seed=1)
    copy = type(model).from_config(json.loads(json.dumps(model.get_config())))
    copy.set_weights(model.get_weights())
    np.testing.assert_array_equal(copy.generate(6, seed=1), expected)
    model.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(keras.models.load_model(tmp_path / "model.keras").generate(6, seed=1), expected)
    saved = keras_gans.save_preset(model, tmp_path / "preset")
    assert saved.metadata.to_dict()["files"]["tokenizer.model"]["sha256"] == sha256(tmp_path / "preset/tokenizer.model")
    loaded = keras_gans.load_pretrained(tmp_path / "preset")
    assert loaded.write(6, seed=1) == model.tokenizer.decode(expected)
    assert loaded.pretrained  # further training is adversarial
    lines = (tmp_path / "preset" / "samples.txt").read_text(encoding="utf-8").splitlines()
    assert lines == model.write(20, seed=0)


# The others' commands are these. A minute (last run: 0.1.0, 2026-11-26).
@pytest.mark.parametrize("name", [_slow(name, when=name != "next_token_gan") for name in ENTRIES])
def test_text_is_trained_and_written_by_two_commands(name, tmp_path, keras_gans_forked):
    text, run = tmp_path / "text.txt", tmp_path / "run"
    text.write_text("".join(f"{line} {number % 7}\n" for number, line in enumerate(SENTENCES * 4)), encoding="utf-8")
    settings = [f"--set={key}={value}" for key, value in small(name).items()]
    finished = keras_gans_forked(
        "train", name, f"--dataset=text:{text}", "--epochs=2", "--batch_size=16", f"--run_dir={run}", *settings
    )
    assert finished.returncode == 0, finished.stderr
    assert "held out" in finished.stdout
    finished = keras_gans_forked("generate", run, "--num=3", "--prompt=a dog", "--temperature=0.5")
    assert finished.returncode == 0, finished.stderr
    lines = finished.stdout.strip().splitlines()
    assert len(lines) == 3
    assert all(line.startswith("a dog") for line in lines)
    if name == ENTRIES[0]:
        two = keras_gans_forked("generate", run, "--seeds=3, 7", f"--output={tmp_path / 'two.txt'}")
        assert two.returncode == 0, two.stderr
        written = keras_gans.load_pretrained(run).write(seeds=[3, 7])
        assert (tmp_path / "two.txt").read_text(encoding="utf-8").splitlines() == written
    finished = keras_gans_forked("generate", run, "--prompt=a zebra")
    assert finished.returncode == 2
    assert "does not contain these parts of the prompt: 'zebra'" in finished.stderr


# Ten seconds (last run: 0.1.0, 2026-11-26).
@pytest.mark.slow
def test_the_class_of_text_is_asked_for_by_two_commands(tmp_path, keras_gans_forked):
    words = {"good": ["fine", "nice", "lovely"], "bad": ["awful", "sad", "poor"]}
    lines = [
        f"{label}\tthe {noun} {verb} {word}\n"
        for label, some in words.items()
        for word in some
        for noun in ("film", "plot", "cast", "song", "book")
        for verb in ("is", "was", "seems")
    ]
    (tmp_path / "reviews.tsv").write_text("".join(lines * 6), encoding="utf-8")
    settings = ["--set=pretraining_epochs=8", "--set=head_start=20", "--epochs=10", "--batch_size=16"]
    run, source = f"--run_dir={tmp_path / 'run'}", f"--dataset=text:{tmp_path / 'reviews.tsv'}"
    finished = keras_gans_forked("train", "next_token_gan", source, "--labelled", run, *settings)
    assert finished.returncode == 0, finished.stderr
    for label, some in words.items():
        finished = keras_gans_forked("generate", tmp_path / "run", f"--label={label}", "--num=20", "--temperature=0.5")
        assert finished.returncode == 0, finished.stderr
        right = [line.split()[-1] in some for line in finished.stdout.strip().splitlines()]
        assert len(right) == 20
        assert np.mean(right) > 0.8
    finished = keras_gans_forked("generate", tmp_path / "run", "--label=neutral")
    assert finished.returncode == 2
    assert "There is no class 'neutral'" in finished.stderr
