"""The losses that come with the library."""

from keras import ops

from keras_gans.losses.base import AdversarialLoss, register


class _CrossEntropyDiscriminator(AdversarialLoss):
    """The discriminator that estimates the probability of "real" by cross-entropy."""

    sign_means_real = True

    def __init__(self, label_smoothing=0.0):
        if not 0.0 <= label_smoothing < 0.5:
            raise ValueError(f"label_smoothing must be in [0, 0.5); received {label_smoothing}.")
        self.label_smoothing = label_smoothing

    def discriminator_loss(self, real, fake):
        # Cross-entropy of logit x with target t is softplus(x) - t x; here t = 1 - label_smoothing for real samples.
        return ops.softplus(-real) + self.label_smoothing * real + ops.softplus(fake)

    def get_config(self):
        return {"label_smoothing": self.label_smoothing}


@register("non_saturating")
class NonSaturating(_CrossEntropyDiscriminator):
    """The generator maximises log D(G(z)): the loss everybody means by "GAN".

    Args:
        label_smoothing: How far the target for real samples lies below 1 (one-sided label smoothing, in [0, 0.5)).

    Reference: Goodfellow et al. 2014, section 3; Salimans et al. 2016, section 3.4 (smoothing).
    """

    def generator_loss(self, fake, real=None):
        return ops.softplus(-fake)


@register("minimax")
class Minimax(_CrossEntropyDiscriminator):
    """The generator minimises log(1 - D(G(z))): the zero-sum game of the theory, with vanishing gradients early on.

    Args:
        label_smoothing: How far the target for real samples lies below 1.

    Reference: Goodfellow et al. 2014, equation 1.
    """

    def generator_loss(self, fake, real=None):
        return -ops.softplus(fake)


@register("least_squares")
class LeastSquares(AdversarialLoss):
    """Squared distance of scores from 1 (real) and 0 (generated).

    Reference: Mao et al. 2017, equation 9 (a = 0, b = c = 1).
    """

    def discriminator_loss(self, real, fake):
        return 0.5 * ops.square(real - 1.0) + 0.5 * ops.square(fake)

    def generator_loss(self, fake, real=None):
        return 0.5 * ops.square(fake - 1.0)


@register("hinge")
class Hinge(AdversarialLoss):
    """The discriminator stops where scores are beyond the margin +-1.

    Reference: Lim and Ye 2017; Miyato et al. 2018, equations 16 and 17.
    """

    sign_means_real = True

    def discriminator_loss(self, real, fake):
        return ops.relu(1.0 - real) + ops.relu(1.0 + fake)

    def generator_loss(self, fake, real=None):
        return -fake


@register("wasserstein")
class Wasserstein(AdversarialLoss):
    """The difference of mean scores. The critic needs a Lipschitz bound from elsewhere: clipping or a penalty.

    Reference: Arjovsky et al. 2017, algorithm 1.
    """

    def discriminator_loss(self, real, fake):
        return fake - real

    def generator_loss(self, fake, real=None):
        return -fake


@register("relativistic")
class RelativisticPairing(AdversarialLoss):
    """Each generated sample is compared with one real sample: softplus of their difference, either way round.

    Reference: Jolicoeur-Martineau 2018, section 4.1; Huang et al. 2024, equation 2.
    """

    needs_real = True

    def discriminator_loss(self, real, fake):
        return ops.softplus(fake - real)

    def generator_loss(self, fake, real=None):
        return ops.softplus(real - fake)
