"""Flags for the size of outputs of `apply` and `upscale`."""

from absl import flags

SCALE = flags.DEFINE_float("scale", None, "Size of the output for that of the picture, such as 2.5 (default: the model's own).")
WIDTH = flags.DEFINE_integer("width", None, "Width of the output; the height follows unless it is given.", lower_bound=1)
HEIGHT = flags.DEFINE_integer("height", None, "Height of the output; the width follows unless it is given.", lower_bound=1)
MAX_SIDE = flags.DEFINE_integer("max_side", None, "Longest side of the output; larger ones are made smaller.", lower_bound=1)

OPTIONS = (SCALE, WIDTH, HEIGHT, MAX_SIDE)
