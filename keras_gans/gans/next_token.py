"""Text GANs whose discriminator scores every token that could come next."""

from typing import Any

import keras
from keras import ops

from keras_gans._typing import Conditions, Tensor
from keras_gans.backend import minimize_through
from keras_gans.errors import check_weight
from keras_gans.gans.pretraining import Pretraining
from keras_gans.gans.sequence import Generated, SequenceGAN
from keras_gans.sequences import LanguageModel, NextTokenDiscriminator, mean_over, pack


@keras.saving.register_keras_serializable(package="keras_gans")
class NextTokenGAN(SequenceGAN):
    """A GAN for each next token: given the start of a real sequence, is the next token real or from the generator?

    Adversarial training takes place at each position of each real sequence. The real sample is the token at that position; the
    generated one comes from the generator's distribution given the tokens before it. The discriminator returns a logit for
    every token of the vocabulary, and both losses are exact expectations over the generator's distribution. No tokens are
    drawn, so no gradient has to pass through them or be estimated. The generator's gradient is the policy gradient over all
    actions.

    The logit of the optimal discriminator is the log-ratio of the real and the generated probability of a token. The generator
    thus learns what the discriminator, a separate network with regularisation of its own, finds in the text that the generator
    has missed, as a residual energy-based model does. Since both learn from the same text, the discriminator can be wrong:
    `anchor_weight` keeps the generator from following it too far.

    Args:
        generator: A `keras_gans.sequences.LanguageModel`: maps int32 tokens `(batch, length)` to the logits of each token.
        discriminator: A `keras_gans.sequences.NextTokenDiscriminator`: maps tokens to the scores of every token that could be
            at each position, `(batch, length, vocabulary_size)`.
        seed: Integer seed for the training noise. None (default) picks a random one.
        pretraining: A `Pretraining`. None (default) is `Pretraining()`.
        anchor_weight: Weight, in the generator's loss, of the Kullback-Leibler divergence in nats per token from the generator
            to itself at the end of pretraining. Default 0.5. Not used without pretraining.
        share_vectors: Whether the discriminator's token vectors are initialised with those that the generator has learned in
            pretraining. Default True; both networks then need an `embed` layer of the same shape.
        name: Name of the model.

    Raises:
        ValueError: If a value is out of range.

    Reference: Goodfellow et al. 2014, "Generative Adversarial Nets", section 3, for the next token; Asadi et al. 2017, "Mean
    Actor-Critic", equation 6 (the gradient over all actions); Deng et al. 2020, "Residual Energy-Based Models for Text
    Generation", section 3 (what the discriminator estimates); Jaques et al. 2017, "Sequence Tutor", section 3.2 (the anchor).
    """

    discriminator_class = NextTokenDiscriminator

    def __init__(
        self,
        generator: LanguageModel,
        discriminator: NextTokenDiscriminator,
        seed: int | None = None,
        pretraining: Pretraining | None = None,
        anchor_weight: float = 0.5,
        share_vectors: bool = True,
        name: str | None = None,
    ) -> None:
        super().__init__(generator, discriminator, seed, pretraining, name=name)
        self.anchor_weight, self.share_vectors = check_weight("anchor_weight", anchor_weight), share_vectors
        if share_vectors and self._vectors(generator).shape != self._vectors(discriminator.network).shape:
            raise ValueError(
                f"The networks cannot share token vectors: those of the generator have the shape "
                f"{tuple(self._vectors(generator).shape)}, those of the discriminator "
                f"{tuple(self._vectors(discriminator.network).shape)}. Set share_vectors=False."
            )

    @staticmethod
    def _vectors(network: Any) -> keras.Variable:
        return network.embed.embeddings

    def end_pretraining_epoch(self, held_out_nll: float | None) -> bool:
        """Count an epoch of pretraining; after the last one, also shares the token vectors."""
        last = super().end_pretraining_epoch(held_out_nll)
        if last and self.share_vectors:
            self._vectors(self.discriminator.network).assign(self._vectors(self.generator))
        return last

    # The discriminator sees distributions instead of sequences: at each position of the real ones, that of the next token,
    # float32 `(batch, length, vocabulary_size)`. The generator computes them as in generation, without dropout.

    def generate_for(
        self, real: Tensor, conditions: Conditions, seed: keras.random.SeedGenerator, training: bool = False
    ) -> Tensor:
        """Return the distribution of the next token at each position of real sequences."""
        return ops.softmax(self.logits(real, conditions))

    def begin_generator(self, real: Tensor, conditions: Conditions) -> Generated:
        """Compute distributions of the next token: see `AdversarialModel.begin_generator`."""

        def generate() -> tuple[Tensor, Tensor]:
            logits = self.logits(real, conditions)
            own = sum(self.generator.losses)
            if self.anchor_weight and self.reference is not None:
                own = own + self.anchor_weight * self._divergence(logits, real, conditions)
            return ops.softmax(logits), own

        def loss_fn(distributions: Tensor) -> Tensor:
            return self.generator_loss(distributions, real, conditions)

        return minimize_through(generate, loss_fn, self.generator_variables, self.optimizer.generator)

    def _divergence(self, logits: Tensor, real: Tensor, conditions: Conditions) -> Tensor:
        wanted = ops.stop_gradient(self.logits(real, conditions, self.reference))
        log_p, log_wanted = (x - ops.logsumexp(x, axis=-1, keepdims=True) for x in (logits, wanted))
        return mean_over(ops.sum(ops.exp(log_p) * (log_p - log_wanted), axis=-1), self.generator.counted(real))

    def _score_every_token(self, real: Tensor, conditions: Conditions | None, training: bool) -> tuple[Tensor, Tensor]:
        """Return the scores of every possible next token, and those of the real one as `(batch, length, 1)`."""
        inputs = pack(real, conditions or {}, self.discriminator.takes)
        every = self.discriminator.of_every_token(inputs, training=training)
        return every, ops.take_along_axis(every, real[..., None], axis=-1)

    def discriminator_loss(
        self, real: Tensor, generated: Tensor, conditions: Conditions | None = None, training: bool = True
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return the expected loss; `generated` are distributions: see `AdversarialModel.discriminator_loss`."""
        every, of_real = self._score_every_token(real, conditions, training)
        losses = ops.sum(generated * self.adversarial_loss.discriminator_loss(of_real, every), axis=-1)
        generated_scores = ops.sum(generated * every, axis=-1)
        return mean_over(losses, self.generator.counted(real)), of_real[..., 0], generated_scores

    def generator_loss(
        self, generated: Tensor, real: Tensor, conditions: Conditions | None = None, training: bool = True
    ) -> Tensor:
        """Return the expected loss; `generated` are distributions: see `AdversarialModel.generator_loss`."""
        # Without dropout, which would add noise to every reward.
        every, of_real = self._score_every_token(real, conditions, training=False)
        losses = ops.sum(generated * self.adversarial_loss.generator_loss(every, of_real), axis=-1)
        return mean_over(losses, self.generator.counted(real))

    def get_config(self) -> dict[str, Any]:
        """Return the model's arguments."""
        return {**super().get_config(), "anchor_weight": self.anchor_weight, "share_vectors": self.share_vectors}
