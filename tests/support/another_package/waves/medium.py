"""Waveforms: a medium that keras_gans does not know, in one file. WAV files by the standard library."""

import io
import wave
from pathlib import Path

import numpy as np

from keras_gans.data import Data
from keras_gans.data.registry import SOURCES, Loader
from keras_gans.evaluation import EVALUATORS, Evaluator, Measure, Metric
from keras_gans.export.signatures import SIGNATURES, Signatures
from keras_gans.files import replacing
from keras_gans.media import MEDIA, Medium, Writer
from keras_gans.media.pictures import grid

_HEIGHT, _WIDTH = 48, 128


class WAVWriter(Writer):
    """All sounds in one WAV file, one after the other, with pauses between them."""

    words = "one WAV file"

    def write(self, model, labels=None, batch_size=64, **sampling):
        conditions = {} if labels is None else {"labels": labels}
        batches = model.generate_batches(batch_size=batch_size, conditions=conditions, **sampling)
        sounds = np.concatenate([self.medium.to_file(batch) for batch in batches])[..., 0]
        with replacing(self.output) as temporary:
            temporary.write_bytes(as_wav(np.pad(sounds, [(0, 0), (0, self.medium.sample_rate // 10)]), self.medium.sample_rate))


def as_wav(sounds, sample_rate):
    """Returns int16 sounds as the bytes of a WAV file."""
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setparams((1, 2, sample_rate, 0, "NONE", ""))
        file.writeframes(sounds.astype("<i2").tobytes())
    return content.getvalue()


@MEDIA.register("waveforms")
class Waveforms(Medium):
    """Sounds of one length: `(samples, 1)` in [-1, 1], int16 in files."""

    name = "waveforms"
    one = "sound"
    writers = {".wav": WAVWriter}
    default_output = "samples.wav"
    drawable = True

    def __init__(self, sample_shape, sample_rate=8000):
        super().__init__(sample_shape)
        self.sample_rate = sample_rate

    def get_config(self):
        return {**super().get_config(), "sample_rate": self.sample_rate}

    def builder_arguments(self):
        return {"samples": self.sample_shape[0], "sample_rate": self.sample_rate}

    def to_file(self, samples):
        samples = np.asarray(samples)
        return samples if samples.dtype == np.int16 else np.rint(samples.clip(-1, 1) * 32767).astype("int16")

    def to_float(self, samples):
        samples = np.asarray(samples)
        return (samples / 32767 if samples.dtype == np.int16 else samples).astype("float32")

    def picture(self, samples, columns=None):
        """Draws the outline of each sound."""
        edges = np.linspace(0, samples.shape[1], _WIDTH + 1).astype(int)[:-1]
        tops = np.maximum.reduceat(samples[..., 0], edges, axis=1), np.minimum.reduceat(samples[..., 0], edges, axis=1)
        rows = np.linspace(1, -1, _HEIGHT)[None, :, None]
        inside = (rows <= tops[0][:, None]) & (rows >= tops[1][:, None])
        return grid(np.where(inside, 40, 255).astype("uint8")[..., None], columns or 4)

    def preset_files(self, model):
        return {"samples.wav": lambda path: self.writer(path).write(model, n=4, seed=0)}


@SOURCES.register("chirps")
class Chirps(Loader):
    """Tones whose pitch rises: data without files, `chirps` or `chirps:COUNT`."""

    argument = ""
    options = ("samples",)
    splits = ("train", "held_out")
    held_out = "held_out"
    without_image_size = "sounds"

    def load(self, request):
        rng, length = np.random.default_rng(request.split == "held_out"), request.options.get("samples", 256)
        begin, rise = rng.uniform(200, 800, (512, 1)), rng.uniform(0, 1000, (512, 1))
        seconds = np.arange(length) / 8000
        sounds = 0.8 * np.sin(2 * np.pi * (begin * seconds + rise * seconds**2))
        return Data(request.name, sounds[..., None].astype("float32"), licence="CC0", medium=Waveforms((length, 1)))


def _loudness(measured):
    return (np.sqrt(np.mean(np.square(measured.samples / 32767.0))),)


def _silent(measured):
    return (np.mean(np.abs(measured.samples.astype(int)).max(axis=(1, 2)) < 10),)


@EVALUATORS.register("waveforms")
class WaveformEvaluator(Evaluator):
    """Measures loudness and silence, too."""

    all_metrics = {
        **Evaluator.all_metrics,
        "loudness": Metric("loudness", "Root mean square", None, "ITU-R BS.1770"),
        "silent": Metric("silent", "Share of silent samples", False, ""),
    }
    measures = {
        **Evaluator.measures,
        "loudness": Measure(("loudness",), _loudness, needs=("samples",)),
        "silent": Measure(("silent",), _silent, needs=("samples",)),
    }
    default_metrics = ("fid", "silent")


@SIGNATURES.register("waveforms")
class WaveformSignatures(Signatures):
    """`audio` in [-1, 1]."""

    output = "audio"


def read_wav(path):
    """Returns the int16 samples of a WAV file and their rate."""
    with wave.open(str(Path(path))) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2"), file.getframerate()
