"""A medium, an evaluator, a data source and a model of another package: waves of one length, 16 bits in files."""

from typing import ClassVar

import keras
import numpy as np
from keras import layers

import keras_gans
from keras_gans import evaluation, registry
from keras_gans.data.data import Data
from keras_gans.data.registry import SOURCES, Loader
from keras_gans.media import MEDIA, Medium
from tests.support import forked

LENGTH, _LARGEST = 16, 32767


class Waves(Medium):
    """Mono waves.

    Args:
        sample_shape: Length and 1.
        rate: Values a second.
    """

    name = "waves"
    one = "wave"

    def __init__(self, sample_shape=(LENGTH, 1), rate=8000):
        super().__init__(sample_shape)
        self.rate = rate

    def get_config(self):
        return {**super().get_config(), "rate": self.rate}

    def to_file(self, samples):
        samples = np.asarray(samples)
        return samples if samples.dtype == np.int16 else np.rint(np.clip(samples, -1, 1) * _LARGEST).astype("int16")

    def to_float(self, samples):
        samples = np.asarray(samples)
        return (samples / _LARGEST if samples.dtype == np.int16 else samples).astype("float32")


def silent(measured):
    """The share of waves without a sound."""
    return (np.mean(np.abs(measured.samples.astype(int)).max(axis=(1, 2)) < 10),)


class WaveEvaluator(evaluation.Evaluator):
    """Measures waves."""

    all_metrics: ClassVar = {
        **evaluation.Evaluator.all_metrics,
        "silent": evaluation.Metric("silent", "Share of silent samples", False, ""),
    }
    measures: ClassVar = {
        **evaluation.Evaluator.measures,
        "silent": evaluation.Measure(("silent",), silent, needs=("samples",)),
    }
    default_metrics = ("fid", "silent")


class WaveSource(Loader):
    """Sines of random loudness and phase."""

    without_image_size = "waves"

    def load(self, request):
        rng = np.random.default_rng(0)
        phase, loudness = rng.uniform(0, 6.28, (80, 1)), rng.uniform(0.2, 1, (80, 1))
        values = loudness * np.sin(np.arange(LENGTH) / 2 + phase)
        return Data(request.name, Waves().to_file(values[..., None]), medium=Waves())


def build(latent_dim: int = 4, seed: int = 0):
    """Builds the GAN `wave_gan`."""
    keras.utils.set_random_seed(seed)
    generator = keras.Sequential([keras.Input((latent_dim,)), layers.Dense(LENGTH, "tanh"), layers.Reshape((LENGTH, 1))])
    discriminator = keras.Sequential([keras.Input((LENGTH, 1)), layers.Flatten(), layers.Dense(1)])
    model = keras_gans.GAN(generator, discriminator, seed=seed, medium=Waves())
    model.compile()
    return model


def register():
    """Registers all of it, as a package does when it is imported."""
    MEDIA.register("waves")(Waves)
    evaluation.EVALUATORS.register("waves")(WaveEvaluator)
    SOURCES.register("waves")(WaveSource)
    registry.register_model("wave_gan", task="waves")(build)


def keras_gans_with_waves(*arguments):
    """What the command `keras-gans` does where that package is installed."""
    register()
    forked.keras_gans(*arguments)


def save_wave_gan(folder):
    """Writes a preset of the model."""
    register()
    keras_gans.save_preset(keras_gans.create_model("wave_gan"), folder)
