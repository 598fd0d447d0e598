"""The networks of `infogan`: DCGAN's. The generator takes codes, and the discriminator guesses them.

Reference: Chen et al. 2016, appendix C.1 (the discriminator and the network that guesses codes share all layers but the last).
"""

import keras
from keras import layers

from ..dcgan.networks import batch_norm, discriminator_features, generator_body, initializer, logits_layer


def build_generator(
    image_shape: tuple[int, ...], categories: int, codes: int, latent_dim: int, width: int, kernel_size: int, hidden: int
) -> keras.Model:
    """`[latents (batch, latent_dim), category (batch,), codes (batch, codes)]` -> images `(batch, *image_shape)` in [-1, 1]."""
    inputs = [keras.Input((latent_dim,), name="latents")]
    parts = [inputs[0]]
    if categories:
        inputs.append(keras.Input((), dtype="int32", name="category"))
        parts.append(layers.CategoryEncoding(categories, "one_hot")(layers.Reshape((1,))(inputs[-1])))
    if codes:
        inputs.append(keras.Input((codes,), name="codes"))
        parts.append(inputs[-1])
    # Lets the category change what latents and codes mean, which a sum of their parts could not.
    x = layers.Dense(hidden, use_bias=False, kernel_initializer=initializer(), name="joined")(layers.Concatenate()(parts))
    x = layers.ReLU()(batch_norm()(x))
    return keras.Model(inputs, generator_body(x, image_shape, width, kernel_size), name="generator")


def build_discriminator(
    image_shape: tuple[int, ...], categories: int, codes: int, width: int, kernel_size: int, hidden: int, guess_width: int
) -> keras.Model:
    """Images `(batch, *image_shape)` -> a dict of `scores`, `category_logits`, `code_means` and `code_log_stds`."""
    images = keras.Input(image_shape, name="images")
    features = layers.Flatten()(discriminator_features(images, image_shape, width, kernel_size))
    features = layers.Dense(hidden, use_bias=False, kernel_initializer=initializer(), name="shared")(features)
    features = layers.LeakyReLU(0.1)(batch_norm()(features))
    outputs = {"scores": logits_layer(1, "scores")(features)}
    guess = layers.Dense(guess_width, use_bias=False, kernel_initializer=initializer(), name="guess")(features)
    guess = layers.LeakyReLU(0.1)(batch_norm()(guess))
    if categories:
        outputs["category_logits"] = logits_layer(categories, "category_logits")(guess)
    if codes:
        outputs["code_means"] = logits_layer(codes, "code_means")(guess)
        outputs["code_log_stds"] = logits_layer(codes, "code_log_stds")(guess)
    return keras.Model(images, outputs, name="discriminator")
