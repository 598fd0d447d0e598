"""Drawing: images as 8-bit pixels, grids of images, and files of them."""

import io
import os
from pathlib import Path

import numpy as np
from PIL import Image

from keras_gans.declaration import Declaration, extract
from keras_gans.errors import check_finite
from keras_gans.files import replacing
from keras_gans.media.ranges import check_range

# Of an image: grey, colours, or colours and opacity.
MODES = {1: "L", 3: "RGB", 4: "RGBA"}  # Pillow's
CHANNELS = tuple(MODES)
_SQUARES = 8  # of a checkerboard, along the shorter side

SIDE = 56  # Small images are enlarged to about this side, so that a grid of them can be looked at.


def to_uint8(samples: np.ndarray) -> np.ndarray:
    """Map floats in [-1, 1] to 8-bit pixels, rounding to the nearest; the inverse of `x / 127.5 - 1`."""
    return np.clip(np.rint((samples + 1.0) * 127.5), 0, 255).astype("uint8")


def grid(images: np.ndarray, columns: int | None = None, gap: int = 2, scale: int = 1) -> np.ndarray:
    """Lay images out in rows.

    Args:
        images: Images of shape `(n, height, width, channels)`, 1, 3 or 4 channels: uint8, or floats in [-1, 1] as models
            generate them.
        columns: Images in a row; None for the square root of `n`, rounded up.
        gap: White pixels between and around images.
        scale: Side of the square that each pixel becomes.

    Returns:
        uint8 array of shape `(height, width, channels)`, opaque white where there is no image.

    Raises:
        ValueError: If the shape or dtype is another, or floats exceed [-1, 1].
    """
    images = eight_bits(images)
    n, height, width, channels = images.shape
    columns = columns or int(np.ceil(np.sqrt(n)))
    rows = -(-n // columns)
    images = images.repeat(scale, axis=1).repeat(scale, axis=2)
    height, width = height * scale + gap, width * scale + gap
    canvas = np.full((rows * height + gap, columns * width + gap, channels), 255, "uint8")
    for index, image in enumerate(images):
        top, left = gap + index // columns * height, gap + index % columns * width
        canvas[top : top + height - gap, left : left + width - gap] = image
    return canvas


def eight_bits(images: np.ndarray) -> np.ndarray:
    """Return images as uint8, whether they are that already or floats in [-1, 1]."""
    images = np.asarray(images)
    if images.ndim != 4 or images.shape[-1] not in CHANNELS:
        raise ValueError(f"Images have the shape (n, height, width, 1, 3 or 4); received {images.shape}.")
    if images.dtype == np.uint8:
        return images
    if not np.issubdtype(images.dtype, np.floating):
        raise ValueError(f"Images are uint8 (0 to 255) or floats in [-1, 1]; received {images.dtype}.")
    check_finite(images)
    check_range(images, "Images")
    return to_uint8(images)


def show(images: np.ndarray, columns: int | None = None, scale: int | None = None) -> Image.Image:
    """Return images as one Pillow image, which notebooks display.

    Args:
        images: Images of shape `(n, height, width, channels)` or one of shape `(height, width, channels)`: uint8, or floats in
            [-1, 1] as models generate them.
        columns: Images in a row; None for the square root of `n`, rounded up.
        scale: Side of the square that each pixel becomes; None enlarges small images to about 56 pixels.

    Raises:
        ValueError: If the shape or dtype is another, or floats exceed [-1, 1].

    Example:

        model = keras_gans.load_pretrained("dcgan_mnist")
        keras_gans.media.show(model.generate(16, seed=0))
    """
    images = np.asarray(images)
    images = images[None] if images.ndim == 3 else images
    if images.ndim == 4 and scale is None:
        scale = max(1, SIDE // max(1, images.shape[1]))
    return as_pillow(grid(images, columns, scale=scale or 1))


def scatter(points: np.ndarray, size: int = 256) -> np.ndarray:
    """Draw 2-D points in [-1, 1] as dark dots, second axis upwards: uint8 of shape `(size, size, 1)`."""
    inside = points[(np.abs(points) <= 1).all(axis=1)]
    columns, rows = np.rint((inside * [1, -1] + 1) / 2 * (size - 1)).astype(int).T
    counts = np.zeros((size, size))
    np.add.at(counts, (rows, columns), 1)
    return (255 * np.exp(-counts)).astype("uint8")[..., None]


def checkerboard(height: int, width: int) -> np.ndarray:
    """Return which pixels of a checkerboard are dark: bool of shape `(height, width)`, 8 squares along the shorter side."""
    side = max(1, min(height, width) // _SQUARES)
    return (np.arange(height)[:, None] // side + np.arange(width) // side) % 2 == 1


def opaque(images: np.ndarray) -> np.ndarray:
    """Lay images with transparency over a checkerboard of two greys, on which both their colours and their opacity show.

    Args:
        images: uint8 of shape `(n, height, width, channels)`. Those without transparency are returned as they are.

    Returns:
        uint8 array of shape `(n, height, width, 3)`, or `images`.
    """
    if images.shape[-1] != 4:
        return images
    behind = np.where(checkerboard(*images.shape[1:3]), 63.75, 191.25)[..., None]
    opacity = images[..., 3:] / np.float32(255)
    return np.rint(opacity * images[..., :3] + (1 - opacity) * behind).astype("uint8")


def as_pillow(image: np.ndarray) -> Image.Image:
    """Return a Pillow image of a uint8 array of shape `(height, width, 1, 3 or 4)`."""
    return Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)


def as_png(image: np.ndarray) -> bytes:
    """Return the bytes of a PNG file of a uint8 array of shape `(height, width, 1, 3 or 4)`."""
    content = io.BytesIO()
    as_pillow(np.ascontiguousarray(image)).save(content, "PNG")
    return content.getvalue()


def save_picture(path: str | os.PathLike, image: np.ndarray, declaration: Declaration | None = None) -> None:
    """Write a uint8 image in the format of the suffix of `path` (`.png`, `.jpg`, `.webp`, ...), with what it declares."""
    path = Path(path)
    if Image.registered_extensions().get(path.suffix.lower()) not in Image.SAVE:
        raise ValueError(f"{path.name}: '{path.suffix}' is not an image format; use .png.")
    picture = as_pillow(image)
    if path.suffix.lower() in (".jpg", ".jpeg"):
        picture = _on_white(picture)  # JPEG has no transparency
    with replacing(path) as temporary:
        picture.save(temporary)
        if declaration is not None:
            temporary.write_bytes(declaration.into(temporary.read_bytes()))


def _on_white(picture: Image.Image) -> Image.Image:
    """Return a grey or RGB picture."""
    if picture.mode in ("L", "RGB"):
        return picture.copy()
    picture = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")


def save_animation(path: str | os.PathLike, frames: list[str | os.PathLike], seconds: float = 8.0) -> None:
    """Join image files into a looping GIF or WebP of `seconds`, with a longer last frame.

    What the last file declares of its origin, the animation declares, too, but for the recipe.
    """
    pictures = []
    for frame in frames:
        with Image.open(frame) as opened:
            pictures.append(_on_white(opened))
    shown = max(20, int(1000 * seconds / len(pictures)))
    durations = [shown] * (len(pictures) - 1) + [max(shown, 1500)]
    with replacing(path) as temporary:
        # The quality is WebP's, whose files are a seventh of GIF's for grey samples.
        pictures[0].save(temporary, save_all=True, append_images=pictures[1:], duration=durations, loop=0, quality=75)
        packet = extract(Path(frames[-1]).read_bytes())
        declared = None if packet is None else Declaration.from_xmp(packet)
        if declared is not None:
            content = declared.with_recipe({}).into(temporary.read_bytes())
            temporary.write_bytes(content)


def reduce_image(image: np.ndarray, scale: int) -> np.ndarray:
    """Reduce an image by Pillow's bicubic filter, which is antialiased, to 8 bits.

    Args:
        image: uint8 image of shape `(height, width, channels)`.
        scale: How many times smaller its copy is. What a multiple of it leaves at the right and below is cut off.

    Returns:
        uint8 array of shape `(height // scale, width // scale, channels)`.
    """
    height, width = (side // scale for side in image.shape[:2])
    whole = as_pillow(image[: height * scale, : width * scale])
    return np.asarray(whole.resize((width, height), Image.Resampling.BICUBIC)).reshape(height, width, -1)
