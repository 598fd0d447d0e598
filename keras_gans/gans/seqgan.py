"""Text GANs whose generators learn from rewards, by policy gradients."""

from typing import Any

import keras
from keras import ops

from keras_gans._typing import Conditions, Tensor
from keras_gans.adversarial.noise import Noise
from keras_gans.backend import minimize
from keras_gans.errors import check_count, check_weight
from keras_gans.gans.pretraining import Pretraining
from keras_gans.gans.sequence import Generated, SequenceGAN
from keras_gans.sequences import LanguageModel, TokenDiscriminator, decode, log_probabilities, mean_over


@keras.saving.register_keras_serializable(package="keras_gans")
class SeqGAN(SequenceGAN):
    """The sequence GAN: each token is rewarded by how real the discriminator finds what follows.

    The generator is a policy that is trained by REINFORCE: the gradient of the log-probability of each token, times its
    advantage. The advantage is the reward minus the mean reward of the other sequences of the batch at the same position.

    With a discriminator of whole sequences, the reward of a token is the mean score, as a probability, of `rollouts`
    completions that the generator draws from there; for the last token, that of the sequence itself. With a discriminator that
    scores the sequence up to each token (`dense`), there are no completions: the reward of a token is the sum of the scores
    2 D - 1 from its position on, each discounted by `discount` to the power of the distance.

    Args:
        generator: A `keras_gans.sequences.LanguageModel`: maps int32 tokens `(batch, length)` to the logits of each token.
        discriminator: A `keras_gans.sequences.TokenDiscriminator`: maps tokens to logits, `(batch, n)` for whole sequences or
            `(batch, length)` if it is `dense`.
        seed: Integer seed for the training noise. None (default) picks a random one.
        pretraining: A `Pretraining`. None (default) is `Pretraining()`.
        rollouts: Number of completions for each token, an integer >= 1. Default 4. Not used with a dense discriminator.
        discount: Discount of later scores, in [0, 1]. Default 0.9. Used only with a dense discriminator.
        likelihood_weight: Weight of the negative log-likelihood of real sequences in the generator's loss. Default 0. It keeps
            the generator from forgetting what it has learned in pretraining.
        name: Name of the model.

    Raises:
        ValueError: If a value is out of range.

    Reference: Yu et al. 2017, "SeqGAN: Sequence Generative Adversarial Nets with Policy Gradient", equations 4 to 8; de Masson
    d'Autume et al. 2019, "Training Language GANs from Scratch", section 3 (a score for each token); Li et al. 2017,
    "Adversarial Learning for Neural Dialogue Generation", section 3.2 (likelihood beside rewards).
    """

    def __init__(
        self,
        generator: LanguageModel,
        discriminator: TokenDiscriminator,
        seed: int | None = None,
        pretraining: Pretraining | None = None,
        rollouts: int = 4,
        discount: float = 0.9,
        likelihood_weight: float = 0.0,
        name: str | None = None,
    ) -> None:
        super().__init__(generator, discriminator, seed, pretraining, name=name)
        self.rollouts = check_count("rollouts", rollouts, 1)
        if not 0.0 <= discount <= 1.0:
            raise ValueError(f"discount must be in [0, 1]; received {discount!r}.")
        self.discount = float(discount)
        self.likelihood_weight = check_weight("likelihood_weight", likelihood_weight)

    def learn_from(self, tokens: Tensor, real: Tensor, conditions: Conditions) -> Generated:
        """Prepare an update of the generator by the rewards of sequences: see `SequenceGAN.learn_from`."""
        counted = self.generator.counted(tokens)

        def update() -> tuple[Tensor, Tensor]:
            advantage = ops.stop_gradient(self._advantage(self._rewards(tokens, conditions), counted))

            def loss_fn() -> tuple[Tensor, tuple[()]]:
                log_p = log_probabilities(self.logits(tokens, conditions, training=True), tokens)
                loss = -mean_over(log_p * advantage, counted) + sum(self.generator.losses)
                if self.likelihood_weight:
                    loss = loss + self.likelihood_weight * self.nll(real, conditions, training=True)
                return loss, ()

            loss, _, norm = minimize(loss_fn, self.generator_variables, self.optimizer.generator)
            return loss, norm

        return tokens, update

    @staticmethod
    def _advantage(rewards: Tensor, counted: Tensor) -> Tensor:
        """Return rewards minus the mean reward of the other sequences at the same position."""
        others = ops.maximum(ops.sum(counted, axis=0, keepdims=True) - counted, 1.0)
        return rewards - (ops.sum(rewards * counted, axis=0, keepdims=True) - rewards * counted) / others

    def _rewards(self, tokens: Tensor, conditions: Conditions | None) -> Tensor:
        """Return the reward of each token, float32 `(batch, length)`."""
        if self.discriminator.dense:
            return self._discounted(2.0 * ops.sigmoid(self.score(tokens, conditions)) - 1.0, self.generator.counted(tokens))
        return self._rollout_rewards(tokens, conditions)

    def _discounted(self, scores: Tensor, counted: Tensor) -> Tensor:
        """Return the discounted sum of the scores from each token on."""
        weights = [
            [self.discount ** (later - now) if later >= now else 0.0 for now in range(self.generator.length)]
            for later in range(self.generator.length)
        ]
        return ops.matmul(scores * counted, ops.convert_to_tensor(weights, "float32"))

    def _rollout_rewards(self, tokens: Tensor, conditions: Conditions | None) -> Tensor:
        """Return the mean score of the completions of each token."""
        length, batch = self.generator.length, ops.shape(tokens)[0]
        copies = self.rollouts * (length - 1)
        # Each sequence is completed from each of its tokens except the last: (rollouts, length - 1, batch) completions.
        prompt = ops.tile(tokens, (copies, 1))
        kept = ops.tile(ops.repeat(ops.arange(1, length, dtype="int32"), batch), (self.rollouts,))
        latents = Noise(self.noise_seed).uniform((copies * batch, length))
        told = (conditions or {}).items()
        repeated = {name: ops.tile(values, (copies, *[1] * (len(values.shape) - 1))) for name, values in told}
        completed = decode(self.generator, latents, **repeated, prompt=prompt, prompt_length=kept)
        scores = ops.sigmoid(self.score(completed, repeated))
        means = ops.mean(ops.reshape(scores, (self.rollouts, length - 1, -1)), axis=0)
        return ops.concatenate([ops.transpose(means), ops.sigmoid(self.score(tokens, conditions))], axis=1)

    def discriminator_loss(
        self, real: Tensor, generated: Tensor, conditions: Conditions | None = None, training: bool = True
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return the loss, of a dense discriminator the mean over tokens: see `AdversarialModel.discriminator_loss`."""
        if not self.discriminator.dense:
            return super().discriminator_loss(real, generated, conditions, training)
        real_scores, generated_scores = (self.score(each, conditions, training) for each in (real, generated))
        losses = self.adversarial_loss.discriminator_loss(real_scores, generated_scores)
        counted = self.generator.counted
        return mean_over(losses, 0.5 * (counted(real) + counted(generated))), real_scores, generated_scores

    def get_config(self) -> dict[str, Any]:
        """Return the model's arguments."""
        return {
            **super().get_config(),
            "rollouts": self.rollouts,
            "discount": self.discount,
            "likelihood_weight": self.likelihood_weight,
        }
