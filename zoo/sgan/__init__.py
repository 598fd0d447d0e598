"""Semi-supervised GAN (Salimans et al. 2016): a classifier that learns from few labels."""

from typing import TYPE_CHECKING

from keras_gans.registry import register_model

if TYPE_CHECKING:
    from keras_gans import SemiSupervisedGAN


@register_model(
    "sgan",
    medium="images",
    summary="A classifier that learns from few labelled images and many unlabelled ones.",
    paper="Salimans et al. 2016, Improved Techniques for Training GANs, arXiv:1606.03498",
    parameters=1_275_200,
)
def sgan(
    image_shape: tuple[int, ...] = (28, 28, 1),
    num_classes: int = 10,
    latent_dim: int = 100,
    width: int = 32,
    kernel_size: int = 4,
    noise: float = 0.3,
    dropout: float = 0.3,
    class_weight: float = 1.0,
    feature_matching: float = 1.0,
    adversarial_weight: float = 0.0,
    learning_rate: float = 3e-4,
    beta_1: float = 0.5,
    ema: float | None = None,
    seed: int | None = None,
) -> "SemiSupervisedGAN":
    import keras

    from keras_gans import SemiSupervisedGAN

    from .networks import build_discriminator, build_generator

    model = SemiSupervisedGAN(
        build_generator(image_shape, latent_dim, width, kernel_size),
        build_discriminator(image_shape, num_classes, width, kernel_size, noise, dropout),
        seed,
        num_classes,
        class_weight,
    )
    model.compile(
        keras.optimizers.Adam(learning_rate, beta_1=beta_1),
        keras.optimizers.Adam(learning_rate, beta_1=beta_1),
        feature_matching=feature_matching,
        adversarial_weight=adversarial_weight,
        ema=ema,
    )
    return model
