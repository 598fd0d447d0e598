"""A transformer that writes, and learns from a discriminator: by policy gradients or through relaxed tokens."""

from keras_gans.registry import register_model

_LEARNING = ("policy", "relaxed")
_DISCRIMINATORS = ("transformer", "cnn")


@register_model(
    "transformer_gan",
    medium="text",
    summary="Writes text with a transformer that learns from a verdict on each token.",
    paper="after de Masson d'Autume et al. 2019, Training Language GANs from Scratch, arXiv:1905.09922",
    parameters=599_817,
)
def transformer_gan(
    vocabulary_size=5000,
    length=20,
    ends: bool = True,
    num_classes=None,
    width=64,
    depth=2,
    heads=4,
    dropout=0.1,
    learning="policy",
    discriminator="transformer",
    discriminator_width=32,
    discriminator_depth=1,
    discriminator_heads=2,
    discriminator_dropout=0.25,
    filters=0.25,
    rollouts=1,
    discount=0.9,
    inverse_temperature=100.0,
    temperature_steps=5000,
    likelihood_weight=0.0,
    pretraining_epochs=50,
    patience=1,
    pretraining_learning_rate=2e-3,
    learning_rate=1e-4,
    discriminator_learning_rate=1e-4,
    critic_steps=1,
    ema: float | None = None,
    seed=None,
):
    """Builds the transformer GAN, compiled.

    Args:
        vocabulary_size: How many tokens there are.
        length: Tokens of a sequence.
        ends: Whether the token 0 ends a sequence.
        num_classes: How many classes there are, where text of a class is asked for.
        width: Length of the generator's vector of a token.
        depth: Its blocks.
        heads: Attention heads of each.
        dropout: Of its blocks and their inputs.
        learning: `"policy"`, by policy gradients, or `"relaxed"`, through the Gumbel-softmax and with a relativistic loss.
        discriminator: `"transformer"`, which judges a sequence up to each token, or `"cnn"`, which judges whole ones.
        discriminator_width: Length of the discriminator's vector of a token.
        discriminator_depth: Blocks of the transformer that judges.
        discriminator_heads: Attention heads of each.
        discriminator_dropout: The share of its features left out.
        filters: How many filters the convolutional one has, as a share of SeqGAN's.
        rollouts: Completions by which a token is judged, with `"policy"` and `"cnn"`.
        discount: Of later verdicts, with `"policy"` and `"transformer"`.
        inverse_temperature: Of the relaxation, at last.
        temperature_steps: Adversarial steps until then.
        likelihood_weight: Of the real text's negative log-likelihood in the generator's loss.
        pretraining_epochs: The most epochs of maximum likelihood.
        patience: Such epochs without progress on held-out text, after which it ends.
        pretraining_learning_rate: Of Adam meanwhile.
        learning_rate: Of the generator's Adam, later.
        discriminator_learning_rate: Of the discriminator's.
        critic_steps: Updates of the discriminator for each of the generator.
        ema: Decay of the generator's moving average, or None.
        seed: Of all noise in training; initial weights follow `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.SeqGAN` or `keras_gans.RelGAN`.

    Raises:
        ValueError: If a value is out of range.
    """
    import keras

    from keras_gans import Pretraining, RelGAN, SeqGAN
    from keras_gans.errors import no_such
    from keras_gans.sequences import InverseTemperature

    from .networks import build_discriminator, build_generator

    for what, value, choices in (("learning", learning, _LEARNING), ("discriminator", discriminator, _DISCRIMINATORS)):
        if value not in choices:
            raise ValueError(no_such(what, value, choices))
    players = (
        build_generator(vocabulary_size, length, width, depth, heads, dropout, ends, num_classes),
        build_discriminator(
            discriminator,
            learning == "policy" and discriminator == "transformer",
            vocabulary_size,
            length,
            discriminator_width,
            discriminator_depth,
            discriminator_heads,
            discriminator_dropout,
            filters,
            num_classes,
        ),
    )
    pretraining = Pretraining(pretraining_epochs, patience, pretraining_learning_rate, learning_rate)
    if learning == "policy":
        model = SeqGAN(*players, seed, pretraining, rollouts, discount, likelihood_weight)
    else:
        model = RelGAN(
            *players, seed, pretraining, InverseTemperature(inverse_temperature, temperature_steps), likelihood_weight
        )
    model.compile(
        keras.optimizers.Adam(learning_rate, clipnorm=5.0),
        keras.optimizers.Adam(discriminator_learning_rate, clipnorm=5.0),
        critic_steps=critic_steps,
        ema=ema,
    )
    return model
