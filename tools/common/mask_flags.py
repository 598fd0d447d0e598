"""The flag for masks of `apply` and `inpaint`."""

from absl import flags

MASK = flags.DEFINE_string(
    "mask", None, "Picture that is white where to paint anew, or a folder of such pictures with the names of the inputs."
)

OPTIONS = (MASK,)
