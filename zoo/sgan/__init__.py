"""Semi-supervised GAN (Salimans et al. 2016): a classifier that learns from few labels."""

from typing import TYPE_CHECKING, Any

from keras_gans.registry import register_model

if TYPE_CHECKING:
    from keras_gans import SemiSupervisedGAN


@register_model(
    "sgan",
    medium="images",
    summary="A classifier that learns from few labelled images and many unlabelled ones.",
    paper="Salimans et al. 2016, Improved Techniques for Training GANs, arXiv:1606.03498",
    parameters=375_963,
)
def sgan(
    image_shape: tuple[int, ...] = (28, 28, 1),
    num_classes: int = 10,
    latent_dim: int = 100,
    width: int = 16,
    kernel_size: int = 4,
    hidden: int = 128,
    noise: float = 0.3,
    dropout: float = 0.0,
    class_weight: float = 1.0,
    feature_matching: float = 1.0,
    adversarial_weight: float = 0.0,
    learning_rate: float = 3e-3,
    beta_1: float = 0.5,
    decay_steps: int | None = None,
    ema: float | None = None,
    seed: int | None = None,
) -> "SemiSupervisedGAN":
    """Build and compile the semi-supervised GAN.

    Args:
        image_shape: Tuple `(height, width, channels)`, of a size that `dcgan` can build. Defaults to `(28, 28, 1)`.
        num_classes: Integer, number of classes. Defaults to 10.
        latent_dim: Integer, length of a latent vector. Defaults to 100.
        width: Integer, channels next to the image, doubled with each halving of the resolution. Defaults to 16.
        kernel_size: Integer, side of the kernels. Defaults to 4.
        hidden: Integer, units of the classifier's last layer before the logits, whose means are matched. Defaults to 128.
        noise: Float, standard deviation of the noise that is added to images in training, as in the authors' code. Defaults to
            0.3.
        dropout: Float, dropout rate after each convolution of the classifier. Defaults to 0.
        class_weight: Float, weight of the class cross-entropy in the discriminator's loss. Defaults to 1.
        feature_matching: Float, weight of the distance of mean features in the generator's loss. Defaults to 1.
        adversarial_weight: Float, weight of the usual loss of GANs in the generator's loss; with 1, and `feature_matching` 0,
            samples are better and the classifier is worse (section 6). Defaults to 0.
        learning_rate: Float, Adam learning rate for both networks. Defaults to 3e-3, as in the authors' code for MNIST.
        beta_1: Float, Adam's beta_1 for both networks. Defaults to 0.5.
        decay_steps: Integer, number of steps over which both learning rates decay linearly to 0, such as those of the run.
            None (default) keeps them constant.
        ema: Float, decay of the generator's moving average, such as 0.999; None (default) for no average.
        seed: Integer seed for the training noise; None (default) picks a random one. Initial weights depend on
            `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.SemiSupervisedGAN`.

    Raises:
        ValueError: If the size cannot be built, or a weight is out of range.
    """
    import keras

    from keras_gans import SemiSupervisedGAN

    from .networks import build_discriminator, build_generator

    model = SemiSupervisedGAN(
        build_generator(image_shape, latent_dim, width, kernel_size),
        build_discriminator(image_shape, num_classes, width, kernel_size, hidden, noise, dropout),
        seed,
        num_classes,
        class_weight,
    )
    rate: Any = learning_rate
    if decay_steps is not None:
        rate = keras.optimizers.schedules.PolynomialDecay(rate, decay_steps, 0.0)
    model.compile(
        keras.optimizers.Adam(rate, beta_1=beta_1),
        keras.optimizers.Adam(rate, beta_1=beta_1),
        feature_matching=feature_matching,
        adversarial_weight=adversarial_weight,
        ema=ema,
    )
    return model
