"""Tiles: exactly the whole image's result, for networks of many kinds."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from keras_gans.applying.receptive_field import receptive_field
from keras_gans.applying.tiling import apply_in_tiles, spans, tile_size
from keras_gans.layers import ClippedOutput, GatedLinearUnit, PixelNormalization, UpsampledConv2D
from tests.support.pix2pix import build_generator


def upscaler():
    """Twice the size, by a shuffle of channels, beside the enlarged input."""
    x = images = keras.Input((None, None, 3), name="images")
    for _ in range(2):
        x = layers.Conv2D(6, 3, padding="same", activation="tanh")(x)
    x = ops.depth_to_space(layers.Conv2D(12, 3, padding="same")(x), 2)
    return keras.Model(images, x + layers.UpSampling2D(2, interpolation="bilinear")(images))


def reflecting():
    """Reflected borders, dilation, and kernels that are not square."""
    x = images = keras.Input((None, None, 3), name="images")
    x = ops.pad(x, ((0, 0), (3, 3), (3, 3), (0, 0)), "reflect")
    x = layers.Conv2D(5, 7)(x)
    x = layers.Conv2D(5, (5, 1), padding="same", dilation_rate=2)(x)
    return keras.Model(images, layers.DepthwiseConv2D((1, 3), padding="same")(x))


def strided():
    """Pooling, strides of 2 and 3 with even and odd kernels, and back up in two ways; a model in the model."""
    inner = keras.Sequential([keras.Input((None, None, 4)), layers.Conv2D(4, 3, 2, "same"), layers.MaxPooling2D(3)])
    x = images = keras.Input((None, None, 3), name="images")
    first = layers.Conv2D(4, 4, 2, "same")(x)
    x = layers.BatchNormalization()(inner(first))
    x = layers.Conv2DTranspose(4, 5, 3, "same")(x)
    x = layers.UpSampling2D(2)(x)
    x = layers.Concatenate()([x, first])
    return keras.Model(images, layers.Conv2DTranspose(3, 2, 2, "same")(layers.LeakyReLU()(x)))


def own_layers():
    """Layers of this package, which declare how far they see."""
    images = keras.Input((None, None, 3), name="images")
    x = GatedLinearUnit()(layers.Conv2D(8, 3, padding="same")(images))
    x = PixelNormalization()(UpsampledConv2D(4)(x))
    return keras.Model(images, ClippedOutput()(layers.Conv2D(3, 1)(x)))


def shrinking():
    """Half the size."""
    x = images = keras.Input((None, None, 3), name="images")
    return keras.Model(images, layers.Conv2D(3, 5, 2, "same")(layers.Conv2D(4, 3, padding="same")(x)))


NETWORKS = [upscaler, reflecting, strided, own_layers, shrinking, lambda: build_generator(3, 4)]
NAMES = ["upscaler", "reflecting", "strided", "own_layers", "shrinking", "u_net"]


def run(network):
    return lambda image: np.asarray(network(image, training=False))


def assemble(network, image, field, tile, **options):
    bands = list(apply_in_tiles(run(network), image, field, tile, **options))
    assert [start for start, _ in bands] == list(np.cumsum([0, *(len(band) for _, band in bands)]))[:-1]
    return np.concatenate([band for _, band in bands])


@pytest.mark.parametrize("make", NETWORKS, ids=NAMES)
def test_tiles_give_what_the_whole_image_gives(make):
    """For sizes that are not multiples of the tile, nor of what the network takes."""
    keras.utils.set_random_seed(0)
    network = make()
    image = np.random.default_rng(0).uniform(-1, 1, (93, 118, 3)).astype("float32")
    field = receptive_field(network)
    whole = assemble(network, image, field, (96, 120))
    np.testing.assert_array_equal(whole.shape[:2], np.ceil(np.multiply((93, 118), float(field.scale))))
    for side in (24, 31):
        tile = tile_size(field, 93, 118, side)
        assert tile[1] < 118
        np.testing.assert_allclose(assemble(network, image, field, tile), whole, atol=1e-5)


@pytest.mark.parametrize("make", NETWORKS, ids=NAMES)
def test_no_output_depends_on_pixels_beyond_the_radius(make):
    """Changed input pixels change outputs only where the radius permits, and the radius is not much too large."""
    keras.utils.set_random_seed(1)
    network = make()
    field = receptive_field(network)
    base = np.random.default_rng(1).uniform(-1, 1, (1, 96, 96, 3)).astype("float32")
    reached = 0
    for place in range(42, 54):
        changed = base.copy()
        changed[:, place] += 1000.0
        rows = np.flatnonzero(np.abs(run(network)(changed) - run(network)(base)).max((0, 2, 3)) > 1e-3)
        # Distance of the changed pixel from the block of pixels that a row of the output belongs to.
        block = max(1, int(1 / field.scale))
        places = (rows / float(field.scale)).astype(int)
        distances = np.maximum(places - place, place - (places + block - 1))
        reached = max(reached, distances.max())
    assert field.radius - 2 * field.multiple <= reached <= field.radius


def test_wrapped_edges_make_a_texture_that_can_be_repeated():
    keras.utils.set_random_seed(0)
    network = upscaler()
    field = receptive_field(network)
    image = np.random.default_rng(0).uniform(-1, 1, (20, 26, 3)).astype("float32")
    made = assemble(network, image, field, tile_size(field, 20, 26, 12, edges="wrap"), edges="wrap")
    nine = assemble(network, np.tile(image, (3, 3, 1)), field, (60, 78))
    assert made.shape == (40, 52, 3)
    np.testing.assert_allclose(made, nine[40:80, 52:104], atol=1e-5)
    reflected = assemble(network, image, field, tile_size(field, 20, 26, edges="reflect"), edges="reflect")
    np.testing.assert_allclose(reflected[20:30, 20:30], made[20:30, 20:30], atol=1e-5)


@pytest.mark.parametrize(("side", "tile", "context"), [(100, 100, 7), (101, 20, 4), (64, 16, 0), (17, 16, 7), (1, 1, 3)])
def test_spans_cover_an_axis_once_with_tiles_of_one_size(side, tile, context):
    found = spans(side, tile, context)
    assert [span.first for span in found] == [0, *(span.last for span in found[:-1])]
    assert found[-1].last == side
    for start, first, last in found:
        assert 0 <= start <= side - tile
        assert first - start >= (context if start else 0)
        assert start + tile - last >= (context if start + tile < side else 0)


def global_network(*, spatial=(None, None)):
    images = keras.Input((*spatial, 3), name="images")
    return keras.Model(images, layers.GroupNormalization(-1, name="norm")(layers.Conv2D(3, 3, 2, "same")(images)))


def test_networks_that_see_everything_are_taken_whole():
    field = receptive_field(global_network())
    assert field.radius is None
    assert field.multiple == 2
    assert tile_size(field, 41, 60) == (42, 60)
    with pytest.raises(ValueError, match=r"cannot be applied in tiles.*'norm' \(GroupNormalization\): it normalizes"):
        tile_size(field, 40, 60, 16)
    with pytest.raises(ValueError, match=r"takes about [\d,]+ MB, more than the 1 MB.*smaller"):
        tile_size(field, 4000, 6000, memory=1)


def test_memory_determines_the_tile():
    field = receptive_field(upscaler())
    small, large = (tile_size(field, 3000, 4000, memory=memory) for memory in (5, 50))
    assert small[0] * small[1] < large[0] * large[1] < 3000 * 4000
    assert 0.6 * 5e6 < small[0] * small[1] * field.bytes_per_pixel * 2 <= 5e6
    assert tile_size(field, 30, 40) == (30, 40)
    with pytest.raises(ValueError, match="smallest tile of this model takes about 1 MB"):
        tile_size(field, 3000, 4000, memory=0)


@pytest.mark.parametrize("make", NETWORKS, ids=NAMES)
def test_images_of_one_pixel(make):
    network = make()
    field = receptive_field(network)
    made = assemble(network, np.full((1, 1, 3), 0.5, "float32"), field, tile_size(field, 1, 1))
    assert made.shape[:2] == (max(1, int(field.scale)),) * 2
    assert np.isfinite(made).all()


def test_networks_that_see_far_get_more_memory_unless_it_is_given():
    """As RRDB with 23 blocks: the context around a tile is larger than what a usual tile takes."""
    x = images = keras.Input((None, None, 3), name="images")
    for _ in range(5):
        x = layers.Conv2D(64, 3, padding="same", dilation_rate=70)(x)
    field = receptive_field(keras.Model(images, layers.Conv2D(3, 1)(x)))
    assert field.radius == 350
    tile = tile_size(field, 3000, 4000)
    assert 2 * 350 < tile[0] < 1500
    with pytest.raises(ValueError, match="smallest tile of this model takes about 5"):
        tile_size(field, 3000, 4000, memory=256)


def test_small_pictures_are_continued():
    """As the upper left corner of larger ones; a network that learned from those would otherwise see mostly padding."""
    keras.utils.set_random_seed(0)
    network = upscaler()
    field = receptive_field(network)
    colour = np.full((12, 12, 3), 0.7, "float32")
    expected = np.asarray(network(colour[None, :8, :8]))[0]
    for height, width in ((1, 1), (1, 8), (3, 5)):
        made = assemble(network, colour[:height, :width], field, tile_size(field, height, width))
        np.testing.assert_allclose(made, expected[: 2 * height, : 2 * width], atol=1e-6)
