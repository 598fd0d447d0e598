"""What the tests of the command-line programs share."""

import numpy as np
import pytest


@pytest.fixture(scope="session")
def assert_refused():
    """Checks that a finished process was refused: status 2, one line of text that holds these words, and nothing else."""

    def check(process, *words):
        assert process.returncode == 2, process.stdout + process.stderr
        assert process.stdout == ""
        assert len(process.stderr.splitlines()) == 1, process.stderr
        for word in words:
            assert word in process.stderr

    return check


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """A preset folder and the model in it: 8x8 grey images from 5 latents, with an averaged generator of other weights."""
    import keras_gans

    model = keras_gans.create_model("dcgan", image_shape=(8, 8, 1), width=4, latent_dim=5, ema=0.9, seed=0)
    rng = np.random.default_rng(0)
    for network in (model.generator, model.ema_generator):
        # Far from the near-zero weights of a new model, so that samples differ visibly.
        for weight in network.weights:
            weight.assign(
                rng.uniform(0.5, 1.5, weight.shape) if "variance" in weight.path else rng.normal(0, 0.5, weight.shape)
            )
    folder = tmp_path_factory.mktemp("presets") / "tiny"
    keras_gans.save_preset(model, folder, description="for tests")
    return folder, model


@pytest.fixture(scope="session")
def tiny_exported(keras_gans_forked, tiny, tmp_path_factory):
    """The preset `tiny` in all formats: the finished process, and the folder."""
    folder = tmp_path_factory.mktemp("exported")
    return keras_gans_forked("export", tiny[0], "--format=all", "--output=exports", cwd=folder), folder / "exports"


@pytest.fixture(scope="session")
def tiny_samples(tiny):
    """What the preset `tiny` makes of the first 6 latents of seed 0, in [-1, 1]: NumPy's latents through the bare network."""
    _, model = tiny
    latents = np.random.default_rng(0).standard_normal((6, 5), dtype="float32")
    return np.asarray(model.ema_generator(latents, training=False))
