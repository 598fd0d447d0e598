"""A semi-supervised model and one with codes by the command line."""

import json

import numpy as np
import pytest

import keras_gans

SMALL = ("--image_size=8", "--batch_size=256", "--set=width=4", "--set=latent_dim=4", "--set=hidden=8")


@pytest.fixture(scope="module")
def train(keras_gans_forked, tmp_path_factory):
    def run(model, *arguments):
        folder = tmp_path_factory.mktemp(model) / "run"
        process = keras_gans_forked("train", model, "--dataset=digits", *SMALL, *arguments, f"--run_dir={folder}")
        assert process.returncode == 0, process.stderr
        return folder, process.stdout

    return run


@pytest.fixture(scope="module")
def few_labels(train):
    return train("sgan", "--epochs=2", "--labels=50")


@pytest.fixture(scope="module")
def codes(train):
    return train("infogan", "--epochs=1", "--set=guess_width=8", "--set=categories=4", "--metrics=none")[0]


def test_a_run_tells_how_many_labels_it_used_and_logs_the_accuracy(few_labels):
    folder, said = few_labels
    assert "50 of 1,797 labels are used, the others are hidden" in said
    training = json.loads((folder / "preset.json").read_text())["training"]
    assert training["labels"] == 50
    logs = [json.loads(line) for line in (folder / "logs" / "train.jsonl").read_text().splitlines()]
    assert all(0 <= line["accuracy"] <= 1 for line in logs)
    assert not (folder / "best").exists()  # its samples do not decide


def test_the_classifier_is_measured_by_default_on_held_out_samples(keras_gans_forked, few_labels, tmp_path):
    digits = keras_gans.load_data("digits", (8, 8))
    np.savez(tmp_path / "other.npz", x=digits.samples[:300], y=digits.labels[:300])
    run = ("evaluate", few_labels[0], "--seeds=1", "--num=300", "--json")
    process = keras_gans_forked(*run, f"--held_out=npz:{tmp_path / 'other.npz'}")
    assert process.returncode == 0, process.stderr
    found = json.loads(process.stdout)["metrics"]
    assert list(found) == ["fid", "kid", "precision", "recall", "accuracy"]
    model = keras_gans.load_pretrained(few_labels[0])
    expected = np.mean(model.classify(digits.samples[:300]).argmax(axis=1) == digits.labels[:300])
    assert found["accuracy"]["mean"] == pytest.approx(expected, abs=1 / 300)


def test_hidden_labels_are_refused_where_all_are_needed(keras_gans_forked, assert_refused, tmp_path):
    process = keras_gans_forked(
        "train", "acgan", "--dataset=digits", *SMALL[:3], "--labels=50", f"--run_dir={tmp_path / 'run'}"
    )
    assert_refused(process, "semi-supervised", "sgan", "digits")


def test_codes_are_chosen_by_a_flag(keras_gans_forked, codes, tmp_path):
    generate = ("generate", codes, "--num=6", "--condition=category=2", "--condition=codes=-1,0.5")
    process = keras_gans_forked(*generate, "--output=samples.npy", cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    model = keras_gans.load_pretrained(codes)
    expected = model.medium.to_file(model.generate(6, seed=0, conditions={"category": 2, "codes": [-1.0, 0.5]}))
    np.testing.assert_allclose(np.load(tmp_path / "samples.npy").astype(int), expected, atol=1)
    process = keras_gans_forked(*generate, "--output=samples/", cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    process = keras_gans_forked("verify", tmp_path / "samples" / "000004.png", f"--model={codes}")
    assert process.returncode == 0, process.stdout + process.stderr


@pytest.mark.parametrize("codes_given", ["0.5", "0.5,2", "a,b"])
def test_codes_that_are_none_are_refused(keras_gans_forked, codes, assert_refused, codes_given):
    process = keras_gans_forked("generate", codes, f"--condition=codes={codes_given}")
    assert_refused(process, "2 numbers from -1 to 1, such as 0.5,0.5")


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_categories_are_measured_by_the_classes_that_they_fit(keras_gans_forked, codes, tmp_path):
    digits = keras_gans.load_data("digits", (8, 8))
    np.savez(tmp_path / "other.npz", x=digits.samples[:300], y=digits.labels[:300])
    process = keras_gans_forked(
        "evaluate", codes, "--num=300", "--metrics=category_accuracy", f"--held_out=npz:{tmp_path / 'other.npz'}", "--json"
    )
    assert process.returncode == 0, process.stderr
    found = keras_gans.load_pretrained(codes).classify(digits.samples[:300]).argmax(axis=1)
    expected = keras_gans.metrics.category_accuracy(found, digits.labels[:300])
    assert json.loads(process.stdout)["metrics"]["category_accuracy"]["mean"] == pytest.approx(expected, abs=2 / 300)
