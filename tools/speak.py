"""Says words with a model that speaks, and writes a WAV file.

    keras-gans speak speech_gan_fsdd "4 0 7" --output=n.wav
    keras-gans speak runs/digits "four zero seven" --speaker=theo --seed=3 --output=n.wav
    keras-gans speak runs/digits 407 --vocoder=vocos_fsdd --output=n.wav        another vocoder than the model's
    keras-gans speak runs/digits 407 --vocoder=griffin_lim --output=n.wav       none: the Griffin-Lim algorithm

The words are the classes that the model was trained on. Where these are digits, they may be written as words or together.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from absl import flags

from keras_gans import presets

from .common import mark_flag, program

_OUTPUT = flags.DEFINE_string("output", "speech.wav", "WAV file to write.")
_SPEAKER = flags.DEFINE_string(
    "speaker", None, "Speaker by name or number, for models that are told speakers (default: one that the seed chooses)."
)
_SEED = flags.DEFINE_integer("seed", 0, "Seed of the latents. The same seed says the same.", lower_bound=0)
_PAUSE = flags.DEFINE_float("pause", 0.12, "Seconds between two words.", 0.0, 60.0)
_VOCODER = flags.DEFINE_string("vocoder", None, "Preset or run folder of a vocoder, or griffin_lim (default: the model's own).")
_OVERWRITE = flags.DEFINE_boolean("overwrite", False, "Replace existing output.")

GROUPS = {"Speech": ["speaker", "seed", "pause", "vocoder"], "Files": ["output", "overwrite", "mark", "sign"]}

SHARED_FLAGS = (mark_flag,)


def main(arguments: list[str]) -> None:
    """Say the words and write them."""
    if len(arguments) < 2:
        raise ValueError(f'one preset or run folder, and a text, such as "4 0 7"; received {" ".join(arguments) or "nothing"}.')
    name, text = arguments[0], " ".join(arguments[1:])
    output = program.check_wav(_OUTPUT.value, _OVERWRITE.value)
    preset = presets.find_preset(name)
    program.import_keras()
    from keras_gans import SpeechGAN
    from keras_gans.audio import write

    model = preset.load()
    if not isinstance(model, SpeechGAN):
        raise ValueError(
            f"{preset.name} does not speak: it is a {type(model).__name__}. Train one: keras-gans train speech_gan."
        )
    model.find_words(text)
    if _VOCODER.value is not None:
        model.use_vocoder(None if _VOCODER.value == "griffin_lim" else _VOCODER.value)
    told: dict[str, Any] = {} if _SPEAKER.value is None else {"speaker": _SPEAKER.value}
    sound = model.speak(text, seed=_SEED.value, pause=_PAUSE.value, **told)
    write(output, sound, model.mel.sample_rate, mark_flag.declaration_of(model))
    print(f"Wrote {len(sound) / model.mel.sample_rate:.2f} seconds of speech to {Path(output)}.")


if __name__ == "__main__":
    program.run(main)
