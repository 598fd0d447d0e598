"""RelGAN (Nie et al. 2019): a writer of text that learns through relaxed tokens."""

from keras_gans.registry import register_model


@register_model(
    "relgan",
    medium="text",
    summary="Writes text with a relational memory that learns through relaxed tokens.",
    paper="Nie et al. 2019, RelGAN: Relational Generative Adversarial Networks for Text Generation, OpenReview:rJedV3R5tm",
    parameters=881_544,
)
def relgan(
    vocabulary_size=5000,
    length=20,
    ends: bool = True,
    num_classes=None,
    embedding_dim=32,
    slots=1,
    heads=2,
    head_size=32,
    dropout=0.0,
    representations=8,
    representation_dim=8,
    filters=32,
    discriminator_dropout=0.25,
    inverse_temperature=100.0,
    temperature_steps=5000,
    likelihood_weight=0.0,
    pretraining_epochs=50,
    patience=1,
    pretraining_learning_rate=1e-2,
    learning_rate=1e-4,
    discriminator_learning_rate=1e-4,
    critic_steps=1,
    ema: float | None = None,
    seed=None,
):
    """Builds RelGAN, compiled.

    Args:
        vocabulary_size: How many tokens there are.
        length: Tokens of a sequence.
        ends: Whether the token 0 ends a sequence.
        num_classes: How many classes there are, where text of a class is asked for.
        embedding_dim: Length of the generator's vector of a token.
        slots: Of the generator's memory.
        heads: Attention heads of the memory.
        head_size: Numbers of a head; 256 in the paper.
        dropout: Of the memory's inputs and outputs.
        representations: Views that the discriminator has of a sequence; 64 in the paper.
        representation_dim: Length of a token's vector in each; 1 in the paper.
        filters: Of each of the discriminator's four widths; 300 in the paper.
        discriminator_dropout: The share of its features left out.
        inverse_temperature: Of the relaxation, at last.
        temperature_steps: Adversarial steps until then.
        likelihood_weight: Of the real text's negative log-likelihood in the generator's loss.
        pretraining_epochs: The most epochs of maximum likelihood.
        patience: Such epochs without progress on held-out text, after which it ends.
        pretraining_learning_rate: Of Adam meanwhile.
        learning_rate: Of the generator's Adam, later.
        discriminator_learning_rate: Of the discriminator's.
        critic_steps: Updates of the discriminator for each of the generator; 5 in the paper.
        ema: Decay of the generator's moving average, or None.
        seed: Of all noise in training; initial weights follow `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.RelGAN`.

    Raises:
        ValueError: If a value is out of range.
    """
    import keras

    from keras_gans import Pretraining, RelGAN
    from keras_gans.sequences import InverseTemperature

    from .networks import build_discriminator, build_generator

    model = RelGAN(
        build_generator(vocabulary_size, length, embedding_dim, slots, heads, head_size, dropout, ends, num_classes),
        build_discriminator(
            vocabulary_size, length, representations, representation_dim, filters, discriminator_dropout, num_classes
        ),
        seed,
        Pretraining(pretraining_epochs, patience, pretraining_learning_rate, learning_rate),
        InverseTemperature(inverse_temperature, temperature_steps),
        likelihood_weight,
    )
    model.compile(
        keras.optimizers.Adam(learning_rate, clipnorm=5.0),
        keras.optimizers.Adam(discriminator_learning_rate, clipnorm=5.0),
        critic_steps=critic_steps,
        ema=ema,
    )
    return model
