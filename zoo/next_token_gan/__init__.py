"""The next-token GAN: text, learnt in a game about every token that could come next."""

from keras_gans.registry import register_model


@register_model(
    "next_token_gan",
    medium="text",
    summary="Writes text, and learns in a game about every token that could come next.",
    paper="after Asadi et al. 2017, Mean Actor-Critic, arXiv:1709.00503",
    parameters=666_640,
)
def next_token_gan(
    vocabulary_size=5000,
    length=20,
    ends: bool = True,
    num_classes=None,
    embedding_dim=32,
    units=32,
    dropout=0.0,
    discriminator_units=32,
    discriminator_dropout=0.5,
    anchor_weight=0.3,
    pretraining_epochs=50,
    patience=1,
    pretraining_learning_rate=1e-2,
    head_start=900,
    learning_rate=5e-4,
    discriminator_learning_rate=4e-3,
    critic_steps=1,
    ema: float | None = 0.99,
    seed=None,
):
    """Builds the next-token GAN, compiled.

    Args:
        vocabulary_size: How many tokens there are.
        length: Tokens of a sequence.
        ends: Whether the token 0 ends a sequence.
        num_classes: How many classes there are, where text of a class is asked for.
        embedding_dim: Length of a token's vector, in both networks.
        units: Of the generator's LSTM.
        dropout: Of its inputs and outputs, while it learns by maximum likelihood.
        discriminator_units: Of the discriminator's LSTM.
        discriminator_dropout: Of its inputs and outputs.
        anchor_weight: What a nat of divergence from the generator that pretraining ended with costs.
        pretraining_epochs: The most epochs of maximum likelihood.
        patience: Such epochs without progress on held-out text, after which it ends.
        pretraining_learning_rate: Of Adam meanwhile.
        head_start: Updates of the discriminator before the generator's first.
        learning_rate: Of the generator's Adam, later.
        discriminator_learning_rate: Of the discriminator's.
        critic_steps: Updates of the discriminator for each of the generator, later.
        ema: Decay of the generator's moving average, or None.
        seed: Of all noise in training; initial weights follow `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.NextTokenGAN`.

    Raises:
        ValueError: If a value is out of range.
    """
    import keras

    from keras_gans import NextTokenGAN, Pretraining
    from keras_gans.adversarial import CriticSchedule

    from .networks import build_discriminator, build_generator

    model = NextTokenGAN(
        build_generator(vocabulary_size, length, embedding_dim, units, dropout, ends, num_classes),
        build_discriminator(
            vocabulary_size, length, embedding_dim, discriminator_units, discriminator_dropout, ends, num_classes
        ),
        seed,
        Pretraining(pretraining_epochs, patience, pretraining_learning_rate, learning_rate),
        anchor_weight,
    )
    model.compile(
        keras.optimizers.Adam(learning_rate, clipnorm=5.0),
        keras.optimizers.Adam(discriminator_learning_rate, clipnorm=5.0),
        critic_steps=CriticSchedule(critic_steps, first=1, thorough=max(head_start, 1)),
        ema=ema,
    )
    return model
