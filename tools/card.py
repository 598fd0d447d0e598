"""Writes a preset's model card, README.md in its folder, from what its preset.json says.

keras-gans card runs/pictures
"""

from keras_gans import model_card
from keras_gans_tools import program


def main(arguments):
    """Writes the card."""
    print(f"Wrote {model_card.write(program.one_argument(arguments, 'preset or run folder'))}")


if __name__ == "__main__":
    program.run(main)
