"""The package of somebody else that lies in `another_package/`, for the tests that use it in their own process."""

import sys

from tests.conftest import ROOT

FOLDER = ROOT / "tests" / "support" / "another_package"


def install():
    """Makes the package be found, and what it registers known; returns its module `medium`."""
    if str(FOLDER) not in sys.path:
        sys.path.insert(0, str(FOLDER))
    import waves.medium
    import waves.wave_gan

    return waves.medium


def make_model(samples=64, seed=0):
    """Returns a model of waveforms of so many values."""
    import keras

    import keras_gans

    install()
    keras.utils.set_random_seed(seed)
    return keras_gans.create_model("tiny_wave_gan", samples=samples, seed=seed)


def keras_gans_with_waves(*arguments):
    """What the command `keras-gans` does where the package is installed."""
    from tests.support import forked

    install()
    forked.keras_gans(*arguments)


def save_preset(folder):
    """Writes a preset of the model."""
    import keras_gans

    keras_gans.save_preset(make_model(256), folder)
