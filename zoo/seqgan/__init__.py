"""SeqGAN (Yu et al. 2017): a writer of text that learns from a discriminator's verdicts by policy gradients."""

from keras_gans.registry import register_model


@register_model(
    "seqgan",
    medium="text",
    summary="Writes text with an LSTM that learns from rewards.",
    paper="Yu et al. 2017, SeqGAN: Sequence Generative Adversarial Nets with Policy Gradient, arXiv:1609.05473",
    parameters=1_224_841,
)
def seqgan(
    vocabulary_size=5000,
    length=20,
    ends: bool = True,
    num_classes=None,
    embedding_dim=32,
    units=32,
    dropout=0.0,
    discriminator="cnn",
    discriminator_dim=64,
    filters=0.25,
    discriminator_dropout=0.25,
    l2=0.2,
    rollouts=4,
    discount=0.9,
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
    """Builds SeqGAN, compiled.

    Args:
        vocabulary_size: How many tokens there are.
        length: Tokens of a sequence.
        ends: Whether the token 0 ends a sequence.
        num_classes: How many classes there are, where text of a class is asked for.
        embedding_dim: Length of the generator's vector of a token.
        units: Of the generator's LSTM.
        dropout: Of its inputs and outputs.
        discriminator: `"cnn"`, which judges whole sequences, or `"lstm"`, which judges them up to each token: then there are no
            rollouts.
        discriminator_dim: Length of the discriminator's vector of a token.
        filters: How many filters (or units) the discriminator has, as a share of the paper's 1,720 (of 64).
        discriminator_dropout: The share of features left out.
        l2: Weight of the squared weights of the discriminator's last layer.
        rollouts: Completions by which a token is judged.
        discount: Of later verdicts, with `"lstm"`.
        likelihood_weight: Of the real text's negative log-likelihood beside the rewards.
        pretraining_epochs: The most epochs of maximum likelihood.
        patience: Such epochs without progress on held-out text, after which it ends.
        pretraining_learning_rate: Of Adam meanwhile.
        learning_rate: Of the generator's Adam, later.
        discriminator_learning_rate: Of the discriminator's.
        critic_steps: Updates of the discriminator for each of the generator.
        ema: Decay of the generator's moving average, or None.
        seed: Of all noise in training; initial weights follow `keras.utils.set_random_seed`.

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
        build_generator(vocabulary_size, length, embedding_dim, units, dropout, ends, num_classes),
        build_discriminator(
            discriminator, vocabulary_size, length, discriminator_dim, filters, discriminator_dropout, l2, num_classes
        ),
        seed,
        Pretraining(pretraining_epochs, patience, pretraining_learning_rate, learning_rate),
        rollouts,
        discount,
        likelihood_weight,
    )
    # Gradients of recurrent networks now and then explode; the authors' code clips them at 5.
    model.compile(
        keras.optimizers.Adam(learning_rate, clipnorm=5.0),
        keras.optimizers.Adam(discriminator_learning_rate),
        critic_steps=critic_steps,
        ema=ema,
    )
    return model
