"""Wasserstein GAN with gradient penalty (Gulrajani et al. 2017).

`keras_gans/gans/wasserstein.py` lists which file holds which line of the algorithm.
"""

from typing import TYPE_CHECKING, Any

from keras_gans.registry import register_model

if TYPE_CHECKING:
    from keras_gans import WGANGP


@register_model(
    "wgan_gp",
    medium="images",
    summary="A gradient penalty keeps the critic smooth. Convolutional up to 28 pixels, residual from 32.",
    paper="Gulrajani et al. 2017, Improved Training of Wasserstein GANs, arXiv:1704.00028",
    parameters=2_584_322,
)
def wgan_gp(
    image_shape: tuple[int, ...] = (28, 28, 1),
    latent_dim: int = 128,
    width: int = 64,
    architecture: str | None = None,
    penalty_weight: float = 10.0,
    critic_steps: int = 5,
    learning_rate: float = 1e-4,
    beta_1: float = 0.5,
    beta_2: float = 0.9,
    decay_steps: int | None = None,
    ema: float | None = None,
    seed: int | None = None,
) -> "WGANGP":
    """Build and compile the Wasserstein GAN with gradient penalty.

    Args:
        image_shape: Tuple `(height, width, channels)`, both sides multiples of 4; or the shape of other samples, such as `(2,)`
            for points. Defaults to `(28, 28, 1)`.
        latent_dim: Integer, length of a latent vector. Defaults to 128.
        width: Integer, channels next to the image. Defaults to 64. The residual networks for 32x32 images have twice as many
            everywhere; the paper's have 128.
        architecture: String: `"conv"` (the authors' networks for MNIST), `"resnet"` (appendix F; square images of 16, 32, 64,
            ... pixels) or `"mlp"`. None (default) picks the one that fits the samples.
        penalty_weight: Float, weight of the gradient penalty (lambda in algorithm 1). Defaults to 10.
        critic_steps: Integer, number of critic updates per generator update, each on a new batch. Defaults to 5.
        learning_rate: Float, Adam learning rate for both networks. Defaults to 1e-4, for MNIST; the paper uses 2e-4 for the
            residual networks.
        beta_1: Float, Adam's beta_1. Defaults to 0.5, as in the authors' code for MNIST; 0 in algorithm 1 and for the residual
            networks.
        beta_2: Float, Adam's beta_2. Defaults to 0.9.
        decay_steps: Integer, number of generator steps over which both learning rates decay linearly to 0, as for CIFAR-10
            (appendix F). None (default) keeps them constant.
        ema: Float, decay of the generator's moving average, such as 0.999; None (default) for no average.
        seed: Integer seed for the training noise; None (default) picks a random one. Initial weights depend on
            `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.WGANGP`.

    Raises:
        ValueError: If the size cannot be built, or a value is out of range.
    """
    import keras

    from keras_gans import WGANGP
    from keras_gans.errors import no_such
    from keras_gans.penalties import GradientPenalty

    from . import networks

    fitting = networks.choose_architecture(image_shape)
    architecture = architecture or fitting
    if architecture not in ("mlp", "conv", "resnet"):
        raise ValueError(no_such("architecture", str(architecture), ["mlp", "conv", "resnet"]))
    if architecture == "resnet" and fitting != "resnet" and tuple(image_shape[:2]) != (16, 16):
        raise ValueError(
            f"resnet generates square images of 16, 32, 64, ... pixels, not {tuple(image_shape)}: use conv or mlp."
        )
    if architecture == "conv" and fitting == "mlp":
        raise ValueError(f"conv generates images, not samples of shape {tuple(image_shape)}: use mlp.")
    generator = getattr(networks, f"build_{architecture}_generator")(image_shape, latent_dim, width)
    critic = getattr(networks, f"build_{architecture}_critic")(image_shape, width)
    model = WGANGP(generator, critic, seed)

    def optimizer(updates: int) -> keras.optimizers.Optimizer:
        rate: Any = learning_rate
        if decay_steps is not None:
            rate = keras.optimizers.schedules.PolynomialDecay(rate, decay_steps * updates, 0.0)
        return keras.optimizers.Adam(rate, beta_1=beta_1, beta_2=beta_2)

    model.compile(
        optimizer(1),
        optimizer(critic_steps),
        critic_steps=critic_steps,
        penalties=GradientPenalty(penalty_weight),
        ema=ema,
    )
    return model
