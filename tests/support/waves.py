"""The package of somebody else that lies in `another_package/`, for the tests that use it in their own process."""

import contextlib
import sys

from tests.conftest import ROOT

FOLDER = ROOT / "tests" / "support" / "another_package"
# What the package registers when it is imported, by table.
_OWN = []


@contextlib.contextmanager
def installed():
    """Makes the package be known for a while, as if it were installed; yields its module `medium`."""
    from keras_gans import registry
    from keras_gans.data.registry import SOURCES
    from keras_gans.evaluation import EVALUATORS
    from keras_gans.export.signatures import SIGNATURES
    from keras_gans.media import MEDIA

    tables = [registry._entries, *(each._things for each in (MEDIA, SOURCES, EVALUATORS, SIGNATURES))]
    before = [dict(table) for table in tables]
    sys.path.insert(0, str(FOLDER))
    try:
        import waves.medium
        import waves.wave_gan

        if not _OWN:
            _OWN.extend({name: table[name] for name in table.keys() - old} for table, old in zip(tables, before, strict=True))
        for table, own in zip(tables, _OWN, strict=True):
            table.update(own)
        yield waves.medium
    finally:
        sys.path.remove(str(FOLDER))
        for table, own in zip(tables, _OWN, strict=True):
            for name in own:
                table.pop(name, None)


def make_model(samples=64, seed=0):
    """Returns a model of waveforms of so many values; to be called while the package is installed."""
    import keras

    import keras_gans

    keras.utils.set_random_seed(seed)
    return keras_gans.create_model("tiny_wave_gan", samples=samples, seed=seed)


def keras_gans_with_waves(*arguments):
    """What the command `keras-gans` does where the package is installed."""
    from tests.support import forked

    with installed():
        forked.keras_gans(*arguments)


def save_preset(folder):
    """Writes a preset of the model."""
    import keras_gans

    with installed():
        keras_gans.save_preset(make_model(256), folder)
