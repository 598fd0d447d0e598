"""Media: kinds of samples, such as images, points, sounds, clips and text.

Data, models, presets and tools share one object, a `Medium`, for everything that depends on the kind of sample. Other packages
can add media.
"""

from keras_gans._typing import Shape
from keras_gans.media.audio import Audio
from keras_gans.media.base import MEDIA, Medium
from keras_gans.media.images import Images, is_image_shape
from keras_gans.media.pictures import show
from keras_gans.media.points import Points
from keras_gans.media.ranges import RangeWarning
from keras_gans.media.text import Text
from keras_gans.media.video import Video
from keras_gans.media.writers import Writer

__all__ = [
    "MEDIA",
    "Audio",
    "Images",
    "Medium",
    "Points",
    "RangeWarning",
    "Text",
    "Video",
    "Writer",
    "infer",
    "medium_from_config",
    "medium_to_config",
    "show",
]


def infer(sample_shape: Shape, dtype: str = "float32") -> Medium:
    """Infer the medium of samples from their shape and dtype.

    Args:
        sample_shape: The shape of one sample.
        dtype: Their dtype: int32 or int64 sequences are text, arrays with 1, 3 or 4 channels images, and all others points.
    """
    if str(dtype) in ("int32", "int64") and len(sample_shape) == 1:
        return Text(sample_shape)
    return Images(sample_shape) if is_image_shape(sample_shape) else Points(sample_shape)


def medium_to_config(medium: Medium) -> dict:
    """Return a medium as a dict for JSON."""
    return {"name": medium.name, **medium.get_config()}


def medium_from_config(config: dict) -> Medium:
    """Make a medium from what `medium_to_config` returned.

    Raises:
        ValueError: If there is no such medium.
    """
    config = dict(config)
    return MEDIA[config.pop("name")].from_config(config)
