"""Receptive fields, against hand-computed ones and what layers declare."""

from fractions import Fraction

import keras
import pytest
from keras import layers, ops

from keras_gans.applying.receptive_field import receptive_field
from keras_gans.layers import InverseShortTimeFourier, ReflectionPadding2D, UpsamplingConv1D


def chain(*parts, channels=3, size=(None, None)):
    x = images = keras.Input((*size, channels), name="images")
    for part in parts:
        x = part(x)
    return receptive_field(keras.Model(images, x))


def conv(*arguments, **options):
    return layers.Conv2D(4, *arguments, padding="same", **options)


@pytest.mark.parametrize(
    ("parts", "radius", "scale", "multiple"),
    [
        ([layers.ReLU()], 0, 1, 1),
        ([conv(3), conv(5)], 3, 1, 1),
        ([conv(3, dilation_rate=4)], 4, 1, 1),
        ([conv(3, 2), conv(3), layers.UpSampling2D(2)], 4, 1, 2),  # half-size pixels: 2 on the left of two, 2 on the right
        (
            [layers.AveragePooling2D(2), layers.AveragePooling2D(2), layers.UpSampling2D(4)],
            3,
            1,
            4,
        ),  # the last of four pixels sees the first
        ([layers.UpSampling2D(2), conv(3)], 1, 2, 1),
        ([conv(3, 2)], 1, Fraction(1, 2), 2),
        ([layers.Dense(4), layers.LayerNormalization(), layers.PReLU(shared_axes=[1, 2])], 0, 1, 1),
        ([layers.ZeroPadding2D(2), layers.Conv2D(4, 5)], 2, 1, 1),
        ([ReflectionPadding2D(2), layers.Conv2D(4, 5)], 2, 1, 1),
        ([layers.ZeroPadding2D(3), layers.Cropping2D(3)], 0, 1, 1),
        ([conv(1), lambda x: ops.depth_to_space(x, 2), conv(3)], 1, 2, 1),
        ([lambda x: ops.space_to_depth(x, 2), conv(3), lambda x: ops.depth_to_space(x, 2)], 3, 1, 2),
        ([layers.SpectralNormalization(conv(3))], 1, 1, 1),
    ],
)
def test_known_radii(parts, radius, scale, multiple):
    field = chain(*parts)
    assert (field.radius, field.scale, field.multiple) == (radius, scale, multiple)
    assert field.problems == ()


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (layers.GroupNormalization(-1), "it normalizes over the whole image"),
        (layers.LayerNormalization(axis=(1, 2)), "it normalizes over the whole image"),
        (lambda x: x * layers.GlobalAveragePooling2D(keepdims=True)(x), "it pools the whole image"),
        (lambda x: x - ops.mean(x, axis=(1, 2), keepdims=True), "it works along rows or columns"),
        (lambda x: layers.Attention()([x, x]), "not known how far it sees"),
        (layers.Lambda(lambda x: x[:, ::-1]), "not known how far it sees"),
        (lambda x: ops.pad(x[:, 1:], ((0, 0), (1, 0), (0, 0), (0, 0))), "takes a part of the image"),
    ],
)
def test_what_sees_the_whole_image_is_named(part, words):
    field = chain(part, size=(8, 8))
    assert field.radius is None
    assert words in field.problems[0]
    assert field.scale == 1


def test_dense_layers_over_the_image_are_global():
    field = chain(layers.Flatten(), layers.Dense(8 * 8 * 3), layers.Reshape((8, 8, 3)), size=(8, 8))
    assert field.radius is None
    assert "(Flatten)" in field.problems[0]
    assert (field.size, field.scale) == ((8, 8), 1)


class Blur(layers.Layer):
    spatial_reach = 2

    def call(self, inputs):
        return inputs


class Doubling(layers.Layer):
    spatial_reach = 1
    spatial_scale = 2

    def call(self, inputs):
        return ops.repeat(ops.repeat(inputs, 2, 1), 2, 2)


class Everywhere(Blur):
    spatial_reach = None


class PixelShuffle(layers.Layer):
    def call(self, inputs):
        return ops.depth_to_space(inputs, 2)

    def compute_output_shape(self, shape):
        return (shape[0], 2 * shape[1], 2 * shape[2], shape[3] // 4) if shape[1] else (shape[0], None, None, shape[3] // 4)


def test_layers_declare_how_far_they_see():
    assert chain(Blur()).radius == 2
    field = chain(Doubling(), Blur())
    assert (field.radius, field.scale) == (2, 2)
    assert chain(Everywhere()).radius is None
    field = chain(conv(3), PixelShuffle())
    assert (field.radius, field.scale) == (1, 2)


def test_masks_are_images_and_labels_are_not():
    images, masks, labels = keras.Input((None, None, 3)), keras.Input((None, None, 1)), keras.Input((), dtype="int32")
    x = conv(3)(layers.Concatenate()([images, masks]))
    x = x + layers.Reshape((1, 1, 4))(layers.Embedding(3, 4)(labels))
    field = receptive_field(keras.Model([images, masks, labels], x))
    assert (field.radius, field.problems) == (1, ())


def test_outputs_of_other_sizes_are_refused():
    with pytest.raises(ValueError, match=r"whole multiple.*1 times as many rows - 2 .*padding='same'"):
        chain(layers.Conv2D(3, 3))
    with pytest.raises(ValueError, match="does not map images"):
        chain(layers.Flatten(), size=(4, 4))


def test_a_long_network_takes_no_time():
    """As deep as RRDB's 23 blocks; recursion would fail."""
    field = chain(*[conv(3) for _ in range(350)])
    assert field.radius == 350


@pytest.mark.parametrize(
    ("parts", "radius", "scale"),
    [
        ([layers.Conv1D(4, 7, padding="same"), layers.DepthwiseConv1D(7, padding="same")], 6, 1),
        ([layers.Conv1D(4, 3, padding="same", dilation_rate=5), layers.LayerNormalization(), layers.Dense(2)], 5, 1),
        ([layers.Conv1D(4, 3, padding="same"), UpsamplingConv1D(2, 16, 8)], 2, 8),
        ([layers.Dense(34), lambda x: ops.exp(x[..., :34]), InverseShortTimeFourier(32, 8)], 3, 8),
    ],
)
def test_sequences_are_seen_along_one_axis(parts, radius, scale):
    x = sequences = keras.Input((None, 3))
    for part in parts:
        x = part(x)
    found = receptive_field(keras.Model(sequences, x))
    assert (found.radius, found.scale, found.problems) == (radius, scale, ())
