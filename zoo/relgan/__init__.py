"""RelGAN (Nie et al. 2019): a text model that learns through relaxed tokens."""

from typing import TYPE_CHECKING

from keras_gans.registry import register_model

if TYPE_CHECKING:
    from keras_gans import RelGAN


@register_model(
    "relgan",
    medium="text",
    summary="Text model: a relational memory that learns through relaxed tokens.",
    paper="Nie et al. 2019, RelGAN: Relational Generative Adversarial Networks for Text Generation, OpenReview:rJedV3R5tm",
    parameters=881_544,
)
def relgan(
    vocabulary_size: int = 5000,
    length: int = 20,
    ends: bool = True,
    num_classes: int | None = None,
    context_length: int = 0,
    embedding_dim: int = 32,
    slots: int = 1,
    heads: int = 2,
    head_size: int = 32,
    dropout: float = 0.0,
    representations: int = 8,
    representation_dim: int = 8,
    filters: int = 32,
    discriminator_dropout: float = 0.25,
    inverse_temperature: float = 100.0,
    temperature_steps: int = 5000,
    likelihood_weight: float = 0.0,
    pretraining_epochs: int = 50,
    patience: int = 1,
    pretraining_learning_rate: float = 1e-2,
    learning_rate: float = 1e-4,
    discriminator_learning_rate: float = 1e-4,
    critic_steps: int = 1,
    ema: float | None = None,
    seed: int | None = None,
) -> "RelGAN":
    """Build and compile RelGAN.

    Args:
        vocabulary_size: Integer, number of tokens. Defaults to 5,000.
        length: Integer, tokens per sequence. Defaults to 20.
        ends: Boolean, whether token 0 ends a sequence. Defaults to True.
        num_classes: Integer, number of classes, for text of a given class. None (default) for no classes.
        context_length: Integer, tokens of a context that sequences answer or continue. Defaults to 0, for none.
        embedding_dim: Integer, length of the generator's token vectors. Defaults to 32.
        slots: Integer, vectors in the generator's memory. Defaults to 1.
        heads: Integer, attention heads of the memory. Defaults to 2.
        head_size: Integer, length of a head. Defaults to 32; the paper has 256.
        dropout: Float, dropout rate of the memory's inputs and outputs. Defaults to 0.
        representations: Integer, number of views that the discriminator has of a sequence. Defaults to 8; the paper has 64.
        representation_dim: Integer, length of a token vector in each view. Defaults to 8; the paper has 1.
        filters: Integer, filters of each of the discriminator's four widths. Defaults to 32; the paper has 300.
        discriminator_dropout: Float, dropout rate of the discriminator. Defaults to 0.25.
        inverse_temperature: Float, final inverse temperature of the relaxation. Defaults to 100.
        temperature_steps: Integer, adversarial steps until it is reached. Defaults to 5,000.
        likelihood_weight: Float, weight of the negative log-likelihood of real text in the generator's loss. Defaults to 0.
        pretraining_epochs: Integer, maximum number of pretraining epochs (maximum likelihood). Defaults to 50.
        patience: Integer, epochs without improvement on held-out text after which pretraining ends. Defaults to 1.
        pretraining_learning_rate: Float, Adam learning rate of the generator in pretraining. Defaults to 1e-2.
        learning_rate: Float, Adam learning rate of the generator in adversarial training. Defaults to 1e-4.
        discriminator_learning_rate: Float, Adam learning rate of the discriminator. Defaults to 1e-4.
        critic_steps: Integer, number of discriminator updates per generator update. Defaults to 1; the paper has 5.
        ema: Float, decay of the generator's moving average, such as 0.999; None (default) for no average.
        seed: Integer seed for the training noise; None (default) picks a random one. Initial weights depend on
            `keras.utils.set_random_seed`.

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
        build_generator(
            vocabulary_size, length, embedding_dim, slots, heads, head_size, dropout, ends, num_classes, context_length
        ),
        build_discriminator(
            vocabulary_size,
            length,
            representations,
            representation_dim,
            filters,
            discriminator_dropout,
            num_classes,
            context_length,
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
