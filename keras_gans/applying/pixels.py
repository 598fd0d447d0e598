"""Where the pixels of a tensor inside a network lie, and which pixels of the input they depend on."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction


@dataclasses.dataclass(frozen=True)
class Pixels:
    """The pixels of a tensor along one axis.

    Pixel `i` depends on the input's pixels from `i / scale + first` to `i / scale + last`.

    Attributes:
        scale: Pixels of the tensor for each pixel of the input.
        first: Offset of the first input pixel.
        last: Offset of the last one.
        extra: Number of pixels beyond `scale` times those of the input; negative for fewer.
    """

    scale: Fraction = Fraction(1)
    first: Fraction = Fraction(0)
    last: Fraction = Fraction(0)
    extra: int = 0

    @property
    def radius(self) -> int:
        """Input pixels that a part of the tensor needs on either side of its own, if it begins and ends with whole pixels."""
        before = math.floor(-self.first)
        after = math.floor(self.last - 1 / self.scale) + 1
        return max(0, before, after)

    def convolved(self, size: int, stride: int = 1, dilation: int = 1, same: bool = False) -> Pixels:
        """Return the pixels after a convolution or pooling.

        Args:
            size: Size of the kernel.
            stride: Its stride.
            dilation: Its dilation.
            same: Whether the image is padded to `1 / stride` of its size, or not at all.
        """
        span = (size - 1) * dilation + 1
        before = 0
        if same:
            before = max(span - (self.extra % stride or stride), 0) // 2
            extra = -(-self.extra // stride)
        else:
            extra = (self.extra - span) // stride + 1
        return Pixels(
            self.scale / stride, self.first - before / self.scale, self.last + (span - 1 - before) / self.scale, extra
        )

    def transposed(self, size: int, stride: int, dilation: int = 1, same: bool = False) -> Pixels:
        """Return the pixels after a transposed convolution: see `convolved`. Backends may differ by one pixel."""
        span, scale = (size - 1) * dilation + 1, self.scale * stride
        before = max(span - stride, 0) // 2 if same else 0
        extra = self.extra * stride + (0 if same else max(span - stride, 0))
        margin = 1 if same and span > stride else 0
        return Pixels(scale, self.first + (before - margin - span + 1) / scale, self.last + (before + margin) / scale, extra)

    def padded(self, before: int, after: int, repeating: bool = False) -> Pixels:
        """Return the pixels after some were added on either side, or cut off if the numbers are negative.

        Args:
            before: Number at the beginning.
            after: Number at the end.
            repeating: Whether the new pixels are copies of nearby ones, as reflection makes them, on which pixels at the edge
                then depend as well.
        """
        least, most = (min(before, after), max(before, after)) if repeating else (before, before)
        return Pixels(self.scale, self.first - most / self.scale, self.last - least / self.scale, self.extra + before + after)

    def resampled(self, factor: Fraction, reach: int = 0) -> Pixels:
        """Return the pixels after each has become several, or several have become one.

        Args:
            factor: Pixels after it for each pixel before it: an integer, or one divided by an integer.
            reach: Pixels before it on either side, on which a pixel depends besides those it covers.
        """
        # A pixel lies in the one, or on those, that cover the same place.
        inside = 1 - 1 / factor if factor > 1 else Fraction(0)
        covered = 1 / factor - 1 if factor < 1 else Fraction(0)
        return Pixels(
            self.scale * factor,
            self.first - (inside + reach) / self.scale,
            self.last + (covered + reach) / self.scale,
            math.ceil(self.extra * factor),
        )

    def joined(self, other: Pixels) -> Pixels | None:
        """Return the pixels of the sum of two tensors; None if they do not lie at the same places."""
        if (self.scale, self.extra) != (other.scale, other.extra):
            return None
        return Pixels(self.scale, min(self.first, other.first), max(self.last, other.last), self.extra)
