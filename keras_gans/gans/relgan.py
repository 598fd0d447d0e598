"""Text GANs whose generators learn through relaxed tokens (the Gumbel-softmax)."""

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from keras_gans._typing import Conditions, Tensor
from keras_gans.adversarial.noise import Noise
from keras_gans.backend import minimize_through
from keras_gans.errors import check_weight
from keras_gans.gans.pretraining import Pretraining
from keras_gans.gans.sequence import Generated, SequenceGAN
from keras_gans.losses import RelativisticPairing
from keras_gans.sequences import InverseTemperature, LanguageModel, TokenDiscriminator, relaxed


@keras.saving.register_keras_serializable(package="keras_gans")
class RelGAN(SequenceGAN):
    """The relational GAN: the discriminator sees relaxed tokens, through which its gradient reaches the generator.

    The generator continues from tokens, not from relaxed ones, and real sequences are not relaxed either. The relaxation
    becomes sharper as training proceeds. By default, both losses compare each generated sequence with a real one.

    Args:
        generator: A `keras_gans.sequences.LanguageModel`: maps int32 tokens `(batch, length)` to the logits of each token.
        discriminator: A `keras_gans.sequences.TokenDiscriminator`: maps tokens, or probabilities of tokens `(batch, length,
            vocabulary_size)`, to logits `(batch, n)`.
        seed: Integer seed for the training noise. None (default) picks a random one.
        pretraining: A `Pretraining`. None (default) is `Pretraining()`.
        inverse_temperature: Sharpness of the relaxation as a function of the generator's adversarial steps. None (default) is
            `keras_gans.sequences.InverseTemperature()`.
        likelihood_weight: Weight of the negative log-likelihood of real sequences in the generator's loss. Default 0.
        name: Name of the model.

    Raises:
        ValueError: If a value is out of range.

    Reference: Nie et al. 2019, "RelGAN: Relational Generative Adversarial Networks for Text Generation", sections 2.1 to 2.3;
    Jolicoeur-Martineau 2019, "The Relativistic Discriminator" (the loss).
    """

    default_loss = RelativisticPairing

    def __init__(
        self,
        generator: LanguageModel,
        discriminator: TokenDiscriminator,
        seed: int | None = None,
        pretraining: Pretraining | None = None,
        inverse_temperature: InverseTemperature | None = None,
        likelihood_weight: float = 0.0,
        name: str | None = None,
    ) -> None:
        super().__init__(generator, discriminator, seed, pretraining, name=name)
        self.inverse_temperature = inverse_temperature or InverseTemperature()
        self.likelihood_weight = check_weight("likelihood_weight", likelihood_weight)

    def _relaxed(
        self, tokens: Tensor, conditions: Conditions | None, seed: keras.random.SeedGenerator, training: bool = False
    ) -> Tensor:
        """Return relaxed one-hot vectors of tokens up to the end, and one-hot vectors of the padding."""
        logits = self.logits(tokens, conditions, training=training)
        uniform = Noise(seed).uniform((ops.shape(tokens)[0], *logits.shape[1:]))
        sharpness = self.inverse_temperature(self.optimizer.generator.iterations)
        soft = relaxed(logits, tokens, uniform, sharpness)
        if not self.generator.ends:
            return soft
        counted = self.generator.counted(tokens)[..., None]
        return ops.where(counted > 0, soft, ops.one_hot(tokens, logits.shape[-1], dtype="float32"))

    def generate_samples(self, latents: Tensor, conditions: Conditions | None = None, training: bool = False) -> Tensor:
        """Return relaxed sequences, float32 `(batch, length, vocabulary_size)`."""
        tokens = super().generate_samples(latents, conditions, training)
        return self._relaxed(tokens, conditions, self.noise_seed if training else self.evaluation_seed, training)

    def learn_from(self, tokens: Tensor, real: Tensor, conditions: Conditions) -> Generated:
        """Prepare an update of the generator through relaxed tokens: see `SequenceGAN.learn_from`."""

        def generate() -> tuple[Tensor, Tensor]:
            own = sum(self.generator.losses)
            if self.likelihood_weight:
                own = own + self.likelihood_weight * self.nll(real, conditions, training=True)
            return self._relaxed(tokens, conditions, self.noise_seed, training=True), own

        def loss_fn(relaxed_tokens: Tensor) -> Tensor:
            return self.generator_loss(relaxed_tokens, real, conditions)

        return minimize_through(generate, loss_fn, self.generator_variables, self.optimizer.generator)

    def get_config(self) -> dict[str, Any]:
        """Return the model's arguments."""
        return {
            **super().get_config(),
            "inverse_temperature": keras.saving.serialize_keras_object(self.inverse_temperature),
            "likelihood_weight": self.likelihood_weight,
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> "SequenceGAN":
        """Make a model from `get_config`."""
        rise = keras.saving.deserialize_keras_object(config["inverse_temperature"], custom_objects=custom_objects)
        return super().from_config({**config, "inverse_temperature": rise}, custom_objects)
