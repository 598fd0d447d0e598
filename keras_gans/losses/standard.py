"""The losses that come with the library."""

from typing import Any

from keras import ops

from keras_gans._typing import Tensor
from keras_gans.losses.base import AdversarialLoss, register


class _CrossEntropyDiscriminator(AdversarialLoss):
    """A discriminator that estimates the probability that a sample is real, by cross-entropy."""

    sign_means_real = True

    def __init__(self, label_smoothing: float = 0.0):
        if not 0.0 <= label_smoothing < 0.5:
            raise ValueError(f"label_smoothing must be in [0, 0.5); received {label_smoothing}.")
        self.label_smoothing = float(label_smoothing)

    def discriminator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        # Cross-entropy of logit x with target t is softplus(x) - t x; here t = 1 - label_smoothing for real samples.
        return ops.softplus(-real) + self.label_smoothing * real + ops.softplus(fake)

    def get_config(self) -> dict[str, Any]:
        return {"label_smoothing": self.label_smoothing}


@register("non_saturating")
class NonSaturating(_CrossEntropyDiscriminator):
    """The non-saturating loss: the generator maximizes log D(G(z)). It is what most libraries call binary cross-entropy.

    Args:
        label_smoothing: One-sided label smoothing: the target of real samples is 1 minus this, in [0, 0.5).

    Reference: Goodfellow et al. 2014, section 3; Salimans et al. 2016, section 3.4 (smoothing).
    """

    def generator_loss(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        return ops.softplus(-fake)


@register("minimax")
class Minimax(_CrossEntropyDiscriminator):
    """The minimax loss: the generator minimizes log(1 - D(G(z))). Its gradients vanish early in training.

    Args:
        label_smoothing: The target of real samples is 1 minus this, in [0, 0.5).

    Reference: Goodfellow et al. 2014, equation 1.
    """

    def generator_loss(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        return -ops.softplus(fake)


@register("least_squares")
class LeastSquares(AdversarialLoss):
    """The squared distance of scores from 1 (real) and 0 (generated).

    Reference: Mao et al. 2017, equation 9 (a = 0, b = c = 1).
    """

    def discriminator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        return 0.5 * ops.square(real - 1.0) + 0.5 * ops.square(fake)

    def generator_loss(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        return 0.5 * ops.square(fake - 1.0)


@register("hinge")
class Hinge(AdversarialLoss):
    """The hinge loss: scores beyond the margins +1 (real) and -1 (generated) do not train the discriminator.

    Reference: Lim and Ye 2017; Miyato et al. 2018, equations 16 and 17.
    """

    sign_means_real = True

    def discriminator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        return ops.relu(1.0 - real) + ops.relu(1.0 + fake)

    def generator_loss(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        return -fake


@register("wasserstein")
class Wasserstein(AdversarialLoss):
    """The difference of mean scores. The critic must be made Lipschitz by other means: weight clipping or a penalty.

    Reference: Arjovsky et al. 2017, algorithm 1.
    """

    def discriminator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        return fake - real

    def generator_loss(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        return -fake


@register("relativistic")
class RelativisticPairing(AdversarialLoss):
    """The relativistic pairing loss: the softplus of the difference between the scores of a generated and a real sample.

    Reference: Jolicoeur-Martineau 2018, section 4.1; Huang et al. 2024, equation 2.
    """

    needs_real = True

    def discriminator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        return ops.softplus(fake - real)

    def generator_loss(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        return ops.softplus(real - fake)


@register("relativistic_average")
class RelativisticAverage(AdversarialLoss):
    """The relativistic average loss: the softplus of the difference between a score and the mean score of the other kind.

    Both networks learn from both kinds, whose losses are averaged, as in ESRGAN.

    Reference: Jolicoeur-Martineau 2018, section 4.2; Wang et al. 2018, "ESRGAN", equations 1 and 2.
    """

    needs_real = True

    def discriminator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        return self._mean_loss(real, fake)

    def generator_loss(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        return self._mean_loss(fake, real)

    @staticmethod
    def _mean_loss(high: Tensor, low: Tensor) -> Tensor:
        """Return the loss of who wants the scores `high` to exceed the scores `low`."""
        return 0.5 * (ops.softplus(ops.mean(low) - high) + ops.softplus(low - ops.mean(high)))
