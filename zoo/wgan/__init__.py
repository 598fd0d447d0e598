"""Wasserstein GAN (Arjovsky et al. 2017): the networks of `dcgan` or `gan`, a critic with clipped weights."""

from keras_gans.registry import register_model


@register_model(
    "wgan",
    medium="images",
    summary="DCGAN's networks, with a critic of clipped weights that is trained more often.",
    paper="Arjovsky et al. 2017, Wasserstein GAN, arXiv:1701.07875",
    parameters=898_370,
)
def wgan(
    image_shape=(28, 28, 1),
    latent_dim=100,
    width=64,
    kernel_size=4,
    clip=0.01,
    critic_steps=5,
    first=25,
    every=500,
    thorough=100,
    learning_rate=5e-5,
    ema=None,
    seed=None,
):
    """Builds the Wasserstein GAN, compiled.

    Args:
        image_shape: Height, width and channels (1 or 3), in the sizes of `dcgan`; or the shape of other samples, such as `(2,)`
            for points, for which both networks are those of `gan`.
        latent_dim: Length of a latent vector.
        width: Channels beside the image, doubled at each halving of the resolution.
        kernel_size: Side of the kernels.
        clip: Each weight of the critic lies in [-clip, clip] (algorithm 1).
        critic_steps: Updates of the critic for each of the generator (algorithm 1).
        first: For how many updates of the generator at first there are `thorough` ones of the critic, and
        every: before each how manieth of later ones (both in the authors' code).
        thorough: How many these are.
        learning_rate: Of RMSprop, for both players (algorithm 1).
        ema: Decay of the generator's moving average, or None.
        seed: Of all noise in training; initial weights follow `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.WGAN`.

    Raises:
        ValueError: If the size cannot be built, or a value is out of range.
    """
    import keras

    from keras_gans import WGAN
    from keras_gans.adversarial import CriticSchedule

    if len(image_shape) == 3:
        from ..dcgan.networks import build_discriminator, build_generator

        networks = (
            build_generator(image_shape, latent_dim, width, kernel_size),
            build_discriminator(image_shape, width, kernel_size),
        )
    else:
        from ..gan.networks import build_discriminator, build_generator

        networks = build_generator(image_shape, latent_dim, width), build_discriminator(image_shape, width)
    model = WGAN(*networks, seed, clip=clip)
    model.compile(
        keras.optimizers.RMSprop(learning_rate, rho=0.99, epsilon=1e-8),
        keras.optimizers.RMSprop(learning_rate, rho=0.99, epsilon=1e-8),
        critic_steps=CriticSchedule(critic_steps, first, every, thorough),
        ema=ema,
    )
    return model
