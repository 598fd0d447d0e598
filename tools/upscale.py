"""Enlarges pictures with a model for super-resolution.

    keras-gans upscale runs/photos photo.jpg --output=large.png
    keras-gans upscale runs/photos holiday --output=large --scale=2.5     a folder; its tree is kept
    keras-gans upscale lanczos photo.jpg --output=large.png --scale=4     a filter, for comparison: lanczos or bicubic

For a size that the model does not make itself, it is applied as often as comes nearest, and Lanczos' filter does the rest. See
`keras-gans apply --help` for what is kept of pictures.
"""

from .common import apply_flags, apply_program, mark_flag, size_flags, strength_flags

SHARED_FLAGS = (size_flags, strength_flags, apply_flags, mark_flag)
GROUPS = apply_program.GROUPS


def main(arguments: list[str]) -> int:
    """Apply a model that enlarges pictures."""
    return apply_program.run(arguments, "upscale", SHARED_FLAGS)


if __name__ == "__main__":
    from .common import program

    program.run(main)
