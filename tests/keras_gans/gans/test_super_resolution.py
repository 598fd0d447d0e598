"""Models that enlarge images, and those that keep their size."""

import json

import keras
import numpy as np
import pytest
from keras import layers
from PIL import Image

import keras_gans
from keras_gans import ImageToImage, PairedTranslation, SuperResolution
from keras_gans.evaluation import Evaluator
from keras_gans.media.pictures import save_picture
from tests.support.pix2pix import build_generator


def enlarger(scale=2, width=8):
    """Images of any size -> images `scale` times as large: the input's pixels, repeated, and what convolutions add."""
    images = keras.Input((None, None, 1), name="images")
    x = layers.Conv2D(width, 3, padding="same", activation="relu")(images)
    x = keras_gans.layers.PixelShuffle(scale)(layers.Conv2D(scale**2, 3, padding="same")(x))
    outputs = layers.Add()([layers.UpSampling2D(scale)(images), x])
    return keras.Model(images, keras_gans.layers.ClippedOutput()(outputs))


@pytest.fixture(scope="module")
def pairs():
    """Digits of 16x16 pixels, and each reduced to 8x8."""
    digits = keras_gans.load_data("digits", image_shape=(16, 16)).samples[:200]
    return digits, digits.reshape(-1, 8, 2, 8, 2, 1).mean(axis=(2, 4)).round().astype("uint8")


def test_it_learns_from_pixels_alone_without_a_discriminator(pairs, tmp_path):
    large, small = pairs
    keras.utils.set_random_seed(0)
    model = SuperResolution(enlarger(), seed=0)
    assert (model.scale, model.latent_shape) == (2, None)
    model.compile(keras.optimizers.Adam(0.01), ema=0.9)
    history = model.fit(large[:160], small[:160], batch_size=16, epochs=4, verbose=0, validation_data=(large, small)).history
    assert history["d_loss"] == history["g_loss"] == history["val_g_loss"] == [0.0] * 4
    outputs = model.apply(small[160:])
    assert outputs.shape == (40, 16, 16, 1)
    repeated = small[160:].repeat(2, axis=1).repeat(2, axis=2)
    targets = large[160:] / 127.5 - 1.0
    assert np.abs(outputs - targets).mean() < 0.7 * np.abs(repeated / 127.5 - 1.0 - targets).mean()
    # An image of another size, and the same model from a file.
    assert model.apply(small[:1, :5, :7]).shape == (1, 10, 14, 1)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.pretrain_steps is None
    np.testing.assert_array_equal(loaded.apply(small[:2]), model.apply(small[:2]))


def test_inputs_in_the_place_of_targets_are_refused(pairs):
    large, small = pairs
    model = SuperResolution(enlarger())
    model.compile()
    message = r"The samples are 8x8 and their images 16x16 pixels.* 2 times as high.* first what the model should make"
    for swapped in ((small, large), ({"images": large, "samples": small}, None)):
        with pytest.raises(ValueError, match=message):
            model.fit(*swapped, batch_size=8, verbose=0)
    with pytest.raises(ValueError, match=message):
        model.train_on_batch(small[:8], large[:8])


def test_samples_are_drawn_beside_their_inputs_and_targets(pairs):
    large, small = pairs
    data = keras_gans.Data("digits", large, conditions={"images": small})
    model = SuperResolution(enlarger())
    assert model.draw(18).shape[-1] == 1
    model.take_examples(data)
    picture = model.draw(18)
    # One strip of three in a row, each pixel a square of 3.
    assert picture.shape == (6 * 50 + 2, 3 * 50 + 2, 1)
    inputs, targets = model.examples[0]["images"], model.examples[1]
    np.testing.assert_array_equal(picture[2:50:3, 2:50:3, 0], inputs[0].repeat(2, axis=0).repeat(2, axis=1)[..., 0])
    np.testing.assert_array_equal(picture[2:50:3, 102:150:3, 0], targets[0][..., 0])


def test_its_images_are_compared_with_their_targets(pairs):
    from skimage.metrics import peak_signal_noise_ratio, structural_similarity

    large, small = pairs
    data = keras_gans.Data("digits", large[:32], conditions={"images": small[:32]})
    evaluator = Evaluator(data, ["psnr", "ssim", "haarpsi"], 32, "pixels", held_out="half")
    model = SuperResolution(enlarger())
    found = evaluator.measure_model(model)
    outputs = np.rint((model.apply(evaluator.real_condition("images")) + 1) * 127.5).astype("uint8")
    both = list(zip(evaluator.real_samples[..., 0], outputs[..., 0], strict=True))
    assert found["psnr"] == pytest.approx(np.mean([peak_signal_noise_ratio(*each) for each in both]))
    options = {"gaussian_weights": True, "use_sample_covariance": False, "data_range": 255}
    assert found["ssim"] == pytest.approx(np.mean([structural_similarity(*each, **options) for each in both]), rel=1e-6)
    assert evaluator.real_row == {"psnr": None, "ssim": None, "haarpsi": None}
    with pytest.raises(ValueError, match="digits holds no pairs"):
        Evaluator(keras_gans.Data("digits", large), ["psnr"], 32, "pixels")


def test_which_model_is_kept_as_the_best():
    alone, trained = (
        SuperResolution(enlarger()),
        ImageToImage(enlarger(), keras.Sequential([layers.Input((None, None, 1)), layers.Conv2D(1, 3)])),
    )
    for model in (alone, trained):
        model.compile()
    assert alone.default_metrics[0] == "psnr"
    assert trained.default_metrics[0] == "fid"


def test_generators_that_do_something_else():
    with pytest.raises(ValueError, match=r"2, 3, 4 \.\.\. times"):
        SuperResolution(build_generator(1, 4))
    with pytest.raises(ValueError, match="keeps the size of images"):
        PairedTranslation(enlarger(3))
    assert PairedTranslation(build_generator(1, 4)).scale == 1
    assert SuperResolution(enlarger(3)).scale == 3


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_a_model_of_images_of_any_size_goes_through_the_programs(tmp_path, keras_gans_forked):
    """Train on patches; evaluate at the size that it learned at; apply to a picture of another size."""
    (tmp_path / "digits").mkdir()
    for number, image in enumerate(keras_gans.load_data("digits", image_shape=(24, 32, 3)).samples[:16]):
        save_picture(tmp_path / "digits" / f"{number}.png", image)
    options = ("--scale=2", "--image_size=16", "--crop=patch", "--batch_size=8", "--evaluate_num=16", "--set=width=4")
    trained = keras_gans_forked(
        *("train", "edsr", "--dataset=folder:digits", "--epochs=2", "--set=blocks=1", "--run_dir=run", *options), cwd=tmp_path
    )
    assert "pixel 0." in trained.stdout
    assert "Best psnr" in trained.stdout
    assert "use it with keras-gans apply run" in trained.stdout
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert config["arguments"]["scale"] == 2
    measured = keras_gans_forked(
        "evaluate", "run", "--dataset=folder:digits", "--metrics=psnr", "--held_out=none", "--num=16", "--json", cwd=tmp_path
    )
    result = json.loads(measured.stdout)
    assert result["protocol"]["image_shape"] == [16, 16, 3]
    assert len(result["metrics"]["psnr"]["values"]) == 1  # nothing is random
    keras_gans_forked("upscale", "run", "digits/3.png", "--output=large.png", cwd=tmp_path)
    with Image.open(tmp_path / "large.png") as large:
        assert large.size == (64, 48)
    refused = keras_gans_forked("generate", "run", cwd=tmp_path)
    assert refused.returncode == 2
    assert "give it some, with keras-gans apply run" in refused.stderr
    refused = keras_gans_forked("train", "edsr", "--dataset=folder:digits", "--run_dir=other", cwd=tmp_path)
    assert "folder:digits has no images to map" in refused.stderr
