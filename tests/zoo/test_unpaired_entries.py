"""cyclegan and cut: their networks are those of the papers, and their rates decay late."""

import keras
import numpy as np
import pytest

import keras_gans
from keras_gans.data import Data
from keras_gans.data.unpaired import UnpairedValues

SMALL = {"image_shape": (16, 16, 3), "width": 2, "discriminator_width": 2, "seed": 0}


def filters(network):
    """Returns side, filters and stride of each convolution of a network, in order."""
    kinds = (keras.layers.Conv2D, keras.layers.Conv2DTranspose)
    found = [layer for layer in network._flatten_layers() if isinstance(layer, kinds)]
    return [(layer.kernel_size[0], layer.filters, layer.strides[0]) for layer in found]


def test_generators_of_cyclegan_are_those_of_the_paper():
    model = keras_gans.create_model("cyclegan", **SMALL, blocks=2, pool_size=0)
    # c7s1-64, d128, d256, R256 (two convolutions each), u128, u64, c7s1-3, at a width of 2 in place of 64.
    expected = [(7, 2, 1), (3, 4, 2), (3, 8, 2), *[(3, 8, 1)] * 4, (3, 4, 2), (3, 2, 2), (7, 3, 1)]
    for output in (0, 1):
        assert filters(model.network(output)) == expected
        assert model.network(output)(np.zeros((1, 12, 20, 3), "float32")).shape == (1, 12, 20, 3)
    # C64-C128-C256-C512 and the logits.
    assert filters(model.whole_discriminator) == [(4, 2, 2), (4, 4, 2), (4, 8, 2), (4, 16, 1), (4, 1, 1)]


@pytest.mark.parametrize(("side", "blocks"), [(128, 6), (256, 9)])
def test_larger_images_have_more_blocks(side, blocks):
    model = keras_gans.create_model("cut", **{**SMALL, "image_shape": (side, side, 3)})
    assert sum(isinstance(layer, keras.layers.Add) for layer in model.sampling_network()._flatten_layers()) == blocks


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_cut_compares_features_at_five_depths():
    model = keras_gans.create_model("cut", **SMALL, blocks=9)
    cyclegan = keras_gans.create_model("cyclegan", **SMALL, blocks=9, pool_size=0)
    encoder, decoder = (layer for layer in model.sampling_network().layers if isinstance(layer, keras.Model))
    assert filters(encoder) + filters(decoder) == filters(cyclegan.network(0))
    # Padded pixels, both convolutions that halve, the first and the fifth block of nine.
    sizes = [(22, 22, 3), (8, 8, 4), (4, 4, 8), (4, 4, 8), (4, 4, 8)]
    assert [tuple(each.shape[1:]) for each in encoder(np.zeros((1, 16, 16, 3), "float32"))] == sizes
    blocks = [sum(isinstance(layer, keras.layers.Add) for layer in part.layers) for part in (encoder, decoder)]
    assert blocks == [5, 4]
    assert [network.outputs[0].shape[-1] for network in map(model.network, range(1, 6))] == [256] * 5


@pytest.mark.parametrize("name", ["cyclegan", "cut"])
def test_learning_rates_are_constant_and_then_decay(name):
    model = keras_gans.create_model(name, **SMALL, blocks=1, decay_after=100, decay_steps=50)
    for optimizer in model.optimizer.optimizers:
        rates = [float(optimizer._learning_rate(step)) for step in (0, 100, 125, 150)]
        assert rates == pytest.approx([2e-4, 2e-4, 1e-4, 0.0])
    with pytest.raises(ValueError, match="decay_after must be an integer of at least 0"):
        keras_gans.create_model(name, **SMALL, decay_after=-1)
    with pytest.raises(ValueError, match=f"{name} needs sides that are multiples of 4, at least 8; received 18x16"):
        keras_gans.create_model(name, **{**SMALL, "image_shape": (18, 16, 3)})


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_domains_of_different_channels_need_no_identity_loss():
    model = keras_gans.create_model("cyclegan", **SMALL, input_channels=1, blocks=1)
    assert model.identity_weight == 0.0
    assert model.apply(np.zeros((1, 16, 16, 1), "uint8")).shape == (1, 16, 16, 3)
    assert keras_gans.create_model("cyclegan", **SMALL, blocks=1, cycle_weight=8.0).identity_weight == 4.0


@pytest.mark.slow  # last run: 0.1.0, 2026-11-29
def test_cut_finds_a_known_translation_without_pairs():
    """White digits on black, and other digits in purple on blue-green: each must keep its shape and get the other colours."""
    digits = keras_gans.load_data("digits", image_shape=(16, 16)).samples / 255.0
    tinted = (np.array([0.2, 0.5, 0.6]) + digits * [0.8, -0.3, -0.6]) * 255
    white = digits.repeat(3, axis=-1) * 255
    a, b, held_out = white[:800].astype("uint8"), tinted[800:1600].astype("uint8"), white[1600:].astype("uint8")
    truth = tinted[1600:] / 127.5 - 1.0
    sizes = {"width": 8, "blocks": 2, "discriminator_width": 16, "discriminator_depth": 1, "patches": 64}
    keras.utils.set_random_seed(0)
    model = keras_gans.create_model("cut", image_shape=(16, 16, 3), learning_rate=1e-3, ema=0.98, seed=0, **sizes)
    model.fit(Data("mine", b, conditions={"images": UnpairedValues(a, len(b))}), batch_size=8, epochs=6, verbose=0)
    found = np.abs(model.apply(held_out) - truth).mean()
    assert found < 0.5 * np.abs(truth - truth.mean(axis=0)).mean()
