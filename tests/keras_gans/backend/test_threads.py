"""Other threads while one trains, and what is left when a process ends."""

import os
import subprocess
import sys
import threading

import keras
import numpy as np
import pytest

import keras_gans

IMAGES = np.random.default_rng(0).integers(0, 256, (64, 16, 16, 1), dtype="uint8")


# What is slow was last run with 0.1.0, 2026-11-29.
@pytest.mark.filterwarnings("ignore:.*the schedule reaches")
@pytest.mark.parametrize(("name", "more"), [("gan", {}), pytest.param("pggan", {"most_channels": 8}, marks=pytest.mark.slow)])
def test_samples_are_generated_in_another_thread_while_fit_runs(name, more):
    model = keras_gans.create_model(name, image_shape=(16, 16, 1), width=4, seed=0, **more)
    model.compile_with(ema=0.5)
    before = model.generate(2, seed=0)
    samples, done = [], threading.Event()

    class UntilSampled(keras.callbacks.Callback):
        """Ends training once the other thread has had its turns."""

        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = len(samples) >= 10 or not thread.is_alive()

    def generate():
        while not done.is_set():
            samples.append(model.generate(2, seed=0))

    thread = threading.Thread(target=generate)
    thread.start()
    try:
        history = model.fit(
            IMAGES, batch_size=16, epochs=2000, verbose=0, validation_data=(IMAGES,), callbacks=[UntilSampled()]
        ).history
    finally:
        done.set()
        thread.join()
    assert len(samples) >= 10 and np.isfinite(samples).all() and np.isfinite(history["loss"]).all()
    assert np.abs(samples[-1] - before).max() > 0


_SCRIPT = """
import numpy as np, keras, keras_gans
images = np.zeros((32, 8, 8, 1), "uint8")
model = keras_gans.create_model("gan", image_shape=(8, 8, 1), width=4)
model.fit(images, batch_size=16, epochs=2, verbose=0, validation_data=(images,))
class Data(keras.utils.PyDataset):
    def __len__(self): return 2
    def __getitem__(self, index): return images[:16]
model.fit(Data(), verbose=0)
print("trained")
"""


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="TensorFlow's message")
def test_a_script_that_ends_after_fit_prints_no_error():
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "0"}
    done = subprocess.run([sys.executable, "-c", _SCRIPT], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "trained"
    assert "GeneratorDataset" not in done.stderr and "FAILED_PRECONDITION" not in done.stderr
