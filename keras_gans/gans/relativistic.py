import keras

from keras_gans.adversarial import AdversarialModel
from keras_gans.losses import RelativisticPairing
from keras_gans.penalties import R1, R2


@keras.saving.register_keras_serializable(package="keras_gans")
class R3GAN(AdversarialModel):
    """The regularised relativistic GAN: its loss compares pairs of a real and a generated sample, with two gradient penalties.

    The penalties R1 and R2 are on the squared norm of the discriminator's gradient, at real and at generated samples. The loss
    is `keras_gans.losses.RelativisticPairing`; the step is that of `AdversarialModel` (`keras_gans/adversarial/step.py`).

    Args:
        generator: A built Keras model that maps latents, float32 of shape `(batch, ...)`, to samples: float32, about in
            [-1, 1], of shape `(batch, ...)`, channels last.
        discriminator: A built Keras model that maps samples of the same shape to scores, `(batch, 1)`; only their differences
            matter. A score must depend on one sample only: no batch normalisation.
        seed: Integer seed for the training noise. None (default) picks a random one.
        num_classes: Number of classes, for networks that also take `labels`. Default None.
        name: Name of the model.
        conditions: Further inputs of the networks by name: see `AdversarialModel`.
        medium: What a sample is: see `AdversarialModel`.

    Reference: Huang et al. 2024, "The GAN is dead; long live the GAN! A Modern Baseline GAN", sections 2 and 3.
    """

    default_loss = RelativisticPairing
    default_penalties = (R1(1.0), R2(1.0))

    @staticmethod
    def default_optimizers() -> tuple[keras.optimizers.Optimizer, keras.optimizers.Optimizer]:
        """Return Adam with beta_1 = 0 for both networks."""
        return (
            keras.optimizers.Adam(2e-4, beta_1=0.0, beta_2=0.99),
            keras.optimizers.Adam(2e-4, beta_1=0.0, beta_2=0.99),
        )
