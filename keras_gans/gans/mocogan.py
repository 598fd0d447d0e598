"""Clips of any length: a GAN whose generator makes one frame after the other."""

from __future__ import annotations

import keras

from keras_gans.errors import check_count
from keras_gans.gans.gan import GAN
from keras_gans.registry import create_model


@keras.saving.register_keras_serializable(package="keras_gans")
class MoCoGAN(GAN):
    """A GAN of clips whose weights fit clips of any length: see `with_frames`.

    Latents are the content of a clip, the initial state of its motion, and noise for each frame. A recurrent network turns
    state and noise into the motion of frames, and a generator of images makes each frame of content and motion.

    The arguments are those of `GAN`.

    Reference: Tulyakov et al. 2018, "MoCoGAN: Decomposing Motion and Content for Video Generation".
    """

    def with_frames(self, frames: int) -> MoCoGAN:
        """Return a model with the same weights that makes clips of another length.

        With `generate(seeds=...)`, its clips begin like those of this model. Clips that are longer than those of training may
        repeat what they show.

        Args:
            frames: Frames of a clip, at least 4.

        Returns:
            A compiled model, with weights of its own.

        Raises:
            ValueError: If the number is out of range, or the model was not made by `create_model`.

        Example:

            longer = model.with_frames(48)
            clips = longer.generate(16, seed=0)  # (16, 48, height, width, channels)
        """
        frames = check_count("frames", frames, least=4)
        if self.entry is None:
            raise ValueError("Only a model made by create_model, or loaded from a preset, can be built for other lengths.")
        shape = (frames, *self.sample_shape[1:])
        other = create_model(self.entry["model"], **{**self.entry["arguments"], "video_shape": shape})
        assert isinstance(other, MoCoGAN)
        self.sync_state()
        other.generator.set_weights(self.generator.get_weights())
        other.discriminator.set_weights(self.discriminator.get_weights())
        if self.ema_generator is None:
            other.ema_generator = None
        elif other.ema_generator is not None:
            other.ema_generator.set_weights(self.ema_generator.get_weights())
        other.medium = self.medium.with_shape(shape)
        return other
