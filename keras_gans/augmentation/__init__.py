"""What is done to real and generated samples before the discriminator sees them.

A discriminator that has few real images learns them by heart. One that sees every image changed at random, real and generated
alike, in its own update and in the generator's, learns later, and the generator does not learn the changes: its samples are
told from real ones only after both were changed (Zhao et al. 2020, section 3; Karras et al. 2020, section 2). All of it is
differentiable, for the generator's gradient passes through.

Augmentations are Keras serializables: a compiled model stores them, and saves their state with its weights.
"""

from keras_gans.augmentation.adaptive import AdaptiveAugment
from keras_gans.augmentation.base import Augmentation, Augmentations, get, names, register
from keras_gans.augmentation.diff_augment import DiffAugment
from keras_gans.augmentation.instance_noise import InstanceNoise

__all__ = [
    "AdaptiveAugment",
    "Augmentation",
    "Augmentations",
    "DiffAugment",
    "InstanceNoise",
    "get",
    "names",
    "register",
]
