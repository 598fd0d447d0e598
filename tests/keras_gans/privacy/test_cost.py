"""What a private step costs, as a ratio within one run: the speed of the machine does not matter."""

import statistics
import time

import keras
import numpy as np
import pytest

import keras_gans
from keras_gans.privacy import DPSGD

BATCH, WIDTH, STEPS, ROUNDS = 256, 32, 4, 3
MOST = {"tensorflow": 3.0, "jax": 3.0}


# Last run: 0.1.0, 2026-11-30 (ratios of 2.0 on TensorFlow and 1.8 on JAX).
@pytest.mark.slow
def test_a_private_step_of_the_discriminator_costs_a_few_plain_ones():
    images = np.random.default_rng(0).integers(0, 256, (BATCH * STEPS, 28, 28, 1)).astype("uint8")
    models = {}
    for name, privacy in (("plain", None), ("private", DPSGD(50.0, 1e-4, steps=10_000))):
        keras.utils.set_random_seed(0)
        models[name] = keras_gans.create_model("dcgan", width=WIDTH, normalization="none", seed=0)
        models[name].compile_with(privacy=privacy, critic_steps=10_000)  # the discriminator's steps only
    seconds = {name: [] for name in models}
    for turn in range(ROUNDS + 2):  # the first ones compile
        for name, model in models.items():
            began = time.perf_counter()
            model.fit(images, batch_size=BATCH, verbose=0)
            if turn > 1:
                seconds[name].append((time.perf_counter() - began) / STEPS)
    ratios = [private / plain for plain, private in zip(seconds["plain"], seconds["private"], strict=True)]
    times = {name: statistics.median(each) for name, each in seconds.items()}
    backend = keras.config.backend()
    print(f"{backend}: plain {times['plain']:.3f} s, private {times['private']:.3f} s, ratio {statistics.median(ratios):.2f}")
    assert statistics.median(ratios) < MOST[backend]
