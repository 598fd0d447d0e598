"""Earlier generated images, for discriminators to see beside the newest ones."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.adversarial.noise import Noise
from keras_gans.errors import check_count


class ImagePool(keras.layers.Layer):
    """Keeps generated images. Once it is full, half of the new images, drawn at random, change places with random old ones.

    A discriminator that sees what comes back does not follow the generator's last step alone, after which both might oscillate.

    The images are variables of the layer, and so part of what a checkpoint holds. No weight is trained.

    Args:
        size: Integer of at least 1, the number of images that it keeps.
        image_shape: Height, width and channels of an image.
        **kwargs: As `keras.layers.Layer`.

    Reference: Shrivastava et al. 2017, "Learning from Simulated and Unsupervised Images through Adversarial Training", section
    2.3; Zhu et al. 2017 (CycleGAN), section 4, and the authors' code.
    """

    def __init__(self, size: int, image_shape: tuple[int, int, int], **kwargs: Any) -> None:
        super().__init__(trainable=False, **kwargs)
        self.size = check_count("size", size)
        self.image_shape = tuple(image_shape)
        # Replicas share the pool of the first one.
        share = {"trainable": False, "initializer": "zeros", "aggregation": "only_first_replica"}
        self.images = self.add_weight((self.size, *self.image_shape), dtype="float32", autocast=False, name="images", **share)
        self.count = self.add_weight((), dtype="int32", name="count", **share)
        self.built = True

    def exchange(self, images: Tensor, noise: Noise) -> Tensor:
        """Put images into the pool, and return as many: those that were swapped out, or the images themselves.

        Args:
            images: Generated images: float32 of shape `(batch, height, width, channels)`. Only the first `size` take part.
            noise: Where random numbers come from.

        Raises:
            ValueError: If images have another shape than those of the pool.
        """
        if tuple(images.shape[1:]) != self.image_shape:
            wanted, given = ("x".join(map(str, shape)) for shape in (self.image_shape, images.shape[1:]))
            raise ValueError(
                f"The pool keeps images of {wanted}, and these are {given}: build the model for this size, or with pool_size=0."
            )
        images = ops.cast(images, "float32")
        taking_part, others = images[: self.size], images[self.size :]
        rows = ops.arange(ops.shape(taking_part)[0])
        is_full = self.count >= self.size
        # Places differ from each other, so that each holds one image afterwards.
        free = (self.count + rows) % self.size
        drawn = ops.cast(ops.argsort(noise.uniform((self.size,)))[: ops.shape(taking_part)[0]], "int32")
        places = ops.where(is_full, drawn, free)
        swaps = noise.uniform((ops.shape(taking_part)[0],)) < 0.5
        enters = ops.reshape(ops.where(is_full, swaps, self.count + rows < self.size), (-1, 1, 1, 1))
        old = ops.take(self.images.value, places, axis=0)
        self.images.assign(ops.scatter_update(self.images.value, places[:, None], ops.where(enters, taking_part, old)))
        self.count.assign(ops.minimum(self.count + ops.shape(taking_part)[0], self.size))
        returned = ops.where(ops.logical_and(is_full, enters), old, taking_part)
        return ops.concatenate([returned, others], axis=0)
