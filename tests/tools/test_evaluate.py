import json
import re
import signal
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import keras_gans

PROTOCOL = ("--dataset=digits", "--num=60", "--extractor=pixels")


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory, keras_gans_forked):
    """The bundled preset, measured once with everything written."""
    folder = tmp_path_factory.mktemp("evaluated")
    arguments = ("--metrics=fid,precision_recall,authenticity", "--seeds=2", "--output=result.json", "--report=report.html")
    return folder, keras_gans_forked("evaluate", "dcgan_digits", *PROTOCOL, *arguments, cwd=folder)


def test_it_prints_a_table_with_spread_real_row_and_protocol(evaluated):
    _, process = evaluated
    assert process.returncode == 0, process.stderr
    *protocol, header, fid, precision, recall, authenticity, wrote = process.stdout.splitlines()
    assert protocol == [
        "dcgan_digits: 60 samples against 60 of digits (train)",
        "  real row: 60 others",
        "  features: pixels none, resize: none, 8 bits",
    ]
    assert header.split() == ["metric", "better", "dcgan_digits", "real", "samples"]
    name, better, mean, sign, std, real = fid.split()
    assert (name, better, sign) == ("fid", "lower", "±")
    assert float(mean) > float(real) > 0
    assert float(std) > 0
    assert [line.split()[:2] for line in (precision, recall)] == [["precision", "higher"], ["recall", "higher"]]
    assert authenticity.split()[:3] == ["authenticity", "as", "real"]
    assert wrote == "Wrote report.html."


def test_the_result_is_what_python_gives(evaluated):
    folder, _ = evaluated
    result = json.loads((folder / "result.json").read_text())
    data = keras_gans.load_data("digits")
    metrics = ["fid", "precision_recall", "authenticity"]
    evaluator = keras_gans.evaluation.Evaluator(data, metrics, 60, "pixels", held_out="half")
    expected = evaluator.evaluate(keras_gans.load_pretrained("dcgan_digits"), range(2), "dcgan_digits")
    assert result["protocol"] == expected["protocol"]
    for name, numbers in expected["metrics"].items():
        np.testing.assert_allclose(result["metrics"][name]["values"], numbers["values"], rtol=1e-4, err_msg=name)


def test_the_report_holds_pictures_and_numbers_and_nothing_from_elsewhere(evaluated):
    folder, process = evaluated
    page = (folder / "report.html").read_text()
    for heading in ("Generated samples", "Nearest neighbours", "Interpolations", "Latent traversals"):
        assert heading in page
    assert page.count("data:image/png;base64,") > 64
    assert re.findall(r"https?://[^\s\"'<]+", page) == []
    assert process.stdout.splitlines()[4].split()[2][:3] in page  # the first digits of its FID


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """Real digits as an array and as a folder, half of them noisy."""
    folder = tmp_path_factory.mktemp("samples")
    images = keras_gans.load_data("digits").samples[:80]
    noise = np.random.default_rng(0).integers(0, 256, images.shape, dtype="uint8")
    np.save(folder / "real.npy", images)
    np.save(folder / "floats.npy", (images / 127.5 - 1).astype("float32"))
    (folder / "noisy").mkdir()
    for number, image in enumerate(np.where(np.arange(80)[:, None, None, None] % 2, images, noise)):
        Image.fromarray(image[..., 0]).save(folder / "noisy" / f"{number}.png")
    return folder


def test_compare_puts_arrays_folders_and_results_side_by_side(samples, keras_gans_forked):
    chart = samples / "chart.png"
    process = keras_gans_forked(
        "compare", "real.npy", "floats.npy", "noisy", *PROTOCOL, f"--chart={chart}", "--grids=grids.png", "--json", cwd=samples
    )
    assert process.returncode == 0, process.stderr
    results = json.loads(process.stdout)
    fid = {result["name"]: result["metrics"]["fid"]["mean"] for result in results}
    assert list(fid) == ["real.npy", "floats.npy", "noisy"]
    assert fid["real.npy"] == fid["floats.npy"] < fid["noisy"]
    with Image.open(chart) as picture:
        assert picture.width > 500
    with Image.open(samples / "grids.png") as picture:
        pixels = np.asarray(picture.convert("L"), float)
    # Two grids above and two below: of the same digits, of noise, and of digits again.
    quarters = [part for half in np.array_split(pixels, 2) for part in np.array_split(half, 2, axis=1)]
    means = [quarter.mean() for quarter in quarters]
    assert means[0] == pytest.approx(means[1], rel=0.01)
    assert means[2] > 1.1 * means[0]
    assert means[3] == pytest.approx(means[0], rel=0.1)
    for result in results:
        (samples / f"{result['name']}.json").write_text(json.dumps(result))
    process = keras_gans_forked("compare", "real.npy.json", "noisy.json", cwd=samples)
    assert process.returncode == 0, process.stderr
    header, row = process.stdout.splitlines()[3:5]
    assert header.split() == ["metric", "better", "real.npy", "noisy", "real", "samples"]
    assert float(row.split()[2]) == pytest.approx(fid["real.npy"], rel=1e-3)


def test_results_of_two_protocols_are_refused(evaluated, samples, keras_gans_forked, assert_refused, tmp_path):
    folder, _ = evaluated
    result = json.loads((folder / "result.json").read_text())
    other = {**result, "name": "other", "protocol": {**result["protocol"], "extractor": "inception_v3", "resize": "x"}}
    (tmp_path / "a.json").write_text(json.dumps(result))
    (tmp_path / "b.json").write_text(json.dumps(other))
    process = keras_gans_forked("compare", "a.json", "b.json", cwd=tmp_path)
    assert_refused(process, "dcgan_digits and other have different protocols", "extractor", "inception_v3")


def test_a_model_is_compared_with_what_it_was_trained_on_in_the_same_cuts(tiny, keras_gans_forked, assert_refused, tmp_path):
    pictures = np.random.default_rng(0).integers(0, 256, (12, 8, 16), dtype="uint8")
    (tmp_path / "pictures").mkdir()
    for number, picture in enumerate(pictures):
        Image.fromarray(picture).save(tmp_path / "pictures" / f"{number}.png")
    source, cut = f"folder:{tmp_path / 'pictures'}", {"crop": "pad", "background": "black"}
    keras_gans.save_preset(tiny[1], tmp_path / "run", dataset=source, training=cut)
    process = keras_gans_forked("evaluate", tmp_path / "run", "--metrics=fid", "--extractor=pixels", "--seeds=1", "--json")
    assert process.returncode == 0, process.stderr
    data = keras_gans.load_data(source, (8, 8, 1), **cut)
    expected = keras_gans.evaluation.Evaluator(data, extractor="pixels", held_out="half").protocol
    assert json.loads(process.stdout)["protocol"]["data_sha256"] == expected.data_sha256
    assert (expected.real, expected.fake) == (6, 6)
    # Whoever loads the preset elsewhere has no such folder.
    (tmp_path / "pictures").rename(tmp_path / "moved")
    process = keras_gans_forked("evaluate", tmp_path / "run", "--metrics=fid", "--extractor=pixels")
    assert_refused(process, "There is no folder", "held the training data of", "give a folder of yours, with --dataset")


def test_a_model_is_measured_by_what_it_is_trained_for(keras_gans_forked, tmp_path):
    (tmp_path / "pictures").mkdir()
    for number, picture in enumerate(np.random.default_rng(0).integers(0, 256, (12, 16, 16, 3), dtype="uint8")):
        Image.fromarray(picture).save(tmp_path / "pictures" / f"{number}.png")
    enlarging = keras_gans.create_model("edsr", image_shape=(16, 16, 3), scale=2, width=4, blocks=1, seed=0)
    kept = {"degrade": "bicubic", "scale": 2, "image_size": "16"}
    keras_gans.save_preset(enlarging, tmp_path / "run", dataset=f"folder:{tmp_path / 'pictures'}", training=kept)
    process = keras_gans_forked("evaluate", tmp_path / "run", "--held_out=none", "--extractor=pixels", "--seeds=1", "--json")
    assert process.returncode == 0, process.stderr
    assert {"psnr", "fid", "kid", "precision", "recall"} == set(json.loads(process.stdout)["metrics"])


def test_mistakes_are_one_line(samples, keras_gans_forked, assert_refused, tmp_path):
    (tmp_path / "no_result.json").write_text("{}")
    np.save(tmp_path / "colour.npy", np.zeros((30, 28, 28, 3), "uint8"))
    np.save(tmp_path / "one.npy", np.zeros((1, 28, 28, 1), "uint8"))
    for arguments, words in (
        (("evaluate",), ["one preset", "none was given"]),
        (("evaluate", "dcgan_digit"), ["no preset or run folder 'dcgan_digit'", "Did you mean 'dcgan_digits'?"]),
        (("evaluate", "dcgan_digits", "--metrics=fdi", *PROTOCOL), ["no metric 'fdi'", "Did you mean"]),
        (("evaluate", "dcgan_digits", "--report=report.pdf"), ["must end in .html"]),
        (("evaluate", "dcgan_digits", "--dataset=folder:none"), ["There is no folder none"]),
        (("evaluate", "colour.npy", "--dataset=digits", "--extractor=digits28"), ["grey images only"]),
        (("evaluate", "one.npy", "--dataset=digits"), ["at least 2", "1"]),
        (("compare",), ["Nothing to measure"]),
        (("compare", "no_result.json"), ["does not hold a result of keras-gans evaluate"]),
        (("compare", "dcgan_digits", "colour.npy", "--dataset=digits"), ["(28, 28, 1)", "(28, 28, 3)"]),
        (("compare", "a", "a"), ["a is given twice"]),
        (("compare", "a", "--chart=chart.pdf"), [".png or .svg"]),
        (("compare", "a", "--grids=grids.svg"), ["must end in .png"]),
        (("compare", "result.json", "--grids=grids.png"), ["results hold none"]),
    ):
        assert_refused(keras_gans_forked(*arguments, cwd=tmp_path), *words)


def test_help_shows_the_shared_flags_quickly():
    process = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "keras_gans_tools.cli", "evaluate", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    for flag in ("--dataset", "--report", "--extractor", "--seeds"):
        assert flag in process.stdout
    assert "tensorflow" not in process.stderr
    assert "matplotlib" not in process.stderr


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_a_medium_of_another_package_is_measured_by_its_own_metrics(tmp_path, user_environment, assert_refused):
    from tests.support import waves
    from tests.support.forked import Forked

    def run(*arguments, function=waves.keras_gans_with_waves):
        return Forked(function, arguments, tmp_path, user_environment).finish(300)

    assert run("wave", function=waves.save_preset).returncode == 0
    quiet = np.zeros((30, 256, 1), "float32")
    quiet[:10] = 0.5
    np.save(tmp_path / "quiet.npy", quiet)
    common = ("--dataset=chirps", "--num=30", "--seeds=1")
    process = run("evaluate", "wave", *common, "--json", "--output=wave.json", "--report=wave.html")
    assert process.returncode == 0, process.stderr
    result = json.loads(process.stdout)
    assert list(result["metrics"]) == ["fid", "silent"]
    assert result["protocol"]["pixels"] == "16 bits"
    assert "Share of silent samples" in (tmp_path / "wave.html").read_text()
    process = run("compare", "wave.json", "quiet.npy", *common, "--metrics=fid,silent")
    assert process.returncode == 0, process.stderr
    header, _, silent = process.stdout.splitlines()[3:6]
    assert header.split() == ["metric", "better", "wave", "quiet.npy", "real", "samples"]
    assert silent.split() == ["silent", "lower", "0", "0.6667", "0"]
    assert_refused(run("evaluate", "wave", *common, "--temperature=1"), "--temperature is about text, and wave is waveforms")
    assert_refused(run("evaluate", "wave", *common, "--metrics=swd"), "swd measures images, and chirps holds none")


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_it_says_what_it_does_and_ends_at_ctrl_c(user_environment):
    command = [sys.executable, "-m", "keras_gans_tools.cli", "evaluate", "dcgan_digits", "--metrics=fid", "--seeds=100"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=user_environment) as process:
        assert process.stderr.readline().startswith("seed 1/100: generating")
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert output == ""
    assert errors.splitlines()[-1] == "keras-gans evaluate: stopped."
