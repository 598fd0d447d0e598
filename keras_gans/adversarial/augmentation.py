"""What is done to real and generated samples before the discriminator sees them.

A discriminator that has few real images learns them by heart. One that sees every image changed at random, real and generated
alike, in its own update and in the generator's, learns later, and the generator does not learn the changes: its samples are
told from real ones only after both were changed (Zhao et al. 2020, section 3; Karras et al. 2020, section 2). All of it is
differentiable, for the generator's gradient passes through.

Augmentations are Keras serializables: a compiled model stores them, and saves their state with its weights.
"""

import math
from numbers import Real

import keras
import numpy as np
from keras import ops

from keras_gans.backend import replica, replica_mean
from keras_gans.errors import no_such

_augmentations = {}


def _register(name):
    def register(cls):
        _augmentations[name] = cls
        return keras.saving.register_keras_serializable(package="keras_gans")(cls)

    return register


def get(identifier):
    """Returns an augmentation from its name, itself, its serialized form, or a list of these.

    Args:
        identifier: One of `names()`, of which that of a transformation means `DiffAugment` with it alone; an `Augmentation`;
            a dictionary as `keras.saving` makes it; or a list or tuple of such, which are applied in this order.

    Raises:
        ValueError: If there is no such augmentation.
    """
    if isinstance(identifier, Augmentation):
        return identifier
    if isinstance(identifier, dict):
        return get(keras.saving.deserialize_keras_object(identifier))
    if isinstance(identifier, (list, tuple)):
        return Augmentations(identifier)
    if isinstance(identifier, str) and identifier in _augmentations:
        return _augmentations[identifier]()
    if isinstance(identifier, str) and identifier in _TRANSFORMATIONS:
        return DiffAugment([identifier])
    raise ValueError(no_such("augmentation", str(identifier), names()))


def names():
    """Returns the names of the augmentations, sorted."""
    return sorted([*_augmentations, *_TRANSFORMATIONS])


class Augmentation(keras.layers.Layer):
    """Base class: a random change of samples.

    It is a layer only so that Keras tracks and saves its variables: a model calls its two methods, never the layer itself.
    """

    def __init__(self, name=None):
        super().__init__(name=name, dtype="float32")
        self.built = True

    def augment(self, images, noise, step):
        """Returns changed samples.

        Args:
            images: float32 samples in [-1, 1], shape `(batch, height, width, channels)`.
            noise: A `keras_gans.adversarial.noise.Noise`, from which all random numbers come.
            step: Integer scalar: how many training steps are done.

        Returns:
            float32, of the same shape. Values may lie beyond [-1, 1].
        """
        raise NotImplementedError

    def observe(self, real_logits):
        """Learns how the discriminator does; called once for each of its updates.

        Args:
            real_logits: float32 logits of the real samples as they were augmented, shape `(batch, 1)`.
        """

    @property
    def needs_sign(self):
        """Whether it learns from the sign of real scores, which must be the discriminator's verdict then."""
        return False

    def get_config(self):
        return {"name": self.name}


@keras.saving.register_keras_serializable(package="keras_gans")
class Augmentations(Augmentation):
    """Several augmentations, applied in turn.

    Args:
        augmentations: A list of what `get` takes; at least one.

    Raises:
        ValueError: If the list is empty, or there is no such augmentation.
    """

    def __init__(self, augmentations, name=None):
        super().__init__(name=name)
        if not augmentations:
            raise ValueError(f"A list of augmentations must hold at least one: {', '.join(names())}; received an empty one.")
        self.augmentations = [get(identifier) for identifier in augmentations]

    def augment(self, images, noise, step):
        for augmentation in self.augmentations:
            images = augmentation.augment(images, noise, step)
        return images

    def observe(self, real_logits):
        for augmentation in self.augmentations:
            augmentation.observe(real_logits)

    @property
    def needs_sign(self):
        return any(augmentation.needs_sign for augmentation in self.augmentations)

    def get_config(self):
        serialized = [keras.saving.serialize_keras_object(augmentation) for augmentation in self.augmentations]
        return {**super().get_config(), "augmentations": serialized}


# The transformations of DiffAugment. Each takes images, uniform numbers in [0, 1) of shape `(batch, numbers)`, and as `on` a
# 1 or a 0 for each sample and part, shape `(batch, parts)`: whether that part is done to the sample.


def _color(images, uniform, on):
    """Changes brightness, saturation and contrast, in this order.

    One after the other, with x the image, g(x) its pixels' means over channels and m(x) the mean of the image, they are
    x + b; s x + (1 - s) g(x); c x + (1 - c) m(x). Composed that is c s x + c (1 - s) g(x) + (1 - c) m(x) + b: a single pass.
    """
    brightness = on[:, 0] * (uniform[:, 0] - 0.5)
    saturation = 1.0 + on[:, 1] * (2.0 * uniform[:, 1] - 1.0)
    contrast = 1.0 + on[:, 2] * (uniform[:, 2] - 0.5)
    brightness, saturation, contrast = (x[:, None, None, None] for x in (brightness, saturation, contrast))
    if images.shape[-1] == 1:  # the one channel is its own mean
        return contrast * images + ((1.0 - contrast) * ops.mean(images, axis=(1, 2, 3), keepdims=True) + brightness)
    grey = ops.mean(images, axis=-1, keepdims=True)
    rest = contrast * (1.0 - saturation) * grey + (
        (1.0 - contrast) * ops.mean(grey, axis=(1, 2, 3), keepdims=True) + brightness
    )
    return contrast * saturation * images + rest


def _translation(images, uniform, on):
    """Moves images by whole pixels, up to an eighth of each side either way; what comes in is 0: grey.

    Each axis is multiplied by a matrix of ones and zeros, whose gradient is one more multiplication. On a CPU that is faster
    than gathering pixels, whose gradient scatters; on hardware that multiplies in fewer bits (TF32), it rounds to these.
    """
    height, width, channels = images.shape[1:]
    batch = ops.shape(images)[0]
    rows, columns = (_shift_matrices(size, uniform[:, axis], on[:, 0]) for axis, size in enumerate((height, width)))
    images = ops.matmul(rows, ops.reshape(images, (batch, height, width * channels)))
    if channels == 1:
        return ops.reshape(ops.matmul(images, ops.transpose(columns, (0, 2, 1))), (batch, height, width, 1))
    images = ops.transpose(ops.reshape(images, (batch, height, width, channels)), (0, 2, 1, 3))
    images = ops.matmul(columns, ops.reshape(images, (batch, width, height * channels)))
    return ops.transpose(ops.reshape(images, (batch, width, height, channels)), (0, 2, 1, 3))


def _shift_matrices(size, uniform, on):
    """Returns a matrix for each sample, shape `(batch, size, size)`, that moves an axis by a random number of places."""
    most = size // 8
    shift = on * (ops.floor(uniform * (2 * most + 1)) - most)
    places = np.arange(size, dtype="float32")
    return ops.cast(ops.equal(places[:, None] - places, shift[:, None, None]), "float32")


def _cutout(images, uniform, on):
    """Sets a rectangle to 0 whose sides are half of the image's; its middle is anywhere, so that part may lie outside."""
    rows, columns = (_in_cutout(size, uniform[:, axis]) for axis, size in enumerate(images.shape[1:3]))
    kept = 1.0 - (on * rows)[:, :, None] * columns[:, None, :]
    return images * kept[..., None]


def _in_cutout(size, uniform):
    """Returns 1 where a random stretch of half an axis lies and else 0, shape `(batch, size)`."""
    length = size // 2
    start = ops.floor(uniform * (size + 1 - length % 2)) - length // 2
    places = np.arange(size, dtype="float32") - start[:, None]
    return ops.cast(ops.logical_and(places >= 0, places < length), "float32")


# How many numbers and how many parts each has.
_TRANSFORMATIONS = {"color": (_color, 3, 3), "translation": (_translation, 2, 1), "cutout": (_cutout, 2, 1)}


@_register("diff_augment")
class DiffAugment(Augmentation):
    """Colour, translation and cutout, drawn for each image on its own.

    `"color"` adds to the brightness a number in [-0.5, 0.5), multiplies the saturation by one in [0, 2) (nothing to see where
    there is one channel) and the contrast by one in [0.5, 1.5). `"translation"` moves the image by up to an eighth of each
    side; what comes in is 0, which is grey in [-1, 1], as in the paper. `"cutout"` sets a rectangle of half of each side to 0.

    Args:
        policy: Which of these, in the order in which they are applied: a list, or names with commas between.
        probability: The probability in [0, 1] with which each is done to an image; brightness, saturation and contrast count
            as one each.

    Raises:
        ValueError: If the policy is empty, names something twice or something unknown, or if the probability is not in [0, 1].

    Reference: Zhao et al. 2020, "Differentiable Augmentation for Data-Efficient GAN Training", section 3; the magnitudes are
    those of the authors' implementation.
    """

    def __init__(self, policy=("color", "translation", "cutout"), probability=1.0, name=None):
        super().__init__(name=name)
        policy = [part.strip() for part in policy.split(",")] if isinstance(policy, str) else list(policy)
        for part in policy:
            if part not in _TRANSFORMATIONS:
                raise ValueError(no_such("transformation", str(part), sorted(_TRANSFORMATIONS)))
        if not policy or len(set(policy)) < len(policy):
            raise ValueError(
                f"policy must name one or several of {', '.join(sorted(_TRANSFORMATIONS))}, each once; received {policy}."
            )
        if not (_is_number(probability) and 0.0 <= probability <= 1.0):
            raise ValueError(f"probability must be a number in [0, 1]; received {probability!r}.")
        self.policy = policy
        self.probability = probability

    def augment(self, images, noise, step, probability=None):
        """Returns changed images: see `Augmentation`.

        Args:
            images: float32, shape `(batch, height, width, channels)`, of known height, width and channels.
            noise: A `Noise`.
            step: Not used.
            probability: A scalar tensor that takes the place of the layer's own probability.

        Raises:
            ValueError: If samples are no images.
        """
        if len(images.shape) != 4:
            raise ValueError(
                "DiffAugment changes images of shape (batch, height, width, channels); received samples of shape "
                f"{tuple(images.shape)}: choose another augmentation, such as 'instance_noise', or none."
            )
        probability = self.probability if probability is None else probability
        transformations = [_TRANSFORMATIONS[part] for part in self.policy]
        needed = sum(magnitudes + parts for _, magnitudes, parts in transformations)
        uniform = noise.uniform((ops.shape(images)[0], needed))  # in one go: a draw costs more than its numbers
        on = ops.cast(uniform < probability, "float32")
        start = 0
        for transform, magnitudes, parts in transformations:
            middle, end = start + magnitudes, start + magnitudes + parts
            images = transform(images, uniform[:, start:middle], on[:, middle:end])
            start = end
        return images

    def get_config(self):
        return {**super().get_config(), "policy": list(self.policy), "probability": self.probability}


@_register("adaptive")
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
        if not (_is_number(target) and -1.0 < target < 1.0):
            raise ValueError(f"target must be a number between -1 and 1, such as 0.6; received {target!r}.")
        if not (_is_number(images) and images > 0):
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


@_register("instance_noise")
class InstanceNoise(Augmentation):
    """Gaussian noise on samples, so that the two players' distributions overlap and their difference has a gradient.

    Args:
        stddev: The noise's standard deviation, where samples are in [-1, 1]: a number, or a
            `keras.optimizers.schedules.LearningRateSchedule` of the training step, which lets the noise decay, such as
            `PolynomialDecay(0.1, 10_000, 0.0)`.

    Raises:
        ValueError: If `stddev` is negative, or neither a number nor a schedule.

    Reference: Sønderby et al. 2017, "Amortised MAP Inference for Image Super-resolution"; Arjovsky and Bottou
    2017, section 3.
    """

    def __init__(self, stddev=0.1, name=None):
        super().__init__(name=name)
        if isinstance(stddev, dict):
            stddev = keras.optimizers.schedules.deserialize(stddev)
        scheduled = isinstance(stddev, keras.optimizers.schedules.LearningRateSchedule)
        if not scheduled and not (_is_number(stddev) and 0.0 <= stddev < math.inf):
            raise ValueError(
                "stddev must be a number of at least 0, or a keras.optimizers.schedules.LearningRateSchedule; "
                f"received {stddev!r}."
            )
        self.stddev = stddev

    def augment(self, images, noise, step):
        stddev = self.stddev if _is_number(self.stddev) else ops.cast(self.stddev(step), "float32")
        return images + stddev * noise.normal((ops.shape(images)[0], *images.shape[1:]))

    def get_config(self):
        scheduled = not _is_number(self.stddev)
        stddev = keras.optimizers.schedules.serialize(self.stddev) if scheduled else self.stddev
        return {**super().get_config(), "stddev": stddev}


def _is_number(value):
    return isinstance(value, Real) and not isinstance(value, bool)
