"""Wasserstein GAN (Arjovsky et al. 2017): the networks of `dcgan` or `gan`; the critic's weights are clipped."""

from typing import TYPE_CHECKING, Any

from keras_gans.registry import register_model

if TYPE_CHECKING:
    from keras_gans import WGAN


@register_model(
    "wgan",
    medium="images",
    summary="DCGAN's networks; the critic's weights are clipped, and it is updated more often.",
    paper="Arjovsky et al. 2017, Wasserstein GAN, arXiv:1701.07875",
    parameters=898_370,
)
def wgan(
    image_shape: tuple[int, ...] = (28, 28, 1),
    latent_dim: int = 100,
    width: int = 64,
    kernel_size: int = 4,
    clip: float = 0.01,
    critic_steps: int = 5,
    first: int = 25,
    every: int = 500,
    thorough: int = 100,
    learning_rate: float = 5e-5,
    decay_steps: int | None = None,
    ema: float | None = None,
    seed: int | None = None,
) -> "WGAN":
    """Build and compile the Wasserstein GAN.

    Args:
        image_shape: Tuple `(height, width, channels)`, of a size that `dcgan` can build; or the shape of other samples, such as
            `(2,)` for points, for which both networks are those of `gan`. Defaults to `(28, 28, 1)`.
        latent_dim: Integer, length of a latent vector. Defaults to 100.
        width: Integer, channels next to the image, doubled with each halving of the resolution. Defaults to 64.
        kernel_size: Integer, side of the kernels. Defaults to 4.
        clip: Float, bound of the critic's weights: each lies in [-clip, clip] (algorithm 1). Defaults to 0.01.
        critic_steps: Integer, number of critic updates per generator update (algorithm 1). Defaults to 5.
        first: Integer, number of initial generator updates for which the critic is updated `thorough` times each, as in the
            authors' code. Defaults to 25.
        every: Integer. After that, every `every`-th generator update is preceded by `thorough` critic updates, as in the
            authors' code. Defaults to 500.
        thorough: Integer, number of critic updates in both cases. Defaults to 100.
        learning_rate: Float, RMSprop learning rate for both networks (algorithm 1). Defaults to 5e-5.
        decay_steps: Integer, number of generator steps over which the generator's learning rate decays linearly to 0. That of
            the critic does so over `critic_steps` times as many. None (default) keeps both constant, as in the paper.
        ema: Float, decay of the generator's moving average, such as 0.999; None (default) for no average.
        seed: Integer seed for the training noise; None (default) picks a random one. Initial weights depend on
            `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.WGAN`.

    Raises:
        ValueError: If the size cannot be built, or a value is out of range.
    """
    import keras

    from keras_gans import WGAN
    from keras_gans.adversarial import CriticSchedule

    if len(image_shape) == 3:
        from ..dcgan import networks as convolutional

        generator = convolutional.build_generator(image_shape, latent_dim, width, kernel_size)
        critic = convolutional.build_discriminator(image_shape, width, kernel_size)
    else:
        from ..gan import networks as perceptrons

        generator = perceptrons.build_generator(image_shape, latent_dim, width)
        critic = perceptrons.build_discriminator(image_shape, width)
    model = WGAN(generator, critic, seed, clip=clip)

    def optimizer(updates: int) -> keras.optimizers.Optimizer:
        rate: Any = learning_rate
        if decay_steps is not None:
            rate = keras.optimizers.schedules.PolynomialDecay(rate, decay_steps * updates, 0.0)
        return keras.optimizers.RMSprop(rate, rho=0.99, epsilon=1e-8)

    model.compile(
        optimizer(1),
        optimizer(critic_steps),
        critic_steps=CriticSchedule(critic_steps, first, every, thorough),
        ema=ema,
    )
    return model
