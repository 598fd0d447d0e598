"""How `srgan`, `esrgan` and `real_esrgan` are compiled."""

from typing import Any

import keras

from keras_gans import SuperResolution


def compile_super_resolution(
    generator: keras.Model,
    discriminator: keras.Model,
    seed: int | None,
    learning_rate: float,
    pretrain_learning_rate: float | None,
    beta_2: float = 0.99,
    *,
    pretrain_steps: int,
    perceptual_weight: float,
    **options: Any,
) -> SuperResolution:
    """Return the model of two networks, compiled with Adam.

    Args:
        generator: The generator.
        discriminator: The discriminator.
        seed: The seed of the model.
        learning_rate: Adam learning rate for both networks.
        pretrain_learning_rate: Adam learning rate of the first steps; None for the same.
        beta_2: Adam's beta_2.
        pretrain_steps: Number of first steps in which the generator learns from pixels alone.
        perceptual_weight: Weight of the perceptual loss; 0 leaves it out.
        **options: Further arguments of `compile`.
    """
    rate: Any = learning_rate
    if pretrain_learning_rate is not None and pretrain_steps:
        rate = keras.optimizers.schedules.PiecewiseConstantDecay([pretrain_steps], [pretrain_learning_rate, learning_rate])
    model = SuperResolution(generator, discriminator, seed)
    model.compile(
        keras.optimizers.Adam(rate, beta_2=beta_2),
        keras.optimizers.Adam(learning_rate, beta_2=beta_2),
        perceptual="imagenet" if perceptual_weight else None,
        perceptual_weight=perceptual_weight,
        pretrain_steps=pretrain_steps,
        **options,
    )
    return model
