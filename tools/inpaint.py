"""Fills in parts of pictures with a model for inpainting.

    keras-gans inpaint runs/repair photo.png --mask=hole.png --output=repaired.png
    keras-gans inpaint runs/repair photos --mask=masks --output=repaired  a mask of the same name for each picture

White parts of a mask are painted anew. All other pixels are kept, bit for bit in PNG, TIFF and lossless formats: JPEG pictures
are therefore written as PNG unless `--format=jpg` is given. See `keras-gans apply --help` for what else is kept.
"""

from .common import apply_flags, apply_program, mark_flag, mask_flags

SHARED_FLAGS = (mask_flags, apply_flags, mark_flag)
GROUPS = apply_program.GROUPS


def main(arguments: list[str]) -> int:
    """Apply a model that fills in what masks mark."""
    return apply_program.run(arguments, "inpaint", SHARED_FLAGS)


if __name__ == "__main__":
    from .common import program

    program.run(main)
