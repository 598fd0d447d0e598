"""Which data are held in memory."""

import math

# Decoded samples up to this many bytes are held in memory; larger data are decoded while they are used.
LIMIT = 4 * 2**30


def fits(shape) -> bool:
    """Whether a uint8 array of this shape may be held in memory."""
    return math.prod(shape) <= LIMIT
