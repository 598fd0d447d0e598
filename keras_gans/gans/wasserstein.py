"""GANs whose critic estimates the Wasserstein distance, with clipped weights (WGAN) or a gradient penalty (WGAN-GP).

Each class says what its algorithm changes. Here is where the rest of WGAN-GP's algorithm 1 is written:

Line of algorithm 1                              File, name
-----------------------------------------------  -------------------------------------------------------------------
for t = 1, ..., n_critic (and when the           keras_gans/adversarial/critic_schedule.py, `CriticSchedule`
generator is due)
real data, latents, generated samples            keras_gans/adversarial/step.py, `AdversarialStep.update_players`
D(generated) - D(real), and -D(generated)        keras_gans/losses/standard.py, `Wasserstein`
lambda (|gradient of D at x_hat| - 1)^2          keras_gans/penalties/gradients.py, `GradientPenalty`
Adam step of the critic                          keras_gans/adversarial/step.py, `AdversarialStep._update_discriminator`
Adam step of the generator                       keras_gans/adversarial/step.py, `AdversarialStep.begin_generator`
gradients, per backend                           keras_gans/backend/tensorflow.py, keras_gans/backend/jax.py
the networks of the paper                        zoo/wgan_gp/networks.py
"""

from typing import Any

import keras

from keras_gans.adversarial import AdversarialModel
from keras_gans.adversarial.constraints import ClipWeights
from keras_gans.adversarial.critic_schedule import CriticSchedule
from keras_gans.conditions import Condition
from keras_gans.losses import Wasserstein
from keras_gans.media import Medium
from keras_gans.penalties import GradientPenalty


@keras.saving.register_keras_serializable(package="keras_gans")
class WGAN(AdversarialModel):
    """The Wasserstein GAN: a critic whose weights are clipped after each update, and which is updated more often.

    `-d_loss` in the logs estimates the distance, up to a factor.

    Args:
        generator: A built Keras model that maps latents, float32 of shape `(batch, ...)`, to samples: float32 in [-1, 1], of
            shape `(batch, ...)`, channels last.
        discriminator: The critic: a built Keras model that maps samples of the same shape to scores, `(batch, 1)`, of any
            size: higher for real samples.
        seed: Integer seed for the training noise. None (default) picks a random one.
        num_classes: Number of classes, for networks that also take `labels`. Default None.
        clip: Bound of the critic's weights: each lies in [-clip, clip], from construction on. Default 0.01.
        name: Name of the model.
        conditions: Further inputs of the networks by name: see `AdversarialModel`.
        medium: What a sample is: see `AdversarialModel`.

    Reference: Arjovsky et al. 2017, "Wasserstein GAN", algorithm 1. RMSprop's rho and the schedule of the critic are those of
    the authors' code.
    """

    default_loss = Wasserstein
    default_critic_steps = CriticSchedule(5, first=25, every=500, thorough=100)

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        seed: int | None = None,
        num_classes: int | None = None,
        clip: float = 0.01,
        name: str | None = None,
        *,
        conditions: dict[str, Condition] | None = None,
        medium: Medium | None = None,
    ) -> None:
        super().__init__(generator, discriminator, seed, num_classes, name, conditions=conditions, medium=medium)
        self.clip = clip
        constraint = ClipWeights(clip)
        for variable in self.discriminator.trainable_variables:
            variable.constraint = constraint
            variable.assign(constraint(variable))

    @staticmethod
    def default_optimizers() -> tuple[keras.optimizers.Optimizer, keras.optimizers.Optimizer]:
        """Return RMSprop for both networks."""
        return (
            keras.optimizers.RMSprop(5e-5, rho=0.99, epsilon=1e-8),
            keras.optimizers.RMSprop(5e-5, rho=0.99, epsilon=1e-8),
        )

    def get_config(self) -> dict[str, Any]:
        """Return the model's arguments."""
        return {**super().get_config(), "clip": self.clip}


@keras.saving.register_keras_serializable(package="keras_gans")
class WGANGP(AdversarialModel):
    """The Wasserstein GAN with gradient penalty: the norm of the critic's gradient is pulled towards 1.

    The penalty (`keras_gans.penalties.GradientPenalty`) is taken at random points between real and generated samples. Each
    update of the generator follows 5 updates of the critic, each on a new batch. `keras_gans/gans/wasserstein.py` lists which
    file holds which line of the algorithm.

    Args:
        generator: A built Keras model that maps latents, float32 of shape `(batch, ...)`, to samples: float32 in [-1, 1], of
            shape `(batch, ...)`, channels last.
        discriminator: The critic: a built Keras model that maps samples of the same shape to scores, `(batch, 1)`, of any
            size: higher for real samples. A score must depend on one sample only: no batch normalisation.
        seed: Integer seed for the training noise. None (default) picks a random one.
        num_classes: Number of classes, for networks that also take `labels`. Default None.
        name: Name of the model.
        conditions: Further inputs of the networks by name: see `AdversarialModel`.
        medium: What a sample is: see `AdversarialModel`.

    Example:

        model = keras_gans.WGANGP(generator, critic, seed=0)
        model.compile(penalties=keras_gans.penalties.GradientPenalty(10.0))  # the default
        model.fit(images, batch_size=64, epochs=5)

    Reference: Gulrajani et al. 2017, "Improved Training of Wasserstein GANs", algorithm 1.
    """

    default_loss = Wasserstein
    default_critic_steps = 5
    default_penalties = (GradientPenalty,)

    @staticmethod
    def default_optimizers() -> tuple[keras.optimizers.Optimizer, keras.optimizers.Optimizer]:
        """Return Adam with beta_1 = 0 for both networks."""
        return keras.optimizers.Adam(1e-4, beta_1=0.0, beta_2=0.9), keras.optimizers.Adam(1e-4, beta_1=0.0, beta_2=0.9)
