"""An image-to-image model as anyone could write one: pix2pix (Isola et al. 2017), small."""

import keras
from keras import layers, ops

from keras_gans import ConditionalGAN
from keras_gans.conditions import Images


@keras.saving.register_keras_serializable(package="tests")
class Pix2Pix(ConditionalGAN):
    """A U-Net that maps images to images, against a discriminator of patches that sees both; with an L1 loss."""

    l1_weight = 100.0

    def generator_loss(self, generated, real, conditions=None, training=True):
        adversarial = super().generator_loss(generated, real, conditions, training)
        return adversarial + self.l1_weight * ops.mean(ops.abs(generated - real))


def _down(x, filters):
    return layers.LeakyReLU(0.2)(layers.Conv2D(filters, 4, 2, "same")(x))


def _up(x, skip, filters):
    x = layers.ReLU()(layers.Conv2DTranspose(filters, 4, 2, "same")(x))
    return layers.Concatenate()([x, skip])


def build_generator(channels, width):
    """Images `(batch, height, width, channels)`, sides multiples of 4 -> images of the same size in [-1, 1]."""
    images = keras.Input((None, None, channels), name="images")
    first = _down(images, width)
    x = _up(_down(first, 2 * width), first, width)
    x = layers.Conv2DTranspose(channels, 4, 2, "same")(x)
    return keras.Model(images, layers.Activation("tanh", dtype="float32")(x), name="generator")


def build_discriminator(channels, width):
    """A sample and the image it was made from -> a map of logits, one for each patch."""
    samples, images = (keras.Input((None, None, channels), name=name) for name in ("samples", "images"))
    x = _down(layers.Concatenate()([samples, images]), width)
    x = layers.Conv2D(1, 4, padding="same", dtype="float32")(x)
    return keras.Model([samples, images], x, name="discriminator")


def tiny_pix2pix(channels=1, width=8, learning_rate=2e-3, seed=None):
    """Builds the model, compiled."""
    networks = build_generator(channels, width), build_discriminator(channels, width)
    model = Pix2Pix(*networks, seed, conditions={"images": Images((None, None, channels))})
    model.compile(*(keras.optimizers.Adam(learning_rate, beta_1=0.5) for _ in range(2)))
    return model
