"""The flag for the strength of `apply`, `upscale` and `translate`."""

from absl import flags

STRENGTH = flags.DEFINE_float(
    "strength", 1.0, "From 0, faithful to the picture, to 1, all that the model does; for models that can do less.", 0.0, 1.0
)

OPTIONS = (STRENGTH,)
