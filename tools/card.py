"""Writes the model card of a preset, README.md in its folder, from its metadata.

    keras-gans card runs/pictures
    keras-gans card --gallery=presets.png     one picture of all bundled presets

The metadata are in preset.json; train, evaluate and pretrain keep them up to date.
"""

from absl import flags

from keras_gans.presets import model_card

from .common import program

_GALLERY = flags.DEFINE_string("gallery", None, "Draw samples of all bundled presets into this picture file instead.")


def main(arguments: list[str]) -> None:
    """Write a card, or draw the gallery."""
    if _GALLERY.value is None:
        print(f"Wrote {model_card.write(program.one_argument(arguments, 'preset or run folder'))}")
        return
    if arguments:
        raise ValueError(f"--gallery shows the bundled presets: leave out {' '.join(arguments)}.")
    program.import_keras()
    from .common import preset_gallery

    preset_gallery.draw(_GALLERY.value)
    print(f"Wrote {_GALLERY.value}.")


if __name__ == "__main__":
    program.run(main)
