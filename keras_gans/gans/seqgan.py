"""Text GANs whose generators learn from rewards: policy gradients."""

import keras
from keras import ops

from keras_gans.adversarial.noise import Noise
from keras_gans.backend import minimize
from keras_gans.errors import check_count, check_weight
from keras_gans.gans.sequence import SequenceGAN
from keras_gans.sequences import decode, log_probabilities, mean_over


@keras.saving.register_keras_serializable(package="keras_gans")
class SeqGAN(SequenceGAN):
    """The sequence GAN: each token is rewarded by how real the discriminator finds what follows from it.

    The generator is a policy, and follows the REINFORCE gradient: that of the logarithm of a token's probability, times how
    much better than usual its reward is. What is usual is the mean reward at that place of the other sequences of the batch.

    With a discriminator of whole sequences, the reward of a token is its mean verdict, as a probability, on `rollouts`
    completions that the generator draws (the last token's: on the sequence itself). With a discriminator of the sequence up to
    each token, no completions are needed: a token's reward is the sum of the verdicts from its place on, 2 D - 1 each, where
    one `discount` further on counts by so much less.

    Args:
        generator: A `LanguageModel`.
        discriminator: A `TokenDiscriminator`.
        seed: As `AdversarialModel`'s.
        pretraining: As `SequenceGAN`'s.
        rollouts: Completions for each token; of no meaning where the discriminator judges each.
        discount: In [0, 1]; of no meaning with rollouts.
        likelihood_weight: The weight of the real sequences' negative log-likelihood in the generator's loss: keeps it from
            unlearning what it has seen.

    Raises:
        ValueError: If a value is out of range.

    Reference: Yu et al. 2017, "SeqGAN: Sequence Generative Adversarial Nets with Policy Gradient", equations 4 to 8; de Masson
    d'Autume et al. 2019, "Training Language GANs from Scratch", section 3 (a verdict for each token); Li et al. 2017,
    "Adversarial Learning for Neural Dialogue Generation", section 3.2 (likelihood beside rewards).
    """

    def __init__(
        self, generator, discriminator, seed=None, pretraining=None, rollouts=4, discount=0.9, likelihood_weight=0.0, name=None
    ):
        super().__init__(generator, discriminator, seed, pretraining, name=name)
        check_count("rollouts", rollouts, 1)
        if not 0.0 <= discount <= 1.0:
            raise ValueError(f"discount must be in [0, 1]; received {discount!r}.")
        check_weight("likelihood_weight", likelihood_weight)
        self.rollouts, self.discount, self.likelihood_weight = rollouts, discount, likelihood_weight

    def learn_from(self, tokens, real, conditions):
        counted = self.generator.counted(tokens)

        def update():
            advantage = ops.stop_gradient(self._advantage(self._rewards(tokens, conditions), counted))

            def loss_fn():
                log_p = log_probabilities(self.logits(tokens, conditions, training=True), tokens)
                loss = -mean_over(log_p * advantage, counted) + sum(self.generator.losses)
                if self.likelihood_weight:
                    loss = loss + self.likelihood_weight * self.nll(real, conditions, training=True)
                return loss, ()

            loss, _, norm = minimize(loss_fn, self.generator_variables, self.optimizer.generator)
            return loss, norm

        return tokens, update

    @staticmethod
    def _advantage(rewards, counted):
        """Returns rewards less the mean of the other sequences' at the same place."""
        others = ops.maximum(ops.sum(counted, axis=0, keepdims=True) - counted, 1.0)
        return rewards - (ops.sum(rewards * counted, axis=0, keepdims=True) - rewards * counted) / others

    def _rewards(self, tokens, conditions):
        """Returns the reward of each token, float32 `(batch, length)`."""
        if self.discriminator.dense:
            return self._discounted(2.0 * ops.sigmoid(self.score(tokens, conditions)) - 1.0, self.generator.counted(tokens))
        return self._rollout_rewards(tokens, conditions)

    def _discounted(self, verdicts, counted):
        weights = [
            [self.discount ** (later - now) if later >= now else 0.0 for now in range(self.generator.length)]
            for later in range(self.generator.length)
        ]
        return ops.matmul(verdicts * counted, ops.convert_to_tensor(weights, "float32"))

    def _rollout_rewards(self, tokens, conditions):
        length, batch = self.generator.length, ops.shape(tokens)[0]
        copies = self.rollouts * (length - 1)
        # Each sequence is completed from each of its tokens but the last: (rollouts, length - 1, batch) of them.
        prompt = ops.tile(tokens, (copies, 1))
        kept = ops.tile(ops.repeat(ops.arange(1, length, dtype="int32"), batch), (self.rollouts,))
        latents = Noise(self.noise_seed).uniform((copies * batch, length))
        of_each = {name: ops.tile(values, (copies,)) for name, values in (conditions or {}).items()}
        completed = decode(self.generator, latents, **of_each, prompt=prompt, prompt_length=kept)
        verdicts = ops.sigmoid(self.score(completed, of_each))
        means = ops.mean(ops.reshape(verdicts, (self.rollouts, length - 1, -1)), axis=0)
        return ops.concatenate([ops.transpose(means), ops.sigmoid(self.score(tokens, conditions))], axis=1)

    def discriminator_loss(self, real, generated, conditions=None, training=True):
        if not self.discriminator.dense:
            return super().discriminator_loss(real, generated, conditions, training)
        real_scores, generated_scores = (self.score(each, conditions, training) for each in (real, generated))
        losses = self.adversarial_loss.discriminator_loss(real_scores, generated_scores)
        counted = self.generator.counted
        return mean_over(losses, 0.5 * (counted(real) + counted(generated))), real_scores, generated_scores

    def get_config(self):
        return {
            **super().get_config(),
            "rollouts": self.rollouts,
            "discount": self.discount,
            "likelihood_weight": self.likelihood_weight,
        }
