"""A folder of pictures such as people really have, with everything that can go wrong in one."""

import os
import shutil
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image


def waves(height, width, shift=0):
    """A colour picture of slow waves, which JPEG keeps well."""
    rows, columns = np.mgrid[:height, :width]
    colours = [np.sin(rows / 7 + shift), np.cos(columns / 9 + shift), np.sin((rows + columns) / 11)]
    return np.rint(127.5 + 127 * np.stack(colours, axis=-1)).astype("uint8")


def make_messy_folder(root: Path) -> tuple[dict, list]:
    """Fills a folder with a class `good` of readable pictures of every kind, a class `mixed` of some more, and damage.

    Returns:
        The readable pictures: how each would look at its own size, uint8 `(height, width, 3)`, by path relative to `root`,
        or None where a lossy format says only about how. And the paths, relative to `root`, of what must be skipped.
    """
    good, mixed = root / "good", root / "mixed" / "deep" / "er"
    good.mkdir(parents=True)
    mixed.mkdir(parents=True)
    seen = {}

    def keep(path, picture, expected=None, **options):
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path, **options)
        seen[path.relative_to(root).as_posix()] = expected

    colour = waves(30, 40)
    grey = colour[..., 0]
    shown_grey = np.repeat(grey[..., None], 3, axis=-1)
    keep(good / "colour.png", Image.fromarray(colour), colour)
    keep(good / "colour.bmp", Image.fromarray(colour), colour)
    keep(good / "colour.webp", Image.fromarray(colour), colour, lossless=True)
    keep(good / "colour.jpg", Image.fromarray(colour), quality=95)
    keep(good / "print.jpg", Image.fromarray(colour).convert("CMYK"), quality=95)
    keep(good / "UPPER.JPEG", Image.fromarray(waves(90, 50)), quality=95)
    keep(good / "grey.png", Image.fromarray(grey), shown_grey)
    keep(good / "grey.jpg", Image.fromarray(grey), quality=95)
    keep(good / "deep.png", Image.fromarray(grey.astype("uint16") * 257), shown_grey)
    bits = grey > 127
    keep(good / "bits.png", Image.fromarray(bits), np.repeat(np.where(bits, 255, 0)[..., None], 3, axis=-1))
    _keep_palettes(keep, good)
    _keep_alpha(keep, good, colour, grey)
    animation = [Image.new("RGB", (8, 8), name) for name in ("red", "lime")]
    keep(good / "moves.gif", animation[0], np.broadcast_to([255, 0, 0], (8, 8, 3)), save_all=True, append_images=animation[1:])
    exif = Image.Exif()
    exif[274] = 6  # the camera was held upright: to be turned by 90 degrees clockwise
    keep(mixed / "turned.jpg", Image.fromarray(np.rot90(waves(60, 24)).copy()), exif=exif, quality=95)
    keep(mixed / "写真 ß'\".png", Image.fromarray(waves(7, 90)), waves(7, 90))
    keep(mixed / "tall.png", Image.fromarray(waves(100, 9)), waves(100, 9))
    keep(mixed / "lies.png", Image.fromarray(colour), quality=95, format="JPEG")  # a JPEG by another name
    keep(mixed / "one.png", Image.new("RGB", (1, 1), "blue"), np.array([[[0, 0, 255]]]))
    _link(root, good, mixed, seen, colour)
    return seen, _damage(root, good)


def _keep_palettes(keep, folder):
    colours = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [10, 20, 30]], "uint8")
    numbers = np.random.default_rng(0).integers(0, 4, (12, 12)).astype("uint8")
    palette = Image.fromarray(numbers)
    palette.putpalette(colours.tobytes())
    keep(folder / "palette.png", palette, colours[numbers])
    keep(folder / "palette.gif", palette, colours[numbers])
    shown = colours[numbers].copy()
    shown[numbers == 2] = 255
    keep(folder / "palette_clear.png", palette, shown, transparency=2)


def _keep_alpha(keep, folder, colour, grey):
    rng = np.random.default_rng(1)
    alpha = rng.integers(0, 256, grey.shape, dtype="uint8")[..., None]
    over_white = colour * (alpha / 255) + 255 * (1 - alpha / 255)
    keep(folder / "alpha.png", Image.fromarray(np.concatenate([colour, alpha], axis=-1)), over_white)
    keep(
        folder / "alpha.webp", Image.fromarray(np.concatenate([colour, alpha], axis=-1)), over_white, lossless=True, exact=True
    )
    grey_over_white = np.repeat(grey[..., None] * (alpha / 255) + 255 * (1 - alpha / 255), 3, axis=-1)
    keep(folder / "grey_alpha.png", Image.fromarray(np.concatenate([grey[..., None], alpha], axis=-1)), grey_over_white)


def _link(root, good, mixed, seen, colour):
    outside = root.parent / f"{root.name}_elsewhere"
    outside.mkdir()
    Image.fromarray(colour).save(outside / "far.png")
    (good / "link.png").symlink_to(good / "colour.png")
    seen["good/link.png"] = colour
    (mixed / "linked_folder").symlink_to(outside)
    seen["mixed/deep/er/linked_folder/far.png"] = colour
    (mixed / "loop").symlink_to(root)
    (mixed / "own_loop").symlink_to("own_loop")


def _damage(root, good):
    """Adds unreadable images and other files; returns the paths of the unreadable images."""
    bad = []
    for name in ("colour.png", "colour.bmp", "colour.webp", "colour.jpg", "palette.gif"):
        content = (good / name).read_bytes()
        bad.append(f"good/short_{name}")
        (root / bad[-1]).write_bytes(content[: len(content) * 2 // 3])
    for name, content in (
        ("empty.png", b""),
        ("text.jpg", b"no picture"),
        ("page.gif", b"<html></html>"),
        ("x.png", b"%!PS\n"),
    ):
        bad.append(f"good/{name}")
        (root / bad[-1]).write_bytes(content)
    bad.append("good/bomb.png")
    (root / bad[-1]).write_bytes(bomb())
    flipped = bytearray((good / "colour.png").read_bytes())
    flipped[len(flipped) // 2] ^= 1
    bad.append("good/flipped.png")
    (root / bad[-1]).write_bytes(flipped)
    for name, target in (("nowhere.png", "gone.png"), ("itself.png", "itself.png")):
        bad.append(f"good/{name}")
        (root / bad[-1]).symlink_to(target)
    for name in ("notes.txt", "labels.csv", "Thumbs.db", ".hidden.png", "._colour.png", "no_suffix"):
        (root / name).write_text("no picture")
    (root / "empty_folder").mkdir()
    shutil.copytree(good, root / ".cache", symlinks=True)
    os.mkfifo(good / "pipe.png")  # reading it would wait for ever
    return bad


def bomb():
    """A small PNG that says it is 60,000 pixels wide and high."""

    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1_000_000))) + chunk(b"IEND", b"")
