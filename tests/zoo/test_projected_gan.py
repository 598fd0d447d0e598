import keras
import numpy as np
import pytest
from keras import ops

import keras_gans
from keras_gans.backend import input_gradient
from keras_gans.imagenet import TAPS
from keras_gans_zoo.projected_gan.networks import build_discriminator, mix
from tests.support.entries import build


def test_the_authors_settings_give_their_discriminators():
    """At 224 pixels: maps of 112, 56, 28 and 14, halved to 7, and logits of windows of 4x4 (code of Sauer et al. 2021)."""
    network = build_discriminator((256, 256, 3), None, 224, [64, 128, 256, 512], 64, 0)
    assert [scores.shape for scores in network.outputs] == [(None, 4, 4, 1)] * 4
    kernels = [tuple(layer.kernel.shape) for layer in network.layers if type(layer).__name__ == "SpectralConv2D"]
    assert sorted(kernels) == sorted(
        [
            *[(4, 4, 64, 64), (4, 4, 64, 128), (4, 4, 128, 256), (4, 4, 256, 512)],
            *[(4, 4, 64, 128), (4, 4, 128, 256), (4, 4, 256, 512)],
            *[(4, 4, 128, 256), (4, 4, 256, 512)],
            (4, 4, 256, 512),
            *[(4, 4, 512, 1)] * 4,
        ]
    )


def test_scales_are_mixed_from_the_coarsest_to_the_finest():
    """A change of one tap changes the mixed maps of its scale and of all finer ones, but of no coarser one."""
    taps = [keras.Input((8 >> scale, 8 >> scale, channels)) for scale, channels in enumerate(TAPS)]
    network = keras.Model(taps, mix(taps, [4, 4, 4, 4], 0))
    rng = np.random.default_rng(0)
    values = [rng.normal(size=(1, *tap.shape[1:])).astype("float32") for tap in taps]
    before = [np.array(maps) for maps in network(values)]
    assert [maps.shape for maps in before] == [(1, side, side, 4) for side in (16, 8, 4, 2)]
    for scale in range(4):
        changed = network([value + (number == scale) for number, value in enumerate(values)])
        moved = [np.abs(np.array(maps) - old).max() > 1e-3 for maps, old in zip(changed, before, strict=True)]
        assert moved == [number <= scale for number in range(4)]
    assert network.weights == []


def test_what_is_frozen_is_the_same_for_a_seed_and_in_no_file():
    names = {variable.path.split("/")[-1] for variable in build("projected_gan").discriminator.weights}
    assert names == {"kernel", "vector"}
    images = np.random.default_rng(0).uniform(-1, 1, (2, 8, 8, 3)).astype("float32")
    models = [build("projected_gan", projection_seed=seed) for seed in (0, 0, 1)]
    scores = [np.array(model.discriminator(images)[0]) for model in models]
    np.testing.assert_array_equal(scores[0], scores[1])
    assert np.abs(scores[0] - scores[2]).max() > 1e-3


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_a_preset_of_the_default_size_has_at_most_8_mb(tmp_path):
    model = keras_gans.create_model("projected_gan", seed=0)
    keras_gans.save_preset(model, tmp_path / "preset", averaged_only=True, dtype="float16")
    assert (tmp_path / "preset" / "model.weights.h5").stat().st_size < 8e6


@pytest.mark.parametrize("shape", [(8, 8, 1), (8, 16, 4)])
def test_gradients_reach_every_channel_through_the_frozen_network(shape):
    """Transparency, too, of images of every brightness."""
    model = build("projected_gan", image_shape=shape)
    images = ops.convert_to_tensor(np.random.default_rng(0).uniform(-1, 1, (2, *shape)).astype("float32"))
    gradient = np.array(input_gradient(lambda x: sum(ops.mean(scores, (1, 2, 3)) for scores in model.score(x)), images))
    assert (np.abs(gradient).max((1, 2)) > 0).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image_shape": (65, 65, 3)}, "projected_gan cannot build 65x65 images"),
        ({"width": 1, "image_shape": (256, 256, 3)}, "width=1 does not.*multiple of 2, such as 2"),
        ({"feature_size": 100}, "multiple of 32 pixels; received 100"),
        ({"mixed_channels": [32, 32]}, r"each of the 4 scales; received \[32, 32\]"),
        ({"mixed_channels": [8, 8, 8, 0]}, "mixed_channels must be .*; received 0"),
        ({"projection_seed": -1}, "projection_seed must be .*; received -1"),
    ],
    ids=str,
)
def test_what_cannot_be_built_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        keras_gans.create_model("projected_gan", **arguments)
