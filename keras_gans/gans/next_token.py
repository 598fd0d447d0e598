"""Text GANs whose discriminator judges every token that could come next."""

import keras
from keras import ops

from keras_gans.backend import minimize_through
from keras_gans.errors import check_weight
from keras_gans.gans.sequence import SequenceGAN
from keras_gans.sequences import NextTokenDiscriminator, mean_over


@keras.saving.register_keras_serializable(package="keras_gans")
class NextTokenGAN(SequenceGAN):
    """The players play for the next token: after the same beginning of a real sequence, was it the writer's or the generator's?

    The game is the usual one, at each place of each real sequence on its own. The real sample is the token there; the generated
    one is drawn from the generator's distribution given the tokens before it. The discriminator returns a logit of every token
    of the vocabulary, and both losses are expectations over the generator's distribution, computed as sums: nothing is drawn,
    no gradient has to pass through tokens, and none is estimated. The generator's is the policy gradient over all actions.

    The optimal discriminator's logit is the logarithm of the real probability of a token over the generated one. So the
    generator learns what the discriminator, a network of its own with its own regularisation, finds in the text beyond it, as
    a residual energy-based model does. As both learn from the same text, the discriminator can be wrong: `anchor_weight` keeps
    the generator from following it too far.

    Args:
        generator: A `LanguageModel`.
        discriminator: A `NextTokenDiscriminator`.
        seed: As `AdversarialModel`'s.
        pretraining: As `SequenceGAN`'s.
        anchor_weight: The weight of the Kullback-Leibler divergence of the generator from the one that pretraining ended with,
            in nats a token, in the generator's loss. 0 without pretraining.
        share_vectors: Whether the discriminator's vectors of the tokens begin as those that the generator has learnt in
            pretraining; both networks need an `embed` of the same shape.

    Raises:
        ValueError: If a value is out of range.

    Reference: Goodfellow et al. 2014, "Generative Adversarial Nets", section 3, for the next token; Asadi et al. 2017, "Mean
    Actor-Critic", equation 6 (the gradient over all actions); Deng et al. 2020, "Residual Energy-Based Models for Text
    Generation", section 3 (what the discriminator estimates); Jaques et al. 2017, "Sequence Tutor", section 3.2 (the anchor).
    """

    discriminator_class = NextTokenDiscriminator

    def __init__(self, generator, discriminator, seed=None, pretraining=None, anchor_weight=0.5, share_vectors=True, name=None):
        super().__init__(generator, discriminator, seed, pretraining, name=name)
        check_weight("anchor_weight", anchor_weight)
        self.anchor_weight, self.share_vectors = anchor_weight, share_vectors
        if share_vectors and self._vectors(generator).shape != self._vectors(discriminator.network).shape:
            raise ValueError(
                f"Vectors of tokens cannot be shared: the generator's are {tuple(self._vectors(generator).shape)}, the "
                f"discriminator's {tuple(self._vectors(discriminator.network).shape)}; set share_vectors=False."
            )

    @staticmethod
    def _vectors(network):
        return network.embed.embeddings

    def end_pretraining_epoch(self, held_out_nll):
        last = super().end_pretraining_epoch(held_out_nll)
        if last and self.share_vectors:
            self._vectors(self.discriminator.network).assign(self._vectors(self.generator))
        return last

    # What the discriminator sees of the generator are no sequences but, at each place of the real ones, the distribution of the
    # next token: float32 `(batch, length, vocabulary_size)`. The generator computes it as it writes: without dropout.

    def generate_for(self, real, conditions, seed, training=False):
        return ops.softmax(self.logits(real, conditions))

    def begin_generator(self, real, conditions):
        def generate():
            logits = self.logits(real, conditions)
            own = sum(self.generator.losses)
            if self.anchor_weight and self.reference is not None:
                own = own + self.anchor_weight * self._divergence(logits, real, conditions)
            return ops.softmax(logits), own

        def loss_fn(distributions):
            return self.generator_loss(distributions, real, conditions)

        return minimize_through(generate, loss_fn, self.generator_variables, self.optimizer.generator)

    def _divergence(self, logits, real, conditions):
        wanted = ops.stop_gradient(self.logits(real, conditions, self.reference))
        log_p, log_wanted = (x - ops.logsumexp(x, axis=-1, keepdims=True) for x in (logits, wanted))
        return mean_over(ops.sum(ops.exp(log_p) * (log_p - log_wanted), axis=-1), self.generator.counted(real))

    def _score_every_token(self, real, conditions, training):
        """Returns the logits of every next token, and those of the real one as `(batch, length, 1)`."""
        inputs = [real, conditions["labels"]] if self.discriminator.takes_labels else real
        every = self.discriminator.of_every_token(inputs, training=training)
        return every, ops.take_along_axis(every, real[..., None], axis=-1)

    def discriminator_loss(self, real, distributions, conditions=None, training=True):
        every, of_real = self._score_every_token(real, conditions, training)
        losses = ops.sum(distributions * self.adversarial_loss.discriminator_loss(of_real, every), axis=-1)
        generated_scores = ops.sum(distributions * every, axis=-1)
        return mean_over(losses, self.generator.counted(real)), of_real[..., 0], generated_scores

    def generator_loss(self, distributions, real, conditions=None, training=True):
        # Without dropout, whose noise would be in every reward.
        every, of_real = self._score_every_token(real, conditions, training=False)
        losses = ops.sum(distributions * self.adversarial_loss.generator_loss(every, of_real), axis=-1)
        return mean_over(losses, self.generator.counted(real))

    def get_config(self):
        return {**super().get_config(), "anchor_weight": self.anchor_weight, "share_vectors": self.share_vectors}
