"""Translates pictures with a model such as pix2pix or CycleGAN: the output has the size of the picture.

    keras-gans translate runs/facades plan.png --output=facade.png
    keras-gans translate runs/facades plans --output=facades              a folder; its tree is kept
    keras-gans translate runs/facades plan.png --output=faint.png --strength=0.5

See `keras-gans apply --help` for what is kept of pictures.
"""

from .common import apply_flags, apply_program, mark_flag, strength_flags

SHARED_FLAGS = (strength_flags, apply_flags, mark_flag)
GROUPS = apply_program.GROUPS


def main(arguments: list[str]) -> int:
    """Apply a model whose output has the size of its input."""
    return apply_program.run(arguments, "translate", SHARED_FLAGS)


if __name__ == "__main__":
    from .common import program

    program.run(main)
