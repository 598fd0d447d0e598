"""`SampleGrid` with a model of sounds."""

import numpy as np
from PIL import Image
from scipy.io import wavfile

from keras_gans.callbacks import SampleGrid
from tests.support import sounds


def test_sounds_are_drawn_written_and_logged(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    model = sounds.tiny_sound_gan(seed=0)
    grid = SampleGrid(tmp_path / "samples", n=12, tensorboard=tmp_path / "logs")
    model.fit(sounds.tones(16), batch_size=16, epochs=1, verbose=0, callbacks=[grid])
    rate, samples = wavfile.read(tmp_path / "samples" / "epoch_0001.wav")
    assert (rate, len(samples)) == (8000, 10 * 512 + 9 * 4000)
    np.testing.assert_array_equal(samples[:512], model.medium.to_file(model.generate(12, seed=0))[0, :, 0])
    with Image.open(tmp_path / "samples" / "epoch_0001.png") as picture:
        assert picture.mode == "RGB"
    events = EventAccumulator(str(tmp_path / "logs"))
    events.Reload()
    tag = events.Tags()["tensors"][0] if not events.Tags()["audio"] else events.Tags()["audio"][0]
    assert "samples" in tag
