"""InfoGAN (Chen et al. 2016): codes that come to mean something without labels."""

from typing import TYPE_CHECKING

from keras_gans.registry import register_model

if TYPE_CHECKING:
    from keras_gans import InfoGAN


@register_model(
    "infogan",
    medium="images",
    summary="Finds without labels what images differ in: a category, such as the digit, and codes, such as slant and width.",
    paper="Chen et al. 2016, InfoGAN: Interpretable Representation Learning by Information Maximizing GANs, arXiv:1606.03657",
    parameters=447_040,
)
def infogan(
    image_shape: tuple[int, ...] = (28, 28, 1),
    categories: int = 10,
    codes: int = 2,
    latent_dim: int = 62,
    width: int = 16,
    kernel_size: int = 4,
    hidden: int = 128,
    guess_width: int = 128,
    category_weight: float = 1.0,
    code_weight: float = 0.1,
    loss: str = "non_saturating",
    learning_rate: float = 2e-4,
    generator_learning_rate: float | None = 1e-3,
    beta_1: float = 0.5,
    ema: float | None = None,
    seed: int | None = None,
) -> "InfoGAN":
    """Build and compile the InfoGAN.

    Args:
        image_shape: Tuple `(height, width, channels)`, of a size that `dcgan` can build. Defaults to `(28, 28, 1)`.
        categories: Integer, number of values of the category, such as that of the classes that you expect; 0 for no category.
            Defaults to 10.
        codes: Integer, number of codes in [-1, 1]; 0 for none. Defaults to 2.
        latent_dim: Integer, length of a latent vector, without codes. Defaults to 62.
        width: Integer, channels next to the image, doubled with each halving of the resolution. Defaults to 16; the paper's
            networks have 64.
        kernel_size: Integer, side of the kernels. Defaults to 4.
        hidden: Integer, units of the layer that joins latents and codes, and of that before the discriminator's outputs.
            Defaults to 128; the paper's have 1,024.
        guess_width: Integer, units of the layer between the discriminator's features and its guess of the codes. Defaults to
            128.
        category_weight: Float, weight of the category's information in both losses (the paper's lambda). Defaults to 1.
        code_weight: Float, weight of the codes' information in both losses. Defaults to 0.1.
        loss: String, name of an adversarial loss (see `keras_gans.losses.names()`). Defaults to `"non_saturating"`.
        learning_rate: Float, Adam learning rate of the discriminator, and of the generator unless that has its own. Defaults to
            2e-4.
        generator_learning_rate: Float, Adam learning rate of the generator; None for `learning_rate`. Defaults to 1e-3.
        beta_1: Float, Adam's beta_1 for both networks. Defaults to 0.5.
        ema: Float, decay of the generator's moving average, such as 0.999; None (default) for no average.
        seed: Integer seed for the training noise; None (default) picks a random one. Initial weights depend on
            `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.InfoGAN`.

    Raises:
        ValueError: If the size cannot be built, or there is neither a category nor a code.
    """
    import keras

    from keras_gans import InfoGAN
    from keras_gans.conditions import Classes, Codes, Condition

    from .networks import build_discriminator, build_generator

    conditions: dict[str, Condition] = {"category": Classes(categories)} if categories else {}
    conditions |= {"codes": Codes(codes)} if codes else {}
    model = InfoGAN(
        build_generator(image_shape, categories, codes, latent_dim, width, kernel_size, hidden),
        build_discriminator(image_shape, categories, codes, width, kernel_size, hidden, guess_width),
        seed,
        category_weight,
        code_weight,
        conditions=conditions,
    )
    model.compile(
        keras.optimizers.Adam(generator_learning_rate or learning_rate, beta_1=beta_1),
        keras.optimizers.Adam(learning_rate, beta_1=beta_1),
        loss,
        ema=ema,
    )
    return model
