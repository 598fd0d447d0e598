import json

import numpy as np
import pytest
from PIL import Image

import keras_gans
from keras_gans.presets import model_card
from tests.support.captions import captions

CAPTIONS = captions(120, seed=0)
SMALL = ("--num=60", "--generated=40")


@pytest.fixture(scope="module")
def audited(tmp_path_factory, keras_gans_forked):
    """The bundled digits against noise, with everything written."""
    folder = tmp_path_factory.mktemp("audited")
    noise = np.random.default_rng(0).integers(0, 256, (60, 28, 28, 1)).astype("uint8")
    np.savez(folder / "noise.npz", samples=noise)
    written = ("--output=result.json", "--picture=exposed.png", "--shown=3")
    return folder, keras_gans_forked("audit", "dcgan_digits", "--held_out=npz:noise.npz", *SMALL, *written, cwd=folder)


def test_it_prints_a_table_of_attacks(audited):
    _, process = audited
    assert process.returncode == 0, process.stderr
    about, _, header, *attacks, wrote = process.stdout.splitlines()
    assert about.startswith("dcgan_digits: 30 training samples of digits against as many of npz:noise.npz")
    assert header.split()[:3] == ["attack", "AUC", "(95"]
    names = [line.split("  ")[0] for line in attacks]
    assert names == ["discriminator's score", "nearest sample", "nearest sample, calibrated", "Monte Carlo"]
    assert wrote == "Wrote exposed.png."


def test_the_result_says_what_was_compared_and_how_to_repeat_it(audited):
    folder, _ = audited
    result = json.loads((folder / "result.json").read_text())
    assert result["command"] == "keras-gans audit dcgan_digits --held_out=npz:noise.npz --num=60 --generated=40"
    assert (result["members"], result["generated"], result["reference"], result["seed"]) == (30, 40, 30, 0)
    nearest = next(attack for attack in result["attacks"] if attack["name"] == "nearest")
    assert nearest["auc"]["value"] > 0.95  # noise does not look like a digit
    assert len(result["exposed"]["members"]) == 3


def test_the_picture_shows_rows_of_three(audited):
    folder, _ = audited
    with Image.open(folder / "exposed.png") as picture:
        assert picture.size[0] == pytest.approx(picture.size[1], abs=4)  # 3 samples in each of 3 rows


def test_the_result_can_be_recorded_for_the_card(tmp_path, keras_gans_forked, audited):
    folder, _ = audited
    preset = keras_gans.presets.find_preset("dcgan_digits").folder
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in preset.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    held_out = f"--held_out=npz:{folder / 'noise.npz'}"
    process = keras_gans_forked("audit", "copy", held_out, *SMALL, "--record", cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    card = model_card.render(copy)
    assert "## Privacy" in card
    assert "| Monte Carlo |" in card
    assert "Each attack ranks 30 training samples and as many of npz:" in card
    keras_gans.load_pretrained(copy)


def test_models_that_learn_from_more_than_their_scores_depend_on_are_attacked(tmp_path, keras_gans_forked, audited):
    folder, _ = audited
    model = keras_gans.create_model("sgan", width=4)
    data = keras_gans.load_data("digits", (28, 28, 1), labels=100)
    model.fit(data, batch_size=512, verbose=0)
    keras_gans.save_preset(model, tmp_path / "few", dataset="digits")
    process = keras_gans_forked("audit", "few", f"--held_out=npz:{folder / 'noise.npz'}", *SMALL, cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    assert "discriminator's score" in process.stdout


def test_data_without_a_split_to_hold_out_are_refused(keras_gans_forked, tmp_path):
    process = keras_gans_forked("audit", "dcgan_digits", *SMALL, cwd=tmp_path)
    assert process.returncode == 2
    assert "this data set has no split 'test': give them with --held_out" in process.stderr


def test_held_out_samples_that_are_training_samples_are_left_out(keras_gans_forked, tmp_path):
    digits = np.asarray(keras_gans.load_data("digits", (28, 28, 1)).samples[:])
    np.savez(tmp_path / "same.npz", samples=digits)
    noise = np.random.default_rng(0).integers(0, 256, digits.shape).astype("uint8")
    np.savez(tmp_path / "half.npz", samples=np.concatenate([digits[:30], noise[:30]]))
    process = keras_gans_forked("audit", "dcgan_digits", "--held_out=npz:same.npz", "--generated=40", cwd=tmp_path)
    assert process.returncode == 2
    assert "held-out samples are training samples, too: give samples that the model was not trained on" in process.stderr
    process = keras_gans_forked("audit", "dcgan_digits", "--held_out=npz:half.npz", "--generated=40", cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    assert "dcgan_digits: 15 training samples of digits" in process.stdout
    assert "(30 more are training samples, too, and were left out)" in process.stdout


def test_text_is_attacked_by_its_likelihood_too(tmp_path, keras_gans_forked):
    for name, lines in (("train", CAPTIONS[:60]), ("test", CAPTIONS[60:120])):
        (tmp_path / f"{name}.txt").write_text("\n".join(lines) + "\n")
    data = ("--dataset=text:train.txt", "--held_out=text:test.txt")
    process = keras_gans_forked("audit", "seqgan_coco", *data, *SMALL, "--shown=2", cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    assert "likelihood" in process.stdout
    shown = process.stdout[process.stdout.index("The most exposed training sentences:") :].splitlines()[1:]
    assert [line.split(":")[0].strip() for line in shown if line.strip()] == ["training", "generated", "held out"] * 2
    assert shown[0].split(":", 1)[1].strip() in CAPTIONS[:60]


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_replies_are_attacked_with_what_they_answer(tmp_path, keras_gans_forked):
    for name, lines in (("train", CAPTIONS[:60]), ("test", CAPTIONS[60:120])):
        (tmp_path / f"{name}.txt").write_text("\n".join(f"what do you see ?\t{line}" for line in lines) + "\n")
    data = ("--dataset=text:train.txt", "--held_out=text:test.txt")
    process = keras_gans_forked("audit", "dialogue", *data, *SMALL, "--shown=1", cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    assert "likelihood" in process.stdout
