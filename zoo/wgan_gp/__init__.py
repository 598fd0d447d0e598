"""Wasserstein GAN with gradient penalty (Gulrajani et al. 2017)."""

from keras_gans.registry import register_model


@register_model(
    "wgan_gp",
    medium="images",
    summary="A critic kept smooth by a penalty on its gradient: convolutional up to 28 pixels, residual from 32.",
    paper="Gulrajani et al. 2017, Improved Training of Wasserstein GANs, arXiv:1704.00028",
    parameters=2_584_322,
)
def wgan_gp(
    image_shape=(28, 28, 1),
    latent_dim=128,
    width=64,
    architecture=None,
    penalty_weight=10.0,
    critic_steps=5,
    learning_rate=1e-4,
    beta_1=0.5,
    beta_2=0.9,
    decay_steps=None,
    ema=None,
    seed=None,
):
    """Builds the Wasserstein GAN with gradient penalty, compiled.

    Args:
        image_shape: Height, width and channels (1 or 3), both sides multiples of 4; or the shape of other samples, such as
            `(2,)` for points.
        latent_dim: Length of a latent vector.
        width: Channels beside the image; the paper's residual networks for 32x32 have 128 everywhere, which is 64 here.
        architecture: `"conv"` (the authors' for MNIST), `"resnet"` (appendix F; square images of 16, 32, 64, ... pixels) or
            `"mlp"`; what fits the samples if None.
        penalty_weight: Of the gradient penalty (lambda of algorithm 1).
        critic_steps: Updates of the critic for each of the generator, each on a fresh batch.
        learning_rate: Of Adam, for both players: 1e-4 for MNIST; 2e-4 for the residual networks.
        beta_1: Of Adam: 0.5 for MNIST in the authors' code, 0 in algorithm 1 and for the residual networks.
        beta_2: Of Adam.
        decay_steps: Steps of the generator over which the learning rate falls linearly to 0, the critic's as fast, as for
            CIFAR-10 (appendix F); None for a constant one.
        ema: Decay of the generator's moving average, or None.
        seed: Of all noise in training; initial weights follow `keras.utils.set_random_seed`.

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
        raise ValueError(f"resnet makes square images of 16, 32, 64, ... pixels, not of {tuple(image_shape)}: use conv or mlp.")
    if architecture == "conv" and fitting == "mlp":
        raise ValueError(f"conv makes images, not samples of shape {tuple(image_shape)}: use mlp.")
    generator = getattr(networks, f"build_{architecture}_generator")(image_shape, latent_dim, width)
    critic = getattr(networks, f"build_{architecture}_critic")(image_shape, width)
    model = WGANGP(generator, critic, seed)

    def optimizer(updates):
        rate = learning_rate
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
