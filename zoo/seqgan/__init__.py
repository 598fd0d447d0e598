"""SeqGAN (Yu et al. 2017): a text model that learns from the scores of a discriminator, by policy gradients."""

from typing import TYPE_CHECKING

from keras_gans.registry import register_model

if TYPE_CHECKING:
    from keras_gans import SeqGAN


@register_model(
    "seqgan",
    medium="text",
    summary="Text model: an LSTM that learns from rewards.",
    paper="Yu et al. 2017, SeqGAN: Sequence Generative Adversarial Nets with Policy Gradient, arXiv:1609.05473",
    parameters=1_224_841,
)
def seqgan(
    vocabulary_size: int = 5000,
    length: int = 20,
    ends: bool = True,
    num_classes: int | None = None,
    context_length: int = 0,
    embedding_dim: int = 32,
    units: int = 32,
    dropout: float = 0.0,
    discriminator: str = "cnn",
    discriminator_dim: int = 64,
    filters: float = 0.25,
    discriminator_dropout: float = 0.25,
    l2: float = 0.2,
    rollouts: int = 4,
    discount: float = 0.9,
    likelihood_weight: float = 0.0,
    pretraining_epochs: int = 50,
    patience: int = 1,
    pretraining_learning_rate: float = 1e-2,
    learning_rate: float = 1e-4,
    discriminator_learning_rate: float = 1e-4,
    critic_steps: int = 1,
    ema: float | None = None,
    seed: int | None = None,
) -> "SeqGAN":
    """Build and compile SeqGAN.

    Args:
        vocabulary_size: Integer, number of tokens. Defaults to 5,000.
        length: Integer, tokens per sequence. Defaults to 20.
        ends: Boolean, whether token 0 ends a sequence. Defaults to True.
        num_classes: Integer, number of classes, for text of a given class. None (default) for no classes.
        context_length: Integer, tokens of a context that sequences answer or continue. Defaults to 0, for none.
        embedding_dim: Integer, length of the generator's token vectors. Defaults to 32.
        units: Integer, units of the generator's LSTM. Defaults to 32.
        dropout: Float, dropout rate of the LSTM's inputs and outputs. Defaults to 0.
        discriminator: String: `"cnn"` (default) scores whole sequences; `"lstm"` scores the sequence up to each token, without
            rollouts.
        discriminator_dim: Integer, length of the discriminator's token vectors. Defaults to 64.
        filters: Float, number of filters of the discriminator as a share of the paper's 1,720 (for `"lstm"`, units as a share
            of 64). Defaults to 0.25.
        discriminator_dropout: Float, dropout rate of the discriminator. Defaults to 0.25.
        l2: Float, weight of the L2 penalty on the discriminator's last layer. Defaults to 0.2.
        rollouts: Integer, completions by which each token is scored, with `"cnn"`. Defaults to 4.
        discount: Float, discount of later scores, in [0, 1], with `"lstm"`. Defaults to 0.9.
        likelihood_weight: Float, weight of the negative log-likelihood of real text in the generator's loss. Defaults to 0.
        pretraining_epochs: Integer, maximum number of pretraining epochs (maximum likelihood). Defaults to 50.
        patience: Integer, epochs without improvement on held-out text after which pretraining ends. Defaults to 1.
        pretraining_learning_rate: Float, Adam learning rate of the generator in pretraining. Defaults to 1e-2.
        learning_rate: Float, Adam learning rate of the generator in adversarial training. Defaults to 1e-4.
        discriminator_learning_rate: Float, Adam learning rate of the discriminator. Defaults to 1e-4.
        critic_steps: Integer, number of discriminator updates per generator update. Defaults to 1.
        ema: Float, decay of the generator's moving average, such as 0.999; None (default) for no average.
        seed: Integer seed for the training noise; None (default) picks a random one. Initial weights depend on
            `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.SeqGAN`.

    Raises:
        ValueError: If a value is out of range.
    """
    import keras

    from keras_gans import Pretraining, SeqGAN
    from keras_gans.errors import no_such

    from .networks import build_discriminator, build_generator

    if discriminator not in ("cnn", "lstm"):
        raise ValueError(no_such("discriminator", discriminator, ["cnn", "lstm"]))
    model = SeqGAN(
        build_generator(vocabulary_size, length, embedding_dim, units, dropout, ends, num_classes, context_length),
        build_discriminator(
            discriminator,
            vocabulary_size,
            length,
            discriminator_dim,
            filters,
            discriminator_dropout,
            l2,
            num_classes,
            context_length,
        ),
        seed,
        Pretraining(pretraining_epochs, patience, pretraining_learning_rate, learning_rate),
        rollouts,
        discount,
        likelihood_weight,
    )
    # Gradients of recurrent networks sometimes explode; the authors' code clips them at 5.
    model.compile(
        keras.optimizers.Adam(learning_rate, clipnorm=5.0),
        keras.optimizers.Adam(discriminator_learning_rate),
        critic_steps=critic_steps,
        ema=ema,
    )
    return model
