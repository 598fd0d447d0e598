"""Augmentation that adapts to how much the discriminator overfits."""

from typing import Any

import keras
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.augmentation.base import Augmentation, get, is_number, register
from keras_gans.augmentation.diff_augment import DiffAugment
from keras_gans.backend import replica, replica_mean
from keras_gans.errors import check_count


@register("adaptive")
class AdaptiveAugment(Augmentation):
    """Adaptive discriminator augmentation (ADA): only as much as keeps the discriminator from memorizing the real images.

    Overfitting is measured by r = E[sign(D(real))]: 0 for no overfitting, 1 if every real image has a score above 0. Every few
    updates, the probability `p` with which images are augmented rises by a fixed amount if r is above the target, and falls if
    it is below. It starts at 0.

    The sign of a score must mean real or generated, as it does with cross-entropy and the hinge loss. It does not with the
    Wasserstein, least-squares and relativistic losses.

    Args:
        augment: The `DiffAugment` that is applied with probability `p`, in place of its own; None for the default one.
        target: The target value of r, in (-1, 1).
        images: Number of real images in which `p` can rise from 0 to 1.
        every: Number of discriminator updates between two changes of `p`.

    Raises:
        ValueError: If a value is out of range, or `augment` is another augmentation.

    Reference: Karras et al. 2020, "Training Generative Adversarial Networks with Limited Data", section 3.
    """

    def __init__(
        self, augment: Any = None, target: float = 0.6, images: float = 500_000, every: int = 4, name: str | None = None
    ):
        super().__init__(name=name)
        inner = DiffAugment() if augment is None else get(augment)
        if not isinstance(inner, DiffAugment):
            raise ValueError(f"AdaptiveAugment applies a DiffAugment; received {augment!r}.")
        self.inner = inner
        if not (is_number(target) and -1.0 < target < 1.0):
            raise ValueError(f"target must be a number between -1 and 1, such as 0.6; received {target!r}.")
        if not (is_number(images) and images > 0):
            raise ValueError(f"images must be a number above 0, such as 500_000; received {images!r}.")
        self.target = float(target)
        self.images = float(images)
        self.every = check_count("every", every)
        # The same on all replicas, which all observe the global batch.
        shared = {"trainable": False, "autocast": False, "aggregation": "only_first_replica"}
        self.p = self.add_weight(shape=(), initializer="zeros", dtype="float32", name="p", **shared)
        # Since p was last changed: the sum of signs, and the numbers of images and updates.
        self.seen = self.add_weight(shape=(3,), initializer="zeros", dtype="float32", name="seen", **shared)

    @property
    def probability(self) -> Tensor:
        """The current probability of augmentation: a float32 scalar in [0, 1]."""
        return ops.convert_to_tensor(self.p)

    @property
    def needs_sign(self) -> bool:
        return True

    def augment(self, images: Tensor, noise: Any, step: Tensor) -> Tensor:
        return self.inner.augment(images, noise, step, probability=self.probability)

    def observe(self, real_logits: Tensor) -> None:
        size = ops.cast(replica()[1] * ops.shape(real_logits)[0], "float32")
        sign = replica_mean(ops.mean(ops.sign(real_logits)))
        signs, images, updates = ops.unstack(ops.convert_to_tensor(self.seen) + ops.stack([sign * size, size, 1.0]), 3)
        due = ops.cast(updates >= self.every, "float32")
        change = ops.sign(signs / images - self.target) * images / self.images
        self.p.assign(ops.clip(self.probability + due * change, 0.0, 1.0))
        self.seen.assign((1.0 - due) * ops.stack([signs, images, updates]))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "augment": keras.saving.serialize_keras_object(self.inner),
            "target": self.target,
            "images": self.images,
            "every": self.every,
        }
