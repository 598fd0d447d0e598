"""Augmentation that adapts to how far the discriminator overfits."""

import keras
from keras import ops

from keras_gans.augmentation.base import Augmentation, get, is_number, register
from keras_gans.augmentation.diff_augment import DiffAugment
from keras_gans.backend import replica, replica_mean


@register("adaptive")
class AdaptiveAugment(Augmentation):
    """As much augmentation as keeps the discriminator from learning the real images by heart.

    The more it does so, the more of the real images it scores above 0, and in the end all. r = E[sign(D(real))] measures
    that: 0 where it does not overfit, 1 where it does altogether. Every few updates, the probability `p` with which images are
    augmented rises by a fixed amount where r is above the target, and falls where it is below. It starts at 0.

    The sign must mean "real" or "generated", as it does with cross-entropy and the hinge loss. A Wasserstein critic's scores
    have no such zero, that of least squares lies at 0.5, and relativistic scores mean something in pairs only.

    Args:
        augment: The `DiffAugment` that is applied with probability `p`, whatever its own is; None for the default one.
        target: The r to keep, in (-1, 1).
        images: After how many real images `p` can have gone from 0 to 1.
        every: How many of the discriminator's updates lie between two changes of `p`.

    Raises:
        ValueError: If a value is out of range, or `augment` is another augmentation.

    Reference: Karras et al. 2020, "Training Generative Adversarial Networks with Limited Data", section 3.
    """

    def __init__(self, augment=None, target=0.6, images=500_000, every=4, name=None):
        super().__init__(name=name)
        self.inner = DiffAugment() if augment is None else get(augment)
        if not isinstance(self.inner, DiffAugment):
            raise ValueError(f"AdaptiveAugment applies a DiffAugment; received {augment!r}.")
        if not (is_number(target) and -1.0 < target < 1.0):
            raise ValueError(f"target must be a number between -1 and 1, such as 0.6; received {target!r}.")
        if not (is_number(images) and images > 0):
            raise ValueError(f"images must be a number above 0, such as 500_000; received {images!r}.")
        if not (isinstance(every, int) and every >= 1):
            raise ValueError(f"every must be an integer of at least 1; received {every!r}.")
        self.target = target
        self.images = images
        self.every = every
        # The same on all replicas, which all learn of the global batch.
        shared = {"trainable": False, "autocast": False, "aggregation": "only_first_replica"}
        self.p = self.add_weight(shape=(), initializer="zeros", dtype="float32", name="p", **shared)
        # Since p was last changed: the sum of signs, the number of images and that of updates.
        self.seen = self.add_weight(shape=(3,), initializer="zeros", dtype="float32", name="seen", **shared)

    @property
    def probability(self):
        """The probability with which images are augmented now: a float32 scalar in [0, 1]."""
        return ops.convert_to_tensor(self.p)

    @property
    def needs_sign(self):
        return True

    def augment(self, images, noise, step):
        return self.inner.augment(images, noise, step, probability=self.probability)

    def observe(self, real_logits):
        size = ops.cast(replica()[1] * ops.shape(real_logits)[0], "float32")
        sign = replica_mean(ops.mean(ops.sign(real_logits)))
        signs, images, updates = ops.unstack(ops.convert_to_tensor(self.seen) + ops.stack([sign * size, size, 1.0]), 3)
        due = ops.cast(updates >= self.every, "float32")
        change = ops.sign(signs / images - self.target) * images / self.images
        self.p.assign(ops.clip(self.probability + due * change, 0.0, 1.0))
        self.seen.assign((1.0 - due) * ops.stack([signs, images, updates]))

    def get_config(self):
        return {
            **super().get_config(),
            "augment": keras.saving.serialize_keras_object(self.inner),
            "target": self.target,
            "images": self.images,
            "every": self.every,
        }
