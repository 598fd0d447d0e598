"""`apply_png`, from picture files to picture files, against `apply_file`, which computes in NumPy and Pillow."""

import io

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from PIL import Image

import keras_gans
from keras_gans.applying import tiling
from keras_gans.conditions import Classes, Images
from keras_gans.export.signatures import picture_tiles, signatures_of
from tests.support import picture_models
from tests.support.slow import slow_but


def photograph(height, width, channels=3):
    """A smooth picture with some noise, uint8."""
    rng = np.random.default_rng(height * 1000 + width)
    rows, columns = np.mgrid[:height, :width] / 12
    waves = np.stack([np.sin(rows + 2 * c) * np.cos(columns - c) for c in range(channels)], -1)
    return np.clip(127 + 90 * waves + rng.normal(0, 12, (height, width, channels)), 0, 255).astype("uint8")


def encoded(pixels, kind="PNG", **options):
    file = io.BytesIO()
    Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(file, kind, **options)
    return file.getvalue()


def decoded(content):
    pixels = np.asarray(Image.open(io.BytesIO(content)))
    return pixels[..., None] if pixels.ndim == 2 else pixels


def function_of(model):
    """Returns a function from files to the pixels that the signature makes of them, without writing a SavedModel."""
    function = signatures_of(model).contents("saved_model").functions["apply_png"]

    def apply(images, **inputs):
        made = function(*map(tf.constant, [images, *inputs.values()]))
        return [decoded(each) for each in made["image_bytes"].numpy()]

    return apply


def apply_png(model, images, **inputs):
    return function_of(model)(images, **inputs)


def apply_file(model, folder, image, mask=None):
    """Returns the pixels that the library makes of the same file."""
    (folder / "in.png").write_bytes(image)
    more = {}
    if mask is not None:
        (folder / "mask.png").write_bytes(mask)
        more["mask"] = folder / "mask.png"
    keras_gans.apply_file(model, folder / "in.png", folder / "out.png", overwrite=True, **more)
    return decoded((folder / "out.png").read_bytes())


def assert_close(found, expected, most=1):
    assert found.shape == expected.shape
    assert np.abs(found.astype(int) - expected).max() <= most


@pytest.fixture(scope="module")
def enlarging():
    keras.utils.set_random_seed(0)
    return keras_gans.create_model("edsr", scale=2, width=4, blocks=1)


@pytest.fixture(scope="module")
def enlarge(enlarging):
    return function_of(enlarging)


@pytest.fixture(scope="module")
def fill(filling):
    return function_of(filling)


@pytest.fixture(scope="module")
def filling():
    keras.utils.set_random_seed(0)
    return keras_gans.create_model("gated_inpainting", image_shape=(32, 32, 3), width=2, dilations=(2,))


def test_each_row_keeps_its_size_and_kind(enlarging, enlarge, tmp_path):
    colours, grey = photograph(21, 34), photograph(1, 9, 1)
    clear = photograph(30, 18, 4)
    clear[..., 3] = np.where(np.arange(18) < 7, 0, 200)
    images = [encoded(each) for each in (colours, grey, clear)]
    found = enlarge(images)
    assert [each.shape for each in found] == [(42, 68, 3), (2, 18, 1), (60, 36, 4)]
    for image, made in zip(images, found, strict=True):
        assert_close(made, apply_file(enlarging, tmp_path, image))


def test_jpeg_palettes_and_16_bits(enlarging, enlarge, tmp_path):
    jpeg = encoded(photograph(24, 17), "JPEG", quality=90)
    palette = io.BytesIO()
    Image.fromarray(photograph(12, 12)).quantize(16).save(palette, "PNG")
    deep = io.BytesIO()
    Image.fromarray(photograph(8, 8, 1)[..., 0].astype("uint16") << 8).save(deep, "PNG")
    # A palette's opacity is kept; the orientation in EXIF data is not applied (docs/export.md).
    clear, exif = io.BytesIO(), Image.Exif()
    Image.fromarray(photograph(12, 12)).quantize(16).save(clear, "PNG", transparency=bytes(range(100, 164, 4)))
    exif[274] = 6
    turned = encoded(photograph(24, 17), "JPEG", quality=90, exif=exif)
    found = enlarge([jpeg, palette.getvalue(), deep.getvalue(), clear.getvalue(), turned])
    assert_close(found[3], apply_file(enlarging, tmp_path, clear.getvalue()))
    np.testing.assert_array_equal(found[4], found[0])
    assert_close(found[0], apply_file(enlarging, tmp_path, jpeg), 3)  # two decoders
    assert_close(found[1], apply_file(enlarging, tmp_path, palette.getvalue()))
    assert_close(found[2], apply_file(enlarging, tmp_path, encoded(photograph(8, 8, 1))))


def test_tiles_give_the_whole(enlarging, tmp_path, monkeypatch):
    images = [encoded(photograph(*sides)) for sides in ((97, 150), (64, 31))]
    calls = []
    with monkeypatch.context() as patch:
        patch.setattr(tiling, "MEMORY", 1)
        patch.setattr(tiling, "_FAR", 1.2)
        patch.setattr(picture_tiles, "tile_size", lambda *given: calls.append(tiling.tile_size(*given)) or calls[-1])
        found = apply_png(enlarging, images)
    assert max(calls[0]) < 64  # there are several
    for image, made in zip(images, found, strict=True):
        assert_close(made, apply_file(enlarging, tmp_path, image))


def test_a_network_of_one_size_that_sees_everything_gets_pictures_resized(tmp_path):
    model = picture_models.negating(whole=True, side=32)
    [made] = apply_png(model, [encoded(photograph(50, 40))])
    assert_close(made, apply_file(model, tmp_path, encoded(photograph(50, 40))), 2)


@pytest.mark.slow  # last run: 0.1.0, 2026-11-29
def test_grey_networks_enlarge_colours_one_by_one(tmp_path):
    model = picture_models.doubling(channels=1)
    images = [encoded(photograph(6, 5)), encoded(photograph(7, 4, 1))]
    for image, made in zip(images, apply_png(model, images), strict=True):
        assert_close(made, apply_file(model, tmp_path, image))


def test_outside_of_the_mask_no_bit_changes(filling, fill, tmp_path):
    pictures, masks = [photograph(37, 50), photograph(32, 16, 1)], []
    for picture in pictures:
        masks.append(np.zeros((*picture.shape[:2], 1), "uint8"))
        masks[-1][3:20, 5:12] = 255
    images, files = [encoded(each) for each in pictures], [encoded(each) for each in masks]
    found = fill(images, mask_bytes=files)
    for number, made in enumerate(found):
        hole = masks[number][..., 0] > 0
        np.testing.assert_array_equal(made[~hole], pictures[number][~hole])
        assert (made[hole] != pictures[number][hole]).mean() > 0.5
        assert_close(made, apply_file(filling, tmp_path, images[number], files[number]))


@pytest.mark.slow  # last run: 0.1.0, 2026-11-29
def test_further_conditions_keep_their_names():
    images, labels = keras.Input((None, None, 1), name="images"), keras.Input((), name="labels", dtype="int32")
    levels = layers.Embedding(2, 1, embeddings_initializer=keras.initializers.Constant(0.25))(labels)
    generator = keras.Model([images, labels], images * 0.0 + keras.ops.reshape(levels, (-1, 1, 1, 1)))
    discriminator = keras.Sequential([keras.Input((None, None, 1)), layers.Conv2D(1, 1)])
    told = {"images": Images((None, None, 1)), "labels": Classes(2)}
    model = keras_gans.ImageToImage(generator, discriminator, conditions=told)
    [made] = apply_png(model, [encoded(photograph(4, 6, 1))], labels=np.array([1], "int32"))
    assert made.shape == (4, 6, 1)
    assert (made == round(1.25 * 127.5)).all()


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n\0\0", b"GIF89a" + bytes(40), b"no picture at all, but longer"])
def test_other_files_are_refused(enlarge, content):
    with pytest.raises(tf.errors.InvalidArgumentError, match="image_bytes must be PNG or JPEG files"):
        enlarge([content])


def test_large_pictures_are_refused_before_they_are_decoded(enlarge):
    # One of 100,000 x 100,000 pixels, of which there are only the first bytes.
    huge = encoded(photograph(4, 4))
    huge = huge[:16] + (100_000).to_bytes(4, "big") * 2 + huge[24:]
    with pytest.raises(tf.errors.InvalidArgumentError, match="image_bytes must be pictures of at most 4,194,304 pixels"):
        enlarge([huge])
    with pytest.raises(tf.errors.InvalidArgumentError, match="JPEG"):
        enlarge([encoded(photograph(40, 40), "JPEG")[:120]])


def test_masks_of_another_size_are_refused(fill):
    mask = encoded(np.zeros((8, 9, 1), "uint8"))
    with pytest.raises(tf.errors.InvalidArgumentError, match="mask_bytes must be of the same size as image_bytes"):
        fill([encoded(photograph(8, 8))], mask_bytes=[mask])


def test_what_the_limit_is():
    field = keras_gans.applying.ReceptiveField
    assert picture_tiles.most_pixels(field(3, 4)) == 2**20
    assert picture_tiles.most_pixels(field(None, 1, bytes_per_pixel=1024.0)) == 500_000


def test_models_of_latents_have_none():
    model = keras_gans.create_model("gan", image_shape=(8, 8, 1))
    assert "apply_png" not in signatures_of(model).all


@pytest.mark.parametrize("kind", slow_but(["srgan", "gated_inpainting"], "srgan"))  # all of them: last run 0.1.0, 2026-11-29
def test_every_strength_is_that_of_the_library(kind, tmp_path):
    """Also with batch normalization, whose folded weights have no meaningful mean."""
    keras.utils.set_random_seed(0)
    small = (
        {"scale": 2, "width": 4, "blocks": 1, "discriminator_width": 4} if kind == "srgan" else {"width": 2, "dilations": (2,)}
    )
    model = keras_gans.create_model(kind, image_shape=(16, 16, 3), pretrain_steps=1, **small)
    rng = np.random.default_rng(0)
    for network in (model.generator, model.faithful_generator):
        network.set_weights([each + np.abs(rng.normal(0, 0.1, each.shape)) for each in network.get_weights()])
    picture, mask = photograph(20, 14), np.zeros((20, 14, 1), "uint8")
    mask[4:12, 3:9] = 255
    holes = {"mask_bytes": [encoded(mask)] * 3} if kind == "gated_inpainting" else {}
    function = signatures_of(model).contents("saved_model").functions["apply_png_with_strength"]
    strengths = np.array([0.0, 0.5, 1.0], "float32")
    names = ("image_bytes", *holes, "strength")
    given = dict(zip(names, ([encoded(picture)] * 3, *holes.values(), strengths), strict=True))
    found = [decoded(each) for each in function(*map(tf.constant, given.values()))["image_bytes"].numpy()]
    assert (found[0] != found[2]).any()
    Image.fromarray(picture).save(tmp_path / "in.png")
    Image.fromarray(mask[..., 0]).save(tmp_path / "mask.png")
    more = {"mask": tmp_path / "mask.png"} if holes else {}
    for strength, made in zip(strengths, found, strict=True):
        options = {"strength": float(strength), "overwrite": True, **more}
        keras_gans.apply_file(model, tmp_path / "in.png", tmp_path / "out.png", **options)
        assert_close(made, decoded((tmp_path / "out.png").read_bytes()))
    with pytest.raises(tf.errors.InvalidArgumentError, match="strength must be a number from 0 to 1"):
        function(*map(tf.constant, {**given, "strength": strengths + 1}.values()))
