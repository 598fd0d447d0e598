"""Shifts in time."""

from typing import Any

from keras import ops

from keras_gans._typing import Tensor
from keras_gans.augmentation.base import Augmentation, is_number, register


@register("time_shift")
class TimeShift(Augmentation):
    """Shifts spectrograms in time by whole frames, each one by another number, and leaves their frequencies as they are.

    Args:
        share: Largest shift in either direction, as a share of the length, from 0 to 1. Default 1/8.
        fill: What fills the frames that become free: -1 (default) is silence in spectrograms that are scaled to [-1, 1].

    Raises:
        ValueError: If `share` is not between 0 and 1.

    Reference: Zhao et al. 2020, "Differentiable Augmentation for Data-Efficient GAN Training", section 3 (translation).
    """

    def __init__(self, share: float = 0.125, fill: float = -1.0, name: str | None = None):
        super().__init__(name=name)
        if not (is_number(share) and 0.0 <= share <= 1.0):
            raise ValueError(f"share must be a number from 0 to 1; received {share!r}.")
        self.share, self.fill = float(share), float(fill)

    def augment(self, images: Tensor, noise: Any, step: Tensor) -> Tensor:
        """Return shifted spectrograms: see `Augmentation`.

        Args:
            images: float32, shape `(batch, frames, bands, channels)`, of known sizes.
            noise: A `Noise`.
            step: Not used.
        """
        frames, bands, channels = images.shape[1:]
        batch, most = ops.shape(images)[0], int(self.share * frames)
        shift = ops.floor(noise.uniform((batch,)) * (2 * most + 1)) - most
        places = ops.arange(frames, dtype="float32")
        moved = ops.cast(ops.equal(places[:, None] - places, shift[:, None, None]), "float32")
        flat = ops.reshape(images, (batch, frames, bands * channels)) - self.fill
        return ops.reshape(ops.matmul(moved, flat) + self.fill, (batch, frames, bands, channels))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "share": self.share, "fill": self.fill}
