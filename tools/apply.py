"""Sends pictures through a model from images to images: super-resolution, translation, inpainting.

    keras-gans apply runs/photos photo.jpg --output=large.png
    keras-gans apply runs/photos holiday --output=large --scale=2.5       a folder; its tree is kept
    keras-gans apply runs/photos 'holiday/**/*.jpg' --output=large --max_side=4000 --format=webp
    keras-gans apply runs/repair photo.png --mask=hole.png --output=repaired.png
    keras-gans apply lanczos photo.jpg --output=large.png --scale=4       a filter, for comparison: lanczos or bicubic

`upscale`, `inpaint` and `translate` are the same for one kind of model each, with the flags that it has.

Outputs that exist are skipped: run a command that was stopped again, and it continues. Unreadable pictures are named at the
end, and the exit status is 1. Large pictures are computed in tiles that give exactly the result of the whole picture; models
that must see it all, because they normalize over it, take it whole.

Transparency, the orientation and the colour profile of pictures are kept; 16 bits are kept for grey ones. `--metadata` keeps
EXIF data such as time and place.
"""

from .common import apply_flags, apply_program, mark_flag, mask_flags, size_flags, strength_flags

SHARED_FLAGS = (size_flags, mask_flags, strength_flags, apply_flags, mark_flag)
GROUPS = apply_program.GROUPS


def main(arguments: list[str]) -> int:
    """Apply a model to pictures."""
    return apply_program.run(arguments, "apply", SHARED_FLAGS)


if __name__ == "__main__":
    from .common import program

    program.run(main)
