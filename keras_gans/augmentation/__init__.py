"""Random changes of real and generated samples before the discriminator sees them.

A discriminator memorizes a small set of real images. Augmentation of real and generated images alike, in the updates of both
networks, delays that, and the generator does not learn to generate augmented images (Zhao et al. 2020, section 3; Karras et al.
2020, section 2). All augmentations are differentiable, because the generator's gradient flows through them.

Augmentations are Keras serializables: a compiled model stores them, and saves their state with its weights.
"""

from keras_gans.augmentation.adaptive import AdaptiveAugment
from keras_gans.augmentation.base import Augmentation, Augmentations, get, names, register
from keras_gans.augmentation.diff_augment import DiffAugment
from keras_gans.augmentation.instance_noise import InstanceNoise
from keras_gans.augmentation.time_shift import TimeShift

__all__ = [
    "AdaptiveAugment",
    "Augmentation",
    "Augmentations",
    "DiffAugment",
    "InstanceNoise",
    "TimeShift",
    "get",
    "names",
    "register",
]
