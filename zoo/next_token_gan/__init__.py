"""The next-token GAN: a text model whose discriminator scores every token that could come next."""

from typing import TYPE_CHECKING

from keras_gans.registry import register_model

if TYPE_CHECKING:
    from keras_gans import NextTokenGAN


@register_model(
    "next_token_gan",
    medium="text",
    summary="Text model: learns from a discriminator that scores every token that could come next.",
    paper="after Asadi et al. 2017, Mean Actor-Critic, arXiv:1709.00503",
    parameters=666_640,
)
def next_token_gan(
    vocabulary_size: int = 5000,
    length: int = 20,
    ends: bool = True,
    num_classes: int | None = None,
    context_length: int = 0,
    embedding_dim: int = 32,
    units: int = 32,
    dropout: float = 0.0,
    discriminator_units: int = 32,
    discriminator_dropout: float = 0.5,
    anchor_weight: float = 0.3,
    pretraining_epochs: int = 50,
    patience: int = 1,
    pretraining_learning_rate: float = 1e-2,
    head_start: int = 900,
    learning_rate: float = 5e-4,
    discriminator_learning_rate: float = 4e-3,
    critic_steps: int = 1,
    ema: float | None = 0.99,
    seed: int | None = None,
) -> "NextTokenGAN":
    """Build and compile the next-token GAN.

    Args:
        vocabulary_size: Integer, number of tokens. Defaults to 5,000.
        length: Integer, tokens per sequence. Defaults to 20.
        ends: Boolean, whether token 0 ends a sequence. Defaults to True.
        num_classes: Integer, number of classes, for text of a given class. None (default) for no classes.
        context_length: Integer, tokens of a context that sequences answer or continue. Defaults to 0, for none.
        embedding_dim: Integer, length of a token vector in both networks. Defaults to 32.
        units: Integer, units of the generator's LSTM. Defaults to 32.
        dropout: Float, dropout rate of the LSTM's inputs and outputs in pretraining. Defaults to 0.
        discriminator_units: Integer, units of the discriminator's LSTM. Defaults to 32.
        discriminator_dropout: Float, dropout rate of its inputs and outputs. Defaults to 0.5.
        anchor_weight: Float, weight of the divergence, in nats per token, from the generator to itself at the end of
            pretraining. Defaults to 0.3.
        pretraining_epochs: Integer, maximum number of pretraining epochs (maximum likelihood). Defaults to 50.
        patience: Integer, epochs without improvement on held-out text after which pretraining ends. Defaults to 1.
        pretraining_learning_rate: Float, Adam learning rate of the generator in pretraining. Defaults to 1e-2.
        head_start: Integer, updates of the discriminator before the generator's first adversarial one. Defaults to 900.
        learning_rate: Float, Adam learning rate of the generator in adversarial training. Defaults to 5e-4.
        discriminator_learning_rate: Float, Adam learning rate of the discriminator. Defaults to 4e-3.
        critic_steps: Integer, number of discriminator updates per generator update after that. Defaults to 1.
        ema: Float, decay of the generator's moving average; None for no average. Defaults to 0.99.
        seed: Integer seed for the training noise; None (default) picks a random one. Initial weights depend on
            `keras.utils.set_random_seed`.

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
        build_generator(vocabulary_size, length, embedding_dim, units, dropout, ends, num_classes, context_length),
        build_discriminator(
            vocabulary_size,
            length,
            embedding_dim,
            discriminator_units,
            discriminator_dropout,
            ends,
            num_classes,
            context_length,
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
