"""Flags of `apply`, `upscale`, `inpaint` and `translate`."""

from absl import flags

from keras_gans.applying.picture_files import MAX_PIXELS

from .mark_flag import MARK, SIGN

OUTPUT = flags.DEFINE_string("output", None, "Output folder, or file for a single picture. Required.")
TILE = flags.DEFINE_string(
    "tile", "auto", "Side of the part of a picture computed at a time, in pixels; auto chooses it by --memory."
)
MEMORY = flags.DEFINE_integer("memory", None, "Megabytes that a tile may take, about (default: 256).", lower_bound=1)
EDGES = flags.DEFINE_enum(
    "edges", None, ["reflect", "wrap"], "What lies beyond the picture; wrap is for seamless textures (default: as trained)."
)
TTA = flags.DEFINE_boolean(
    "tta", False, "Average over the eight ways to turn and flip a picture: slightly better, eight times as slow."
)
FORMAT = flags.DEFINE_enum("format", None, ["png", "jpg", "webp", "tiff"], "Format of the output (default: that of the input).")
QUALITY = flags.DEFINE_integer("quality", 95, "Quality of JPEG and WebP files, 1 to 100.", 1, 100)
METADATA = flags.DEFINE_boolean("metadata", False, "Keep EXIF data, such as time and place, and the resolution.")
OVERWRITE = flags.DEFINE_boolean("overwrite", False, "Replace existing output, which is skipped otherwise.")
PIXELS = flags.DEFINE_integer("max_pixels", MAX_PIXELS, "Most pixels of a picture, and of its output.", lower_bound=1)

OPTIONS = (MEMORY, EDGES, TTA, FORMAT, QUALITY, METADATA, MARK, SIGN, OVERWRITE, PIXELS)
