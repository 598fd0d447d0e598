"""Which data are held in memory."""

import math
from collections.abc import Sequence

# Decoded samples up to this many bytes are held in memory; larger data are decoded while they are used.
LIMIT = 4 * 2**30


def fits(shape: Sequence[int], itemsize: int = 1) -> bool:
    """Whether an array of this shape, with so many bytes an item, may be held in memory."""
    return math.prod(shape) * itemsize <= LIMIT
