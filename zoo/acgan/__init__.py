"""Auxiliary classifier GAN (Odena et al. 2017): the discriminator also classifies images."""

from typing import TYPE_CHECKING

from keras_gans.registry import register_model

if TYPE_CHECKING:
    from keras_gans import ACGAN


@register_model(
    "acgan",
    medium="images",
    summary="Class-conditional: the discriminator is also a classifier.",
    paper="Odena et al. 2017, Conditional Image Synthesis with Auxiliary Classifier GANs, arXiv:1610.09585",
    parameters=1_275_200,
)
def acgan(
    image_shape: tuple[int, ...] = (28, 28, 1),
    num_classes: int = 10,
    latent_dim: int = 100,
    width: int = 64,
    kernel_size: int = 4,
    embedding_dim: int = 50,
    class_weight: float = 1.0,
    classify_generated: bool = False,
    dropout: float = 0.5,
    loss: str = "non_saturating",
    learning_rate: float = 2e-4,
    beta_1: float = 0.5,
    ema: float | None = None,
    seed: int | None = None,
) -> "ACGAN":
    """Build and compile the auxiliary classifier GAN.

    Args:
        image_shape: Tuple `(height, width, channels)`, of a size that `dcgan` can build. Defaults to `(28, 28, 1)`.
        num_classes: Integer, number of classes. Defaults to 10.
        latent_dim: Integer, length of a latent vector. Defaults to 100.
        width: Integer, channels next to the image, doubled with each halving of the resolution. Defaults to 64.
        kernel_size: Integer, side of the kernels. Defaults to 4.
        embedding_dim: Integer, length of the label's embedding, which is concatenated with the latents. Defaults to 50.
        class_weight: Float, weight of the class cross-entropy in both losses. Defaults to 1.
        classify_generated: Boolean, whether the discriminator also learns from the classes of generated images, as in the
            paper. With False (default), images that do not look like their class cannot mislead it.
        dropout: Float, dropout rate of the discriminator's features (appendix A). Defaults to 0.5.
        loss: String, name of an adversarial loss (see `keras_gans.losses.names()`). Defaults to `"non_saturating"`.
        learning_rate: Float, Adam learning rate for both networks. Defaults to 2e-4.
        beta_1: Float, Adam's beta_1 for both networks. Defaults to 0.5.
        ema: Float, decay of the generator's moving average, such as 0.999; None (default) for no average.
        seed: Integer seed for the training noise; None (default) picks a random one. Initial weights depend on
            `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.ACGAN`.

    Raises:
        ValueError: If the size cannot be built.
    """
    import keras

    from keras_gans import ACGAN

    from .networks import build_discriminator, build_generator

    model = ACGAN(
        build_generator(image_shape, num_classes, latent_dim, width, kernel_size, embedding_dim),
        build_discriminator(image_shape, num_classes, width, kernel_size, dropout),
        seed,
        num_classes,
        class_weight,
        classify_generated,
    )
    model.compile(
        keras.optimizers.Adam(learning_rate, beta_1=beta_1),
        keras.optimizers.Adam(learning_rate, beta_1=beta_1),
        loss,
        ema=ema,
    )
    return model
