"""Failures of models of clips: frozen and flickering ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from keras_gans.callbacks.diagnoses import Numbers, learning_rates
from keras_gans.callbacks.faults import Fault

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel


class Frozen(Fault):
    """In many generated clips nothing moves: see `keras_gans.video.motion.are_frozen`."""

    name = "frozen"

    def words(self, measured: Numbers) -> str:
        return f"The generator's clips are frozen: in {self.shares(measured)} nothing moves."

    def advice(self, model: AdversarialModel) -> Iterator[str]:
        generator, discriminator = learning_rates(model)
        yield "a larger --stride, if real clips hardly move from frame to frame"
        yield "longer latents of frames: --set=motion_dim=128"
        yield f"a higher learning rate of the discriminator, which overlooks that: {2 * max(generator, discriminator):.2g}"


class Flicker(Fault):
    """Many generated clips flicker: see `keras_gans.video.motion.are_flickering`."""

    name = "flicker"

    def words(self, measured: Numbers) -> str:
        return (
            f"The generator's clips flicker: in {self.shares(measured)}, frames that follow each other differ nearly as much "
            "as frames that are further apart."
        )

    def advice(self, model: AdversarialModel) -> Iterator[str]:
        generator, discriminator = learning_rates(model)
        yield "patience, as long as the share falls: motion is learnt after single frames"
        yield "a wider discriminator of clips: --set=discriminator_width=64"
        yield "the same augmentation for all frames of a clip, as diff_augment does"
        yield f"a lower learning rate: --learning_rate={max(generator, discriminator) / 2:.2g}"
