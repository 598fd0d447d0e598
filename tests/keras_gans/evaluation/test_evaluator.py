import dataclasses
import json

import keras
import numpy as np
import pytest
from scipy import linalg

import keras_gans
from keras_gans.evaluation import METRICS, Evaluator, refuse_differences
from keras_gans.media.pictures import to_uint8


@pytest.fixture(scope="module")
def digits():
    return keras_gans.load_data("digits")


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return keras_gans.create_model("gan", width=8, seed=0)


def frechet(a, b):
    """By the definition, with SciPy's matrix square root."""
    a, b = (samples.reshape(len(samples), -1).astype("float64") for samples in (a, b))
    first, second = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    difference = a.mean(0) - b.mean(0)
    return difference @ difference + np.trace(first + second - 2 * linalg.sqrtm(first @ second).real)


def test_fid_of_points_is_the_frechet_distance_of_the_points():
    ring = keras_gans.load_data("ring")
    evaluator = Evaluator(ring, num=500)
    assert evaluator.extractor.name == "pixels"
    points = np.random.default_rng(0).normal(size=(500, 2)).astype("float32")
    found = evaluator.measure(points)
    np.testing.assert_allclose(found["fid"], frechet(evaluator.real_samples, points), rtol=1e-6)
    assert evaluator.real_samples.shape == (500, 2)


def test_a_model_is_measured_by_its_samples_as_files_would_hold_them(digits, model):
    evaluator = Evaluator(digits, ["fid", "precision_recall"], num=150, extractor="pixels")
    by_model = evaluator.measure_model(model, seed=3)
    by_files = evaluator.measure(to_uint8(model.generate(150, seed=3)))
    assert by_model == by_files
    assert set(by_model) == {"fid", "precision", "recall"}


def test_results_do_not_depend_on_how_samples_come(digits, model):
    evaluator = Evaluator(digits, ["fid", "kid", "is"], num=300)
    samples = model.generate(300, seed=0)
    parts = (part for part in np.array_split(samples, [1, 7, 200]))
    assert evaluator.measure(parts) == evaluator.measure(samples)


def test_a_result_holds_spread_protocol_and_the_real_row(digits, model):
    evaluator = Evaluator(digits, ["fid", "density_coverage"], num=200, held_out="half", extractor="pixels")
    result = evaluator.evaluate(model, seeds=(0, 1, 2), name="untrained")
    values = [evaluator.measure_model(model, seed)["fid"] for seed in range(3)]
    assert result["metrics"]["fid"]["values"] == values
    np.testing.assert_allclose(result["metrics"]["fid"]["mean"], np.mean(values))
    np.testing.assert_allclose(result["metrics"]["fid"]["std"], np.std(values, ddof=1))
    reals = (images / 127.5 - 1 for images in (evaluator.real_samples, evaluator.held_out_samples))
    np.testing.assert_allclose(result["real"]["fid"], frechet(*reals), rtol=1e-4)
    assert result["real"]["fid"] < min(values)
    protocol = result["protocol"]
    assert (protocol["dataset"], protocol["split"], protocol["extractor"]) == ("digits", "train", "pixels")
    assert (protocol["real"], protocol["fake"], protocol["held_out"]) == (200, 200, 200)
    assert protocol["settings"] == {"density_k": 5}
    assert json.loads(json.dumps(result)) == result


def test_halves_have_no_sample_in_common(digits):
    halves = Evaluator(digits, num=10_000, held_out="half", extractor="pixels")
    # The 1,797 digits hold no duplicates.
    both = np.concatenate([halves.real_samples, halves.held_out_samples])
    assert halves.num == 898
    assert len(np.unique(both.reshape(len(both), -1), axis=0)) == 2 * 898


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_held_out_samples_may_come_from_another_split(tfds_data_dir):
    train, test = (keras_gans.load_data("mnist", split=split) for split in ("train", "test"))
    evaluator = Evaluator(train, num=300, held_out=test, extractor="pixels", use_cache=False)
    np.testing.assert_array_equal(evaluator.held_out_samples, test.samples[evaluator._held_out_positions])
    assert len(np.unique(evaluator._positions)) == 300
    assert evaluator.protocol.split == "train"


def test_the_same_seed_chooses_the_same_real_samples(digits):
    first, again, other = (Evaluator(digits, num=50, extractor="pixels", seed=seed) for seed in (0, 0, 1))
    assert first.protocol == again.protocol
    assert first.protocol.data_sha256 != other.protocol.data_sha256


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_every_metric_can_be_measured(digits):
    parts = [
        dataclasses.replace(digits, samples=digits.samples[part::2], labels=digits.labels[part::2], split=f"part {part}")
        for part in range(2)
    ]
    # What a model makes of images is measured with the models, and in test_patches.py.
    of_images = {"psnr", "ssim", "haarpsi", "lr_psnr", "patch_fid", "hole_l1", "hole_psnr", "hole_fid"}
    names = [name for name in METRICS if name not in of_images]
    evaluator = Evaluator(parts[0], names, num=60, held_out=parts[1])
    labels = evaluator.real_labels
    found = evaluator.measure(evaluator.real_samples, labels)
    assert set(found) == set(names)
    assert found["fid"] == pytest.approx(0, abs=1e-6)
    assert (found["precision"], found["recall"], found["coverage"]) == (1, 1, 1)
    # The reals themselves: copies.
    assert found["authenticity"] == 0
    assert found["memorisation"] == 1
    row = evaluator.real_row
    assert row["memorisation"] is None
    assert all(np.isfinite(value) for name, value in row.items() if name != "memorisation")


def test_all_measures_what_can_be_measured(digits):
    ring = Evaluator(keras_gans.load_data("ring"), "all", num=50)
    assert set(ring.metrics) == {"fid", "kid", "precision", "recall", "density", "coverage", "authenticity"}
    assert {"is", "swd", "ms_ssim"} <= set(Evaluator(digits, "all", num=50).metrics)


def test_samples_that_do_not_fit_are_refused(digits):
    evaluator = Evaluator(digits, num=10, extractor="pixels")
    good = np.zeros((10, 28, 28, 1), "float32")
    with pytest.raises(ValueError, match=r"the shape \(32, 32, 1\), the real ones \(28, 28, 1\)"):
        evaluator.measure(np.zeros((10, 32, 32, 1), "uint8"))
    with pytest.raises(ValueError, match=r"\(28, 28, 3\), the real ones \(28, 28, 1\)"):
        evaluator.measure(np.zeros((10, 28, 28, 3), "uint8"))
    with pytest.raises(ValueError, match="1 samples contain NaN"):
        evaluator.measure(np.where(np.arange(10)[:, None, None, None] == 4, np.nan, good))
    with pytest.raises(ValueError, match=r"lie in \[-1, 1\]; these reach 255"):
        evaluator.measure(good + 255)
    with pytest.raises(ValueError, match="measures 10 samples; received 9"):
        evaluator.measure(good[:9])
    with pytest.raises(ValueError, match="no samples to measure"):
        evaluator.measure(good[:0])
    with pytest.raises(ValueError, match="received int64"):
        evaluator.measure(np.zeros((10, 28, 28, 1), "int64"))


def test_what_cannot_be_measured_is_refused(digits):
    with pytest.raises(ValueError, match=r"no metric 'fidd'\. Did you mean 'fid'\?"):
        Evaluator(digits, ["fidd"])
    with pytest.raises(ValueError, match="metric is needs an extractor that predicts classes, which pixels does not"):
        Evaluator(digits, ["is"], extractor="pixels")
    with pytest.raises(ValueError, match="memorisation needs held-out real samples"):
        Evaluator(digits, ["memorisation"], held_out="half")
    with pytest.raises(ValueError, match="swd measures images, and ring holds none"):
        Evaluator(keras_gans.load_data("ring"), ["swd"])
    with pytest.raises(ValueError, match="num must be an integer of at least 2; received 1"):
        Evaluator(digits, num=1)
    with pytest.raises(ValueError, match="No metric is named"):
        Evaluator(digits, [])
    with pytest.raises(ValueError, match=r"must be a keras_gans\.Data, 'half' or None"):
        Evaluator(digits, held_out="quarter")
    with pytest.raises(ValueError, match="have the shape"):
        Evaluator(digits, held_out=keras_gans.load_data("digits", (32, 32)))


def test_results_of_different_protocols_are_refused(digits, model):
    results = [
        Evaluator(data, num=20, extractor="pixels").evaluate(model, name=name)
        for name, data in (("a", digits), ("b", digits), ("c", dataclasses.replace(digits, samples=digits.samples[::-1])))
    ]
    refuse_differences(results[:2])
    with pytest.raises(ValueError, match="a and c have different protocols, in data_sha256"):
        refuse_differences(results)
    older = {**results[0], "protocol": {**results[0]["protocol"], "version": "0.0.1"}}
    refuse_differences([results[0], older])


def test_nearest_real_samples_are_found(digits):
    evaluator = Evaluator(digits, num=100, extractor="pixels")
    indices, distances = evaluator.nearest_real(evaluator.real_samples[[5, 17]], k=3)
    assert indices[:, 0].tolist() == [5, 17]
    assert distances[:, 0].tolist() == [0, 0]
    flat = evaluator.real_samples.reshape(100, -1) / 127.5
    expected = np.sort(np.linalg.norm(flat - flat[5], axis=1))[:3]
    np.testing.assert_allclose(distances[0], expected, atol=1e-4)


def test_cuts_at_random_are_measured_at_their_centre(tmp_path):
    from PIL import Image

    for number in range(4):
        Image.fromarray(np.arange(8 * 16, dtype="uint8").reshape(8, 16) + number).save(tmp_path / f"{number}.png")
    data = keras_gans.load_data(f"folder:{tmp_path}", (8, 8), crop="random")
    evaluator = Evaluator(data, num=4, extractor="pixels", use_cache=False)
    centres = keras_gans.load_data(f"folder:{tmp_path}", (8, 8), crop="centre").samples
    assert evaluator.real_samples.shape == (4, 8, 8, 1)
    np.testing.assert_array_equal(evaluator.real_samples, centres)


def test_streams_are_measured_by_their_first_samples(tfds_data_dir, monkeypatch):
    from keras_gans.data import memory_limit

    whole = keras_gans.load_data("mnist", split="test")
    monkeypatch.setattr(memory_limit, "fits", lambda shape: False)
    stream = keras_gans.load_data("mnist", split="test")
    assert stream.streamed
    evaluator = Evaluator(stream, num=30, extractor="pixels", held_out="half", use_cache=False)
    both = np.concatenate([evaluator.real_samples, evaluator.held_out_samples])
    first = whole.samples[:60]
    np.testing.assert_array_equal(np.sort(both.reshape(60, -1), axis=0), np.sort(first.reshape(60, -1), axis=0))


def test_progress_is_told_line_by_line(digits, model):
    lines = []
    evaluator = Evaluator(digits, ["fid", "precision_recall"], 100, held_out="half", extractor="pixels", progress=lines.append)
    evaluator.evaluate(model, seeds=(0, 1))
    seeds = [
        [f"seed {number}/2: generating", f"seed {number}/2: generating 64/100", f"seed {number}/2: generating 100/100"]
        for number in (1, 2)
    ]
    measured = ["features", "fid", "precision_recall"]
    assert [line for line in lines if line.startswith("seed 1/2")] == seeds[0] + [f"seed 1/2: {part}" for part in measured]
    assert [line for line in lines if line.startswith("seed 2/2")] == seeds[1] + [f"seed 2/2: {part}" for part in measured]
    assert lines[-2:] == ["real samples: fid", "real samples: precision_recall"]
    assert {"real samples: features", "held-out real samples: features"} < set(lines)


def test_distances_between_real_samples_are_computed_once(digits, model, monkeypatch):
    from keras_gans.evaluation import evaluator as module
    from keras_gans.metrics import density_coverage, neighbours, precision_recall

    counted = []
    monkeypatch.setattr(module, "nearest_squares", lambda *args: counted.append(1) or neighbours.nearest_squares(*args))
    metrics = ["precision_recall", "density_coverage", "authenticity"]
    evaluator = Evaluator(digits, metrics, 120, held_out="half", extractor="pixels")
    result = evaluator.evaluate(model, seeds=(0, 1))
    assert counted == [1]
    real = evaluator.real_samples.reshape(120, -1) / 127.5 - 1
    fake = to_uint8(model.generate(120, seed=0)).reshape(120, -1) / 127.5 - 1
    expected = (*precision_recall(real, fake), *density_coverage(real, fake))
    found = [result["metrics"][name]["values"][0] for name in ("precision", "recall", "density", "coverage")]
    assert found == pytest.approx(expected)


def test_numbers_may_be_numpys(digits):
    evaluator = Evaluator(digits, num=np.int64(50), seed=np.int32(3), extractor="pixels")
    assert type(evaluator.num) is int
    assert json.loads(json.dumps(evaluator.protocol.as_dict()))["fake"] == 50
    with pytest.raises(ValueError, match="num must be an integer of at least 2; received True"):
        Evaluator(digits, num=True)
