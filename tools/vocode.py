"""Sends a recording through a vocoder: it becomes a mel spectrogram, and the vocoder makes a sound of that.

    keras-gans vocode vocos_fsdd in.wav --output=out.wav
    keras-gans vocode vocos_fsdd mels.npy --output=out.wav            a mel spectrogram: floats (frames, bands)
    keras-gans vocode vocos_fsdd in.wav --griffin_lim --output=gl.wav the same spectrogram without the vocoder, to compare

Recordings of another sample rate are resampled. Spectrograms must be made as the vocoder's were: model.mel(sounds).
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from absl import flags

from keras_gans import presets

from .common import mark_flag, program

if TYPE_CHECKING:
    import numpy as np

    from keras_gans import Mel

_OUTPUT = flags.DEFINE_string("output", "vocoded.wav", "WAV file to write.")
_CHUNK_FRAMES = flags.DEFINE_integer(
    "chunk_frames",
    None,
    "Frames computed at a time, to limit memory (default: all at once). The sound is the same.",
    lower_bound=1,
)
_GRIFFIN_LIM = flags.DEFINE_boolean("griffin_lim", False, "Use the Griffin-Lim algorithm instead of the vocoder.")
_OVERWRITE = flags.DEFINE_boolean("overwrite", False, "Replace existing output.")

GROUPS = {"Vocoder": ["chunk_frames", "griffin_lim"], "Files": ["output", "overwrite", "mark"]}

SHARED_FLAGS = (mark_flag,)


def main(arguments: list[str]) -> None:
    """Vocode a file and write the sound."""
    if len(arguments) != 2:
        raise ValueError(f"one preset or run folder, and one recording; received {' '.join(arguments) or 'nothing'}.")
    if _GRIFFIN_LIM.value and mark_flag.SIGN.value is not None:
        raise ValueError("--sign signs what a model made, and Griffin-Lim is none: leave one of them out.")
    output = program.check_wav(_OUTPUT.value, _OVERWRITE.value)
    preset = presets.find_preset(arguments[0])
    program.import_keras()
    from keras_gans import Vocoder
    from keras_gans.audio import write

    model = preset.load()
    if not isinstance(model, Vocoder):
        raise ValueError(f"{preset.name} is not a vocoder, but a {type(model).__name__}.")
    mels = _read(Path(arguments[1]), model.mel)
    began = time.perf_counter()
    sound = model.mel.inverse(mels[None])[0] if _GRIFFIN_LIM.value else model.vocode(mels, chunk_frames=_CHUNK_FRAMES.value)
    took = time.perf_counter() - began
    # Griffin-Lim is a method, not a model.
    declaration = None if _GRIFFIN_LIM.value else mark_flag.declaration_of(model)
    write(output, sound, model.mel.sample_rate, declaration)
    seconds = len(sound) / model.mel.sample_rate
    print(f"Wrote {seconds:.2f} seconds at {model.mel.sample_rate:,} Hz to {output}, made in {took:.2f} seconds.")


def _read(path: Path, mel: Mel) -> np.ndarray:
    """Return the mel spectrogram of a file: of a recording, or an array."""
    import numpy as np

    from keras_gans.audio import read
    from keras_gans.audio.files import read_channels
    from keras_gans.conditions import Mels

    if path.suffix.lower() == ".npy":
        if not path.is_file():
            raise FileNotFoundError(f"There is no file {path}.")
        return Mels(mel).check(np.load(path, allow_pickle=False))[0]
    _, rate = read_channels(path)
    if rate != mel.sample_rate:
        print(f"{path} is resampled from {rate:,} to {mel.sample_rate:,} Hz.")
    samples, _ = read(path, mel.sample_rate)
    peak = float(np.abs(samples).max())
    if peak > 1:
        print(f"{path} reaches {peak:.2f}: it is made softer.")
        samples = samples / peak
    # To whole frames, of silence, and to at least as many as a Fourier transform needs.
    least = max(mel.n_fft, -(-len(samples) // mel.hop_length) * mel.hop_length)
    least += -least % mel.hop_length
    return mel(np.pad(samples, [(0, least - len(samples)), (0, 0)])[None])[0]


if __name__ == "__main__":
    program.run(main)
