"""Conditional GAN (Mirza and Osindero 2014), optionally with a projection discriminator (Miyato and Koyama 2018)."""

from typing import TYPE_CHECKING

from keras_gans.registry import register_model

if TYPE_CHECKING:
    from keras_gans import ConditionalGAN


@register_model(
    "cgan",
    medium="images",
    summary="Class-conditional: labels are concatenated with the input, or a projection discriminator uses them.",
    paper="Mirza and Osindero 2014, Conditional Generative Adversarial Nets, arXiv:1411.1784",
    parameters=1_253_978,
)
def cgan(
    image_shape: tuple[int, ...] = (28, 28, 1),
    num_classes: int = 10,
    latent_dim: int = 100,
    width: int = 64,
    kernel_size: int = 4,
    conditioning: str = "concatenation",
    embedding_dim: int = 50,
    normalization: str = "batch",
    loss: str = "non_saturating",
    learning_rate: float = 2e-4,
    beta_1: float = 0.5,
    ema: float | None = None,
    seed: int | None = None,
) -> "ConditionalGAN":
    """Build and compile the conditional GAN.

    Args:
        image_shape: Tuple `(height, width, channels)`, of a size that `dcgan` can build; or the shape of other samples, such as
            `(2,)` for points, for which both networks are multilayer perceptrons. Defaults to `(28, 28, 1)`.
        num_classes: Integer, number of classes. Defaults to 10.
        latent_dim: Integer, length of a latent vector. Defaults to 100.
        width: Integer, channels next to the image, doubled with each halving of the resolution. Defaults to 64.
        kernel_size: Integer, side of the kernels. Defaults to 4.
        conditioning: String. `"concatenation"` (default) concatenates an embedding of the label with the latents, and adds one
            to the images as a further channel. `"projection"`, for images only, gives the generator class-conditional batch
            normalisation and the discriminator a projection: the product of its features and a vector of the class.
        embedding_dim: Integer, length of the label's embedding. Defaults to 50.
        normalization: String, `"batch"` (default), `"group"` or `"none"`, in both networks for images. Private training needs
            one of the latter two. `"projection"` has normalisation of its own in the generator.
        loss: String, name of an adversarial loss (see `keras_gans.losses.names()`). Defaults to `"non_saturating"`.
        learning_rate: Float, Adam learning rate for both networks. Defaults to 2e-4.
        beta_1: Float, Adam's beta_1 for both networks. Defaults to 0.5.
        ema: Float, decay of the generator's moving average, such as 0.999; None (default) for no average.
        seed: Integer seed for the training noise; None (default) picks a random one. Initial weights depend on
            `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.ConditionalGAN`.

    Raises:
        ValueError: If the size cannot be built, or `conditioning` is unknown or does not fit the samples.
    """
    import keras

    from keras_gans import ConditionalGAN
    from keras_gans.errors import no_such

    from .networks import build_discriminator, build_generator

    if conditioning not in ("concatenation", "projection"):
        raise ValueError(no_such("conditioning", str(conditioning), ["concatenation", "projection"]))
    if conditioning == "projection" and len(image_shape) != 3:
        raise ValueError(
            f'conditioning="projection" is for images; samples of shape {tuple(image_shape)} need "concatenation".'
        )
    model = ConditionalGAN(
        build_generator(image_shape, num_classes, latent_dim, width, kernel_size, conditioning, embedding_dim, normalization),
        build_discriminator(image_shape, num_classes, width, kernel_size, conditioning, embedding_dim, normalization),
        seed,
        num_classes,
    )
    model.compile(
        keras.optimizers.Adam(learning_rate, beta_1=beta_1),
        keras.optimizers.Adam(learning_rate, beta_1=beta_1),
        loss,
        ema=ema,
    )
    return model
