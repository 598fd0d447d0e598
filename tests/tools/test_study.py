"""`keras-gans study`, from models to a report."""

import csv
import io
import json

import numpy as np
import pytest
from PIL import Image

from keras_gans.study import load_study

COUNTS = ("--num=8", "--trials=4", "--golds=1", "--repeats=1", "--practice=2")


def create(keras_gans_forked, folder, *arguments):
    process = keras_gans_forked("study", "create", folder, *COUNTS, *arguments)
    assert process.returncode == 0, process.stderr
    return load_study(folder)


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_a_study_of_a_preset_and_of_files(keras_gans_forked, tiny, tmp_path):
    folder, model = tiny
    np.save(tmp_path / "others.npy", np.random.default_rng(0).integers(0, 256, (9, 8, 8, 1), "uint8"))
    np.savez(tmp_path / "real.npz", x=np.random.default_rng(1).integers(0, 256, (60, 8, 8, 1), "uint8"))
    arguments = [str(folder), str(tmp_path / "others.npy"), f"--dataset=npz:{tmp_path / 'real.npz'}", "--seed=3"]
    study = create(keras_gans_forked, tmp_path / "study", *arguments)
    assert study.models == (str(folder), str(tmp_path / "others.npy"))
    expected = {model.medium.to_file(image).tobytes() for image in model.generate(9, seed=3)}
    found = [path for path in (tmp_path / "study" / "media").iterdir() if path.stem in study.named("pool", str(folder))]
    assert len(found) == 8
    assert {np.asarray(Image.open(io.BytesIO(path.read_bytes()))).tobytes() for path in found} <= expected


def test_sentences(keras_gans_forked, assert_refused, tmp_path):
    for name in ("real", "made"):
        (tmp_path / f"{name}.txt").write_text("".join(f"sentence {n} of those that are {name}\n" for n in range(60)))
    arguments = [str(tmp_path / "made.txt"), f"--dataset=text:{tmp_path / 'real.txt'}", "--protocol=likert"]
    study = create(keras_gans_forked, tmp_path / "study", *arguments)
    texts = {item.text for item in study.items if (item.source, item.role) == ("real", "pool")}
    assert len(texts) == 8
    assert all(text.endswith("are real") for text in texts)
    assert_refused(keras_gans_forked("study", "report", tmp_path / "study"), "has no answers yet")


def test_reports(keras_gans_forked, tmp_path):
    pytest.importorskip("jinja2")
    pytest.importorskip("matplotlib")
    from keras_gans.study import Truth
    from tests.keras_gans.study.conftest import make
    from tests.keras_gans.study.test_results import fill

    fill(make(tmp_path / "study", practice=0, trials=20), Truth((0.3, 0.4), slips=0.0), 6)
    process = keras_gans_forked("study", "report", "study", "--html=page.html", "--csv=answers.csv", cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    assert "HYPE-infinity" in process.stdout
    assert "one - two" in process.stdout
    assert "<svg" in (tmp_path / "page.html").read_text()
    with open(tmp_path / "answers.csv", newline="") as file:
        assert len(list(csv.DictReader(file))) == 6 * 22
    process = keras_gans_forked("study", "report", "study", "--json", cwd=tmp_path)
    assert [row["name"] for row in json.loads(process.stdout)["scores"]] == ["one", "two"]


def test_simulations(keras_gans_forked):
    arguments = ("--raters=10", "--items=20", "--studies=3", "--scores=0.3,0.5")
    process = keras_gans_forked("study", "simulate", *arguments)
    assert process.returncode == 0, process.stderr
    assert "10 raters of each model, 20 trials each" in process.stdout
    assert "raters of each model." in process.stdout
    process = keras_gans_forked("study", "simulate", *arguments, "--json")
    found = json.loads(process.stdout)
    assert found["needed"] == {"raters_of_each_model": 7}
    assert 0 < found["half_width"] < 0.2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "an action is needed"),
        (["sreve"], "Did you mean 'serve'"),
        (["create", "study"], "at least one model"),
        (["create", "study", "dcgan_digits"], "--dataset is missing"),
        (["create", "study", "a", "a", "--dataset=digits"], "given once"),
        (["create", "study", "nowhere", "--dataset=digits"], "nowhere"),
        (["create", "full", "dcgan_digits", "--dataset=digits"], "exists already"),
        (["serve"], "folder of a study is needed"),
        (["serve", "full"], "holds no study"),
        (["report", "nowhere"], "holds no study"),
        (["simulate", "x"], "flags alone"),
        (["simulate", "--scores=a"], "numbers separated by commas"),
        (["simulate", "--scores=40"], "shares of errors"),
        (["simulate", "--protocol=guess"], "protocol"),
    ],
)
def test_mistakes_are_said_in_one_line(keras_gans_forked, assert_refused, tmp_path, arguments, words):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    assert_refused(keras_gans_forked("study", *arguments, cwd=tmp_path), words)
