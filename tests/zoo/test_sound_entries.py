"""Entries of sounds: their published sizes, and what is special to each."""

import math

import keras
import pytest

import keras_gans
from keras_gans_zoo.hifi_gan import networks as hifi
from keras_gans_zoo.vocos_gan import networks as vocos
from keras_gans_zoo.wavegan import networks as wavegan


def count(network):
    return sum(math.prod(variable.shape) for variable in network.trainable_variables)


# Kong et al. 2020, table 1: 13.92, 0.92 and 1.46 million.
@pytest.mark.parametrize(("version", "parameters"), [("v1", 13_926_017), ("v2", 925_985), ("v3", 1_462_273)])
def test_generators_of_hifi_gan_have_the_papers_size(version, parameters):
    assert count(hifi.build_generator(80, hifi.find_version(version, None, 256))) == parameters


def test_hops_other_than_the_papers_are_factored():
    assert hifi.find_version("v1", None, 128).rates == (8, 8, 2)
    assert hifi.find_version("v3", None, 300).rates == (5, 5, 4, 3)
    for arguments, message in [
        (("v1", None, 22), "product of factors up to 8, such as 128 or 200; received 22"),
        (("v4", None, 256), "There is no version of HiFi-GAN 'v4'"),
        (("v1", 100, 256), "width must be a multiple of 16"),
    ]:
        with pytest.raises(ValueError, match=message):
            hifi.find_version(*arguments)


# Of the authors' code, without the vectors of weight normalisation. Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_discriminators_of_hifi_gan_have_the_authors_size():
    samples = keras.Input((None, 1), name="samples")
    periods = hifi.as_network(samples, hifi.of_periods(samples, 32, (2, 3, 5, 7, 11)))
    assert count(periods) == 41_092_165
    scales = hifi.as_network(samples, hifi.of_scales(samples, 32, 3))
    assert count(scales) == 29_610_627


def test_vocos_has_the_papers_size():
    # Siuzdak 2023, table 3: 13.5 million.
    assert count(vocos.build_generator(100, 1024, 256, 512, 1536, 8)) == 13_531_650
    samples = keras.Input((None, 1), name="samples")
    judged = [vocos.of_resolution(samples, size, 32, bands=True) for size in (2048, 1024, 512)]
    assert count(vocos.as_network(samples, judged)) == 3 * 470_529


def test_wavegan_has_the_papers_size():
    generator = wavegan.build_generator(16_384, None, 100, 64, 25)
    assert count(generator) == 19_065_345
    assert generator.output_shape == (None, 16_384, 1)
    critic = wavegan.build_critic(16_384, None, 64, 25, 2, 0)
    assert count(critic) == 17_427_969
    assert sum(type(layer).__name__ == "PhaseShuffle" for layer in critic.layers) == 4


def test_wavegan_names_the_nearest_lengths():
    with pytest.raises(ValueError, match="5,000 samples: give a multiple of 1024, such as 4,096 or 5,120"):
        keras_gans.create_model("wavegan", length=5000)


# Two networks that are told classes (last run: 0.1.0, 2026-11-29).
@pytest.mark.slow
def test_wavegan_is_told_classes():
    from tests.support.entries import build, data

    model = build("wavegan", num_classes=3)
    model.fit(*data(model), batch_size=8, epochs=1, verbose=0)
    assert model.generate(3, seed=0, labels=[0, 1, 2]).shape == (3, 256, 1)
