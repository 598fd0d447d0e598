import csv
import importlib.util
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import scipy.special
from PIL import Image

from keras_gans_tools.benchmarks.training import count_operations
from tests.support.captions import captions


def test_operations_counted_by_hand():
    """Products of the layers of zoo/gan/networks.py: the generator's of each sample, the discriminator's likewise."""
    generator = [100 * 256, 256 * 512, 512 * 1024, 1024 * 784]
    discriminator = [784 * 512, 512 * 256, 256 * 1]
    passes = 3 * sum(generator) - generator[0] + 8 * sum(discriminator) - 2 * discriminator[0]
    assert count_operations("gan", 64) == 2 * 64 * passes


def test_operations_of_convolutions_counted_by_hand():
    generator = [100 * 7 * 7 * 128, 7 * 7 * 128 * 64 * 16, 14 * 14 * 64 * 16]
    discriminator = [14 * 14 * 16 * 64, 7 * 7 * 16 * 64 * 128, 7 * 7 * 128]
    passes = 3 * sum(generator) - generator[0] + 8 * sum(discriminator) - 2 * discriminator[0]
    assert count_operations("dcgan", 1) == 2 * passes


@pytest.mark.parametrize("name", ["gan", "dcgan", "wgan_gp"])
def test_the_networks_in_pytorch_are_the_same(name):
    pytest.importorskip("torch")
    import keras_gans
    from keras_gans_tools.benchmarks.torch_loop import _NETWORKS

    model = keras_gans.create_model(name)
    ours = [
        sum(v.value.numpy().size for v in network.trainable_variables) for network in (model.generator, model.discriminator)
    ]
    assert [sum(p.numel() for p in network.parameters()) for network in _NETWORKS[name]()] == ours


@pytest.mark.slow
def test_it_compares_with_what_is_installed(keras_gans_forked):
    """Half a minute on two cores (last run: 0.1.0, 2026-11-24)."""
    finished = keras_gans_forked(
        "benchmark", "training", "--models=gan", "--batch_size=8", "--rounds=1", "--seconds=0.2", "--json", timeout=400
    )
    assert finished.returncode == 0, finished.stderr
    row = json.loads(finished.stdout[finished.stdout.index("[") :])[0]
    expected = {"ours", "ours_bfloat16", "keras_io"} | ({"torch"} if importlib.util.find_spec("torch") else set())
    assert set(row["steps_per_second"]) == expected
    assert min(row["steps_per_second"].values()) > 0
    assert set(row["ratio"]) == expected - {"ours", "ours_bfloat16"}
    assert 0 < row["share_of_matrix_rate"]["float32"] < 1.5


@pytest.mark.slow
def test_formats_are_raced(keras_gans_forked, tmp_path):
    """A minute on two cores (last run: 0.1.0, 2026-11-26)."""
    settings = ("--set=image_shape=[8,8,1]", "--set=width=4", "--rounds=1", "--seconds=0.1", f"--csv={tmp_path / 'speed.csv'}")
    finished = keras_gans_forked("benchmark", "inference", "--models=dcgan", *settings, timeout=600)
    assert finished.returncode == 0, finished.stderr
    table = [line for line in finished.stdout.splitlines() if line.startswith("|")]
    with open(tmp_path / "speed.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    ways = {row["format"] for row in rows}
    assert {"keras", "saved_model", "tflite", "tflite_float16", "tflite_dynamic", "tflite_int8", "onnx"} <= ways
    assert len(table) == 2 + len(ways)
    assert {float(row["speed"]) for row in rows if row["format"] == "saved_model"} == {1.0}
    for row in rows:
        assert float(row["samples_per_second"]) == pytest.approx(
            1000 * int(row["batch"]) / float(row["milliseconds"]), rel=0.01
        )


def test_the_generator_in_pytorch_has_any_size():
    pytest.importorskip("torch")
    import torch

    import keras_gans
    from keras_gans_tools.benchmarks import torch_loop

    for shape in ((28, 28, 1), (32, 32, 3), (8, 8, 1)):
        ours = keras_gans.create_model("dcgan", image_shape=shape, width=4).generator
        theirs = torch_loop.generator("dcgan", {"image_shape": shape, "width": 4}).eval()
        count = sum(v.value.numpy().size for v in ours.trainable_variables)
        assert sum(p.numel() for p in theirs.parameters()) == count
        with torch.inference_mode():
            assert theirs(torch.zeros(2, 100)).shape == (2, shape[2], *shape[:2])
    with pytest.raises(ImportError, match="not written in PyTorch"):
        torch_loop.generator("pggan", {})


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_differences_of_exports_are_a_table(monkeypatch):
    from keras_gans_tools.benchmarks import exports

    monkeypatch.setitem(exports._SETTINGS, "images", {"image_shape": (8, 8, 1), "width": 4})
    row = exports.measure("dcgan", ["tflite", "int8"])
    assert row["tflite"]["largest"] <= 1e-4 < row["int8"]["largest"]
    head, _, line = exports.describe([{**row, "int8": None}]).splitlines()
    assert head == "| model | tflite | int8 |"
    assert line.startswith("| `dcgan` | ") and line.endswith(" | - |")


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_sanity_spoils_images_more_and_more_and_draws_it(tmp_path, monkeypatch):
    from keras_gans_tools.benchmarks import sanity

    monkeypatch.setattr(sanity, "METRICS", ("fid", "precision", "recall", "density", "coverage"))
    found = sanity.measure("digits", 200)
    blur, classes = found["curves"]["blur (pixels)"], found["curves"]["dropped classes (of 10)"]
    # Half a pixel does not show in so few samples.
    assert blur["fid"][1:] == sorted(blur["fid"][1:])
    assert max(blur["fid"][:2]) < 1 < blur["fid"][2]
    assert classes["coverage"] == sorted(classes["coverage"], reverse=True)
    assert len(sanity.describe(found).splitlines()) == 1 + 4 * 5
    sanity.draw(found, tmp_path / "sanity.png")
    with Image.open(tmp_path / "sanity.png") as picture:
        assert picture.height > 400


def test_sanity_drops_as_many_classes_as_there_are_and_leaves_out_what_needs_them(tmp_path, monkeypatch):
    from keras_gans_tools.benchmarks import sanity

    monkeypatch.setattr(sanity, "METRICS", ("fid", "is"))
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (40, 8, 8, 1), dtype="uint8"), np.arange(40) % 5
    np.savez(tmp_path / "five.npz", samples=images, labels=labels)
    np.savez(tmp_path / "four.npz", samples=images, labels=labels % 4)
    found = sanity.measure(f"npz:{tmp_path / 'five.npz'}", 20, "pixels")
    assert found["curves"]["dropped classes (of 5)"]["strengths"] == [0, 1, 2, 3, 4]
    assert sanity.describe(found).splitlines()[0].split() == ["change", "fid"]
    with pytest.raises(ValueError, match=r"no metric of sanity 'fdi'"):
        sanity.measure("digits", 20, metrics=["fdi"])
    with pytest.raises(ValueError, match=r"images of at least 5; .* has 4"):
        sanity.measure(f"npz:{tmp_path / 'four.npz'}", 20, "pixels")


def test_unknown_names_are_refused(keras_gans_forked):
    for arguments, word in ((["speed"], "training"), (["training", "--models=dcgann"], "dcgan")):
        finished = keras_gans_forked("benchmark", *arguments)
        assert finished.returncode == 2
        assert word in finished.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", ["wgan_gp", "r3gan"])
def test_models_that_should_cover_the_grid_do(name):
    """Last run: 2026-11-24."""
    from keras_gans_tools.benchmarks import modes

    row, _ = modes.measure(name)
    assert (row["of"], row["modes"] >= 24) == (25, True), row


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_the_grid_is_measured_and_drawn(tmp_path, monkeypatch):
    from keras_gans_tools.benchmarks import modes

    monkeypatch.setitem(modes.SETTINGS, "cgan", ({"width": 8, "num_classes": 25}, 1))
    row, points = modes.measure("cgan")
    assert points.shape == (2500, 2)
    assert row["modes"] <= 3  # one epoch teaches nothing
    modes.draw([(row, points)], tmp_path / "modes.png")
    with Image.open(tmp_path / "modes.png") as chart:
        width, height = chart.size
    assert width > 1.5 * height  # two panels


# The oracle of text.

_WORDS, _UNITS, _PLACES = 12, 4, 6


@pytest.fixture(scope="module")
def oracle_weights(tmp_path_factory):
    """Weights of a small oracle, as the file holds them."""
    rng = np.random.default_rng(0)
    shapes = {"embeddings": (_WORDS, _UNITS), "W_o": (_UNITS, _WORDS), "b_o": (_WORDS,)}
    for gate in ("i", "f", "og", "c"):
        shapes |= {f"W_{gate}": (_UNITS, _UNITS), f"U_{gate}": (_UNITS, _UNITS), f"b_{gate}": (_UNITS,)}
    path = tmp_path_factory.mktemp("oracle") / "weights.npz"
    np.savez(path, **{name: rng.standard_normal(shape).astype("float32") for name, shape in shapes.items()})
    return path


def _nll_by_hand(weights, tokens):
    """The equations of the oracle, a sequence at a time."""
    losses = []
    for sequence in tokens:
        h, c, previous = np.zeros(_UNITS), np.zeros(_UNITS), 0
        for token in sequence:
            x = weights["embeddings"][previous].astype("float64")
            gate = {g: x @ weights[f"W_{g}"] + h @ weights[f"U_{g}"] + weights[f"b_{g}"] for g in ("i", "f", "og", "c")}
            c = scipy.special.expit(gate["f"]) * c + scipy.special.expit(gate["i"]) * np.tanh(gate["c"])
            h = scipy.special.expit(gate["og"]) * np.tanh(c)
            losses.append(-scipy.special.log_softmax(h @ weights["W_o"] + weights["b_o"])[token])
            previous = token
    return np.mean(losses)


# Ten seconds (last run: 0.1.0, 2026-11-26).
@pytest.mark.slow
def test_the_oracle_scores_as_its_equations_say(oracle_weights, monkeypatch):
    from keras_gans_tools.benchmarks import text_oracle

    monkeypatch.setattr(text_oracle, "TRAINING", 2_000)
    oracle = text_oracle.Oracle(oracle_weights, _PLACES)
    with np.load(oracle_weights) as weights:
        some = np.random.default_rng(1).integers(0, _WORDS, (50, _PLACES)).astype("int32")
        assert oracle.nll(some) == pytest.approx(_nll_by_hand(weights, some), rel=1e-5)
        # What it writes is what it finds probable: its entropy, by either estimate.
        assert oracle.nll(oracle.training) == pytest.approx(_nll_by_hand(weights, oracle.test), abs=0.03)
    assert (oracle.training[:1_000] != oracle.held_out).any()


# Ten seconds (last run: 0.1.0, 2026-11-26).
@pytest.mark.slow
def test_models_are_trained_on_the_oracles_text_and_compared(oracle_weights, tmp_path, monkeypatch):
    from keras_gans_tools.benchmarks import text_curves, text_oracle

    for name, value in {"TRAINING": 512, "HELD_OUT": 128, "TEST": 256}.items():
        monkeypatch.setattr(text_oracle, name, value)
    monkeypatch.setattr(text_curves, "TEMPERATURES", (1.0, 0.5))
    small = {"pretraining_epochs": 2, "pretraining_learning_rate": 3e-2}
    settings = {"mle": ("next_token_gan", small, 0), "next_token_gan": ("next_token_gan", {**small, "head_start": 4}, 8)}
    monkeypatch.setattr(text_oracle, "SETTINGS", settings)
    oracle = text_oracle.Oracle(oracle_weights, _PLACES)
    results = text_curves.measure_all(list(settings), [0], oracle, tmp_path / "results.json")
    assert [(result["model"], result["stage"]) for result in results] == [
        ("mle", "maximum likelihood"),
        ("next_token_gan", "maximum likelihood"),
        ("next_token_gan", "adversarial"),
    ]
    for result in results:
        warm, cold = result["curve"]
        assert cold["nll_oracle"] < warm["nll_oracle"] < np.log(_WORDS) + 1
        assert warm["nll_test"] > oracle.nll(oracle.test) - 0.05
    # The same maximum likelihood, whatever adversarial training follows.
    assert results[0]["curve"] == results[1]["curve"]
    assert results[2]["curve"] != results[1]["curve"]
    assert results[2]["cpu_seconds"] > results[1]["cpu_seconds"] > 0
    monkeypatch.setattr(text_curves, "measure", None)
    assert text_curves.measure_all(list(settings), [0], oracle, tmp_path / "results.json") == results
    text = text_curves.describe(oracle, results)
    assert "next_token_gan: below every curve of maximum likelihood at" in text
    text_curves.draw(oracle, results, tmp_path / "chart.png")
    with Image.open(tmp_path / "chart.png") as chart:
        assert chart.size == (750, 500)


# A quarter of a minute (last run: 0.1.0, 2026-11-30).
@pytest.mark.slow
def test_curves_of_real_text(tmp_path, monkeypatch, keras_gans_forked):
    from keras_gans_tools.benchmarks import text_corpus, text_curves

    (tmp_path / "text.txt").write_text("\n".join(captions(600, 1)), encoding="utf-8")
    monkeypatch.setattr(text_curves, "TEMPERATURES", (1.0, 0.3))
    small = {"pretraining_epochs": 6, "head_start": 4}
    monkeypatch.setattr(text_corpus, "SETTINGS", {"next_token_gan": ("next_token_gan", small, 8)})
    corpus = text_corpus.Corpus(f"text:{tmp_path / 'text.txt'}", length=10)
    results = text_curves.measure_all(["next_token_gan"], [0], corpus)
    assert [result["stage"] for result in results] == ["maximum likelihood", "adversarial"]
    for result in results:
        warm, cold = result["curve"]
        assert cold["lm_score"] < warm["lm_score"]
        assert cold["reverse_lm_score"] > warm["reverse_lm_score"]
    assert text_curves.describe(corpus, results).startswith("Real sentences: ")
    finished = keras_gans_forked("benchmark", "text_corpus", "--dataset=digits")
    assert finished.returncode == 2
    assert "--dataset=digits is not text: give text:PATH." in finished.stderr


def test_a_game_is_won_where_its_curve_lies_below():
    from types import SimpleNamespace

    from keras_gans_tools.benchmarks import text_curves

    def result(model, stage, points):
        names = ("temperature", "nll_oracle", "nll_test")
        curve = [dict(zip(names, (0.0, *point), strict=True)) for point in points]
        return {"model": model, "stage": stage, "seed": 0, "cpu_seconds": 1.0, "curve": curve}

    results = [
        result("a", "maximum likelihood", [(10.0, 7.0), (8.0, 8.0)]),
        result("b", "maximum likelihood", [(9.5, 8.0), (8.0, 7.75)]),
        result("b", "adversarial", [(9.0, 7.0), (8.0, 8.0), (7.0, 9.0)]),
    ]
    axes = SimpleNamespace(quality="nll_oracle", coverage="nll_test")
    assert text_curves.gains(axes, results) == {"b": [(9.0, pytest.approx(0.5)), (8.0, pytest.approx(-0.25)), (7.0, None)]}


def test_a_file_that_holds_no_oracle(tmp_path, keras_gans_forked):
    np.savez(tmp_path / "other.npz", x=np.zeros(3))
    finished = keras_gans_forked("benchmark", "text_oracle", f"--oracle={tmp_path / 'other.npz'}")
    assert finished.returncode == 2
    assert "does not hold the oracle's weights" in finished.stderr


def _curve(name, *points, **protocol):
    known = {"dataset": "mnist", "split": "train", "real": 8, "fake": 8, "data_sha256": "a", "extractor_sha256": "b"}
    return {"name": name, "protocol": {**known, **protocol}, "curve": [list(point) for point in points]}


def test_learning_says_who_was_as_good_as_the_loop_and_when():
    from keras_gans_tools.benchmarks import learning

    curves = [
        _curve("loop", (10, 9.0), (20, 4.0), (30, 5.0)),
        _curve("fast", (3, 8.0), (9, 4.0), (12, 2.0)),
        _curve("slow", (50, 4.5)),
    ]
    rows = learning.compare(curves)
    assert [(row["best"], row["seconds"], row["in_time"], row["as_good_as_first"]) for row in rows] == [
        (4.0, 20, 9.0, 20),
        (2.0, 12, 2.0, 9),
        (4.5, 50, None, None),
    ]
    assert learning.describe(rows[1], "loop") == (
        "fast: best FID 2 after 12 s, 2 in the time of the shortest; as good as the best of loop after 9 s."
    )
    with pytest.raises(ValueError, match="other was measured with real 9, loop with"):
        learning.compare([curves[0], _curve("other", (1, 1.0), real=9)])


@pytest.mark.slow
def test_learning_trains_the_loop_once_and_draws_it_beside_a_run(keras_gans_forked, tmp_path):
    """A minute on one core (last run: 0.1.0, 2026-11-26)."""
    pytest.importorskip("torch")
    train = ("train", "dcgan", "--dataset=digits", "--set=width=8", "--epochs=2", "--evaluate_every=1")
    keras_gans_forked(*train, f"--run_dir={tmp_path / 'run'}")
    arguments = (
        "benchmark",
        "learning",
        "--set=width=8",
        "--minutes=0.01",
        f"--results={tmp_path / 'loop.json'}",
        f"--runs={tmp_path / 'run'}",
        f"--chart={tmp_path / 'learning.png'}",
        "--json",
    )
    rows = json.loads(keras_gans_forked(*arguments, timeout=200).stdout)
    assert [row["name"] for row in rows] == ["PyTorch loop", "run"]
    assert (tmp_path / "learning.png").read_bytes().startswith(b"\x89PNG")
    written = (tmp_path / "loop.json").read_bytes()
    assert json.loads(keras_gans_forked(*arguments).stdout) == rows
    assert (tmp_path / "loop.json").read_bytes() == written


@pytest.mark.slow
def test_augmentation_gives_each_classifier_as_many_images(tmp_path):
    """Half a minute on one core (last run: 0.1.0, 2026-11-26)."""
    import numpy as np

    import keras_gans
    from keras_gans_tools.benchmarks import augmentation

    images = np.random.default_rng(0).integers(0, 256, (40, 28, 28, 1), "uint8")
    moved = augmentation._moved(images, seed=3)
    assert moved.shape == images.shape
    assert moved.dtype == np.uint8
    assert (moved != images).any(axis=(1, 2, 3)).all()
    np.testing.assert_array_equal(moved, augmentation._moved(images, seed=3))
    model = keras_gans.create_model("cgan", width=4, num_classes=10, seed=0)
    keras_gans.save_preset(model, tmp_path, training={"split": "train[:30]"})
    labels = np.arange(10)
    assert augmentation._samples(model, labels, 0).shape == (10, 28, 28, 1)


def test_augmentation_describes_a_row():
    from keras_gans_tools.benchmarks import augmentation

    row = {"added": "x", "generator_saw": "train", "accuracies": [0.5, 0.7], "balanced": [0.4, 0.4], "rarest": [0.0, 0.5]}
    assert augmentation.describe(row) == (
        "x (that saw train): 60.00 ± 14.14 %, mean over classes 40.00 ± 0.00 %, rarest class 25.00 ± 35.36 %"
    )


@pytest.mark.parametrize(
    ("counts", "num", "added"),
    [
        ((6, 3, 1), 8, (0, 3, 5)),
        ((6, 3, 1), 5, (0, 2, 3)),
        ((50, 2), 10, (0, 10)),
        ((5, 0, 1), 4, (0, 0, 4)),
        ((2, 2), 6, (3, 3)),
    ],
)
def test_augmentation_makes_classes_equal(counts, num, added):
    from keras_gans_tools.benchmarks.augmentation import equalising_labels

    labels = np.repeat(np.arange(len(counts)), counts)
    assert tuple(np.bincount(equalising_labels(labels, num), minlength=len(counts))) == added


@pytest.mark.slow
def test_augmentation_of_folders_with_unequal_classes(tmp_path, keras_gans_forked):
    """Half a minute on one core (last run: 0.1.0, 2026-11-29)."""
    import keras_gans

    for part, counts in (("train", (12, 4)), ("test", (4, 4))):
        for label, count in enumerate(counts):
            folder = tmp_path / part / "ab"[label]
            folder.mkdir(parents=True)
            for number in range(count):
                pixels = np.random.default_rng((label, number)).integers(0, 100, (16, 16, 3)) + 150 * label
                Image.fromarray(pixels.astype("uint8")).save(folder / f"{number}.png")
    model = keras_gans.create_model("cgan", image_shape=(16, 16, 3), width=4, num_classes=2, seed=0)
    keras_gans.save_preset(model, tmp_path / "cells")
    process = keras_gans_forked(
        "benchmark",
        "augmentation",
        f"--dataset=folder:{tmp_path}/train",
        f"--held_out=folder:{tmp_path}/test",
        "--runs=cells",
        "--seeds=1",
        "--json",
        cwd=tmp_path,
    )
    assert process.returncode == 0, process.stderr
    rows = {row["added"]: row for row in json.loads(process.stdout)}
    assert list(rows) == [
        "nothing: the same again",
        "shifted, turned and zoomed",
        "shifted, turned and zoomed, to make classes equal",
        "samples of cells",
        "samples of cells, moved",
        "samples of cells, moved, to make classes equal",
    ]
    # Dark and light images are easy to tell apart.
    assert rows["shifted, turned and zoomed, to make classes equal"]["balanced"] == [1.0]
    assert all(0 <= row["rarest"][0] <= 1 for row in rows.values())


def _even(image):
    return image[: len(image) // 2 * 2, : image.shape[1] // 2 * 2]


@pytest.mark.slow  # last run: 0.1.0, 2026-11-29
def test_upscaling_compares_models_and_filters_with_the_originals(tmp_path, keras_gans_forked):
    """Digits as photographs of different sizes. What scikit-image and NumPy say of Pillow's bicubic filter is in the table."""
    from skimage.metrics import peak_signal_noise_ratio

    import keras_gans

    samples = keras_gans.load_data("digits", (48, 48, 3)).samples[:3]
    originals = [samples[0], samples[1][:47, :34], np.concatenate([samples[2], 255 - samples[2]])]
    (tmp_path / "photographs").mkdir()
    for number, image in enumerate(originals):
        Image.fromarray(image).save(tmp_path / "photographs" / f"{number}.png")
    model = keras_gans.create_model("edsr", scale=2, width=4, blocks=1)
    keras_gans.save_preset(model, tmp_path / "edsr")
    small = {"width": 4, "blocks": 1, "growth": 4, "discriminator_width": 4, "dense": 4, "pretrain_steps": 2}
    crisp = keras_gans.create_model("esrgan", scale=2, perceptual_weight=0.0, **small)
    crisp.faithful_generator.set_weights([0.0 * weight for weight in crisp.faithful_generator.get_weights()])
    keras_gans.save_preset(crisp, tmp_path / "crisp")
    runs = ("edsr", "crisp@0", "crisp")
    command = (
        "benchmark",
        "upscaling",
        "--dataset=folder:photographs",
        f"--runs={','.join(runs)}",
        "--json",
        "--chart=chart.png",
    )
    rows = json.loads(keras_gans_forked(*command, cwd=tmp_path).stdout)
    assert [(row["name"], row["scale"], row["images"]) for row in rows] == [
        (name, 2, 3) for name in ("bicubic", "Lanczos", *runs)
    ]
    # Weights of zero make grey images, whose error is that of 127.5, rounded.
    grey = np.mean([peak_signal_noise_ratio(np.full_like(image, 128), image) for image in map(_even, originals)])
    assert rows[3]["psnr_rgb"] == pytest.approx(grey)
    assert rows[4]["psnr_rgb"] != pytest.approx(grey, abs=1e-3)
    rgb, back, tint = [], [], []
    for image in originals:
        image = _even(image)
        size = image.shape[1], image.shape[0]
        small = Image.fromarray(image).resize((size[0] // 2, size[1] // 2), Image.Resampling.BICUBIC)
        large = small.resize(size, Image.Resampling.BICUBIC)
        rgb.append(peak_signal_noise_ratio(image, np.asarray(large)))
        back.append(peak_signal_noise_ratio(np.asarray(small), np.asarray(large.resize(small.size, Image.Resampling.BICUBIC))))
        tint.append(np.abs(np.asarray(large).mean((0, 1)) - image.mean((0, 1))).max())
    assert rows[0]["psnr_rgb"] == pytest.approx(np.mean(rgb))
    assert rows[0]["lr_psnr"] == pytest.approx(np.mean(back))
    assert rows[0]["tint"] == pytest.approx(np.mean(tint))
    assert rows[0]["psnr_y"] > rows[2]["psnr_y"]  # the network has learned nothing
    assert {row["patch_fid"] for row in rows} == {None}  # 11 patches
    with Image.open(tmp_path / "chart.png") as chart:
        assert chart.size[0] > 300
    for dataset, runs, message in (
        ("digits", "edsr", "--dataset=folder:PATH; received digits"),
        ("folder:photographs", "dcgan_digits", "does not enlarge images"),
        ("folder:photographs", "", "these have none"),
    ):
        refused = keras_gans_forked("benchmark", "upscaling", f"--dataset={dataset}", f"--runs={runs}", cwd=tmp_path)
        assert refused.returncode == 2
        assert message in refused.stderr


def test_holes_are_filled_in_without_a_network():
    from keras_gans_tools.benchmarks.inpainting import biharmonic, harmonic, mean_colour

    rows, columns = np.mgrid[:20, :24] / 24.0
    hole = np.zeros((20, 24), bool)
    hole[5:12, 6:20] = True
    # Planes are harmonic; their products with each other, too.
    image = np.stack([rows, 0.3 + 0.5 * columns, rows * columns], axis=-1)
    damaged = np.where(hole[..., None], 0.5, image)
    np.testing.assert_allclose(harmonic(damaged, hole), image, atol=1e-9)
    np.testing.assert_allclose(biharmonic(damaged, hole), image, atol=1e-6)
    np.testing.assert_allclose(mean_colour(damaged, hole)[hole], np.tile(image[~hole].mean(axis=0), (hole.sum(), 1)))
    # At the edge of the image, a hole continues what is beside it.
    edge = np.zeros((20, 24), bool)
    edge[:, 20:] = True
    assert (np.abs(np.diff(harmonic(columns[..., None], edge)[:, 19:, 0])) < 1e-9).all()


def test_holes_are_filled_in_by_opencv():
    pytest.importorskip("cv2", reason="OpenCV is in the extra benchmark")
    from keras_gans_tools.benchmarks.inpainting import fillings

    assert list(fillings())[3:] == ["Telea", "Navier-Stokes"]
    rows, columns = np.mgrid[:20, :24] / 24.0
    hole = np.zeros((20, 24), bool)
    hole[8:11, 6:20] = True
    image = np.stack([rows, 0.3 + 0.5 * columns, columns], axis=-1)
    for fill in list(fillings().values())[3:]:
        filled = fill(np.where(hole[..., None], 0.5, image), hole)
        np.testing.assert_allclose(filled, image, atol=0.1)
        np.testing.assert_allclose(filled[~hole], image[~hole], atol=1 / 255)


def test_held_out_images_and_samples_are_projected(tmp_path):
    """Samples of a model are found again more nearly than images that it cannot make."""
    import keras_gans
    from keras_gans_tools.benchmarks import projection

    model = keras_gans.create_model("gan", image_shape=(8, 8, 1), latent_dim=4, width=4, seed=0)
    keras_gans.save_preset(model, tmp_path / "small")
    options = {"steps": 30, "starts": 2}
    held_out, own = projection.measure("", [str(tmp_path / "small")], 2, options, lambda line: None, "digits")
    assert (held_out["of"], own["of"]) == ("held-out images", "its own samples")
    assert own["lowest"] > held_out["highest"]
    assert held_out["lowest"] <= held_out["median"] <= held_out["highest"]
    assert own["settings"] == options
    assert "2 its own samples: PSNR" in projection.describe(own)


@pytest.mark.slow  # last run: 0.1.0, 2026-11-29
def test_inpainting_is_compared_with_filling_in_without_a_network(keras_gans_forked, tmp_path):
    import keras_gans

    small = {"image_shape": (8, 8, 1), "width": 2, "dilations": (2,), "discriminator_width": 2, "discriminator_depth": 1}
    model = keras_gans.create_model("gated_inpainting", **small, pretrain_steps=1, seed=0)
    # Before adversarial training, it filled in another colour.
    *_, bias = model.faithful_generator.weights
    bias.assign(bias + 3.0)
    keras_gans.save_preset(model, tmp_path / "filler")
    arguments = ("--mask=boxes", "--num=32", "--runs=filler@0,filler", "--json")
    process = keras_gans_forked("benchmark", "inpainting", *arguments, cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    rows = {row["name"]: row for row in json.loads(process.stdout)}
    assert [name for name in rows if name not in ("Telea", "Navier-Stokes")] == [
        "mean colour",
        "harmonic",
        "biharmonic",
        "filler@0",
        "filler",
    ]
    assert abs(rows["filler@0"]["hole_l1"] - rows["filler"]["hole_l1"]) > 0.1
    assert {row["hole_fid"] for row in rows.values()} == {None}
    assert rows["harmonic"]["hole_l1"] < rows["mean colour"]["hole_l1"]
    assert {row["images"] for row in rows.values()} == {32}
    # What evaluate measures on the same masks.
    process = keras_gans_forked(
        "evaluate", "filler", "--dataset=digits", "--mask=boxes", "--metrics=hole_l1", "--num=32", "--seeds=1", "--json",
        "--held_out=none", cwd=tmp_path,
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    found = json.loads(process.stdout)["metrics"]["hole_l1"]["mean"]
    assert found == pytest.approx(rows["filler"]["hole_l1"], abs=1e-3)
    for other, words in (("dcgan_digits", "does not fill in images"), ("dcgan_digits@0.5", "has no strength: leave out @0.5")):
        process = keras_gans_forked("benchmark", "inpainting", *arguments, f"--runs={other}", cwd=tmp_path)
        assert process.returncode == 2
        assert words in process.stderr


# Half a minute each (last run: 0.1.0, 2026-11-29).
@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ("training", "--models=gan", "--batch_size=8", "--rounds=1000", "--seconds=0.2"),
        ("inference", "--models=dcgan", "--set=image_shape=[8,8,1]", "--set=width=4", "--rounds=1000", "--seconds=0.1"),
        ("modes",),
        ("drift", "--steps=1000000"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_ctrl_c_ends_a_benchmark_and_its_contestants(arguments, user_environment, tmp_path):
    command = [sys.executable, "-m", "keras_gans_tools.cli", "benchmark", *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=user_environment, cwd=tmp_path
    ) as process:
        time.sleep(15)  # in the middle of it
        started = children(process.pid)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        errors = process.communicate(timeout=10)[1]
    assert process.returncode == 130
    assert errors.splitlines()[-1] == "keras-gans benchmark: stopped."
    assert "Traceback" not in errors
    wait_until_gone(started)


def children(number):
    """Returns the numbers of a process' children and theirs."""
    found = [int(child) for task in Path(f"/proc/{number}/task").glob("*/children") for child in task.read_text().split()]
    return found + [grandchild for child in found for grandchild in children(child)]


def wait_until_gone(numbers):
    end = time.monotonic() + 10
    while alive := [number for number in numbers if Path(f"/proc/{number}").exists()]:
        assert time.monotonic() < end, alive
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "--runs is missing: give presets of images from latent vectors"),
        (("--runs=esrgan_x4",), "esrgan_x4 makes no images from latent vectors"),
    ],
)
def test_projection_needs_generators_of_images(arguments, message, keras_gans_forked):
    process = keras_gans_forked("benchmark", "projection", *arguments)
    assert process.returncode == 2
    assert message in process.stderr
