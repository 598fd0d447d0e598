"""A transformer as a text model that learns from a discriminator, by policy gradients or through relaxed tokens."""

from typing import TYPE_CHECKING

from keras_gans.registry import register_model

if TYPE_CHECKING:
    from keras_gans import RelGAN, SeqGAN

_LEARNING = ["policy", "relaxed"]
_DISCRIMINATORS = ["transformer", "cnn"]


@register_model(
    "transformer_gan",
    medium="text",
    summary="Text model: a transformer that learns from a score for each token.",
    paper="after de Masson d'Autume et al. 2019, Training Language GANs from Scratch, arXiv:1905.09922",
    parameters=599_817,
)
def transformer_gan(
    vocabulary_size: int = 5000,
    length: int = 20,
    ends: bool = True,
    num_classes: int | None = None,
    context_length: int = 0,
    width: int = 64,
    depth: int = 2,
    heads: int = 4,
    dropout: float = 0.1,
    learning: str = "policy",
    discriminator: str = "transformer",
    discriminator_width: int = 32,
    discriminator_depth: int = 1,
    discriminator_heads: int = 2,
    discriminator_dropout: float = 0.25,
    filters: float = 0.25,
    rollouts: int = 1,
    discount: float = 0.9,
    inverse_temperature: float = 100.0,
    temperature_steps: int = 5000,
    likelihood_weight: float = 0.0,
    pretraining_epochs: int = 50,
    patience: int = 1,
    pretraining_learning_rate: float = 2e-3,
    learning_rate: float = 1e-4,
    discriminator_learning_rate: float = 1e-4,
    critic_steps: int = 1,
    ema: float | None = None,
    seed: int | None = None,
) -> "RelGAN | SeqGAN":
    """Build and compile the transformer GAN.

    Args:
        vocabulary_size: Integer, number of tokens. Defaults to 5,000.
        length: Integer, tokens per sequence. Defaults to 20.
        ends: Boolean, whether token 0 ends a sequence. Defaults to True.
        num_classes: Integer, number of classes, for text of a given class. None (default) for no classes.
        context_length: Integer, tokens of a context that sequences answer or continue. Defaults to 0, for none.
        width: Integer, length of the generator's token vectors. Defaults to 64.
        depth: Integer, number of the generator's blocks. Defaults to 2.
        heads: Integer, attention heads of each block. Defaults to 4.
        dropout: Float, dropout rate of the blocks and their inputs. Defaults to 0.1.
        learning: String: `"policy"` (default) for policy gradients, or `"relaxed"` for the Gumbel-softmax with a relativistic
            loss.
        discriminator: String: `"transformer"` (default) scores the sequence up to each token; `"cnn"` scores whole sequences.
        discriminator_width: Integer, length of the discriminator's token vectors. Defaults to 32.
        discriminator_depth: Integer, blocks of the `"transformer"` discriminator. Defaults to 1.
        discriminator_heads: Integer, attention heads of each of its blocks. Defaults to 2.
        discriminator_dropout: Float, dropout rate of the discriminator. Defaults to 0.25.
        filters: Float, number of filters of the `"cnn"` discriminator as a share of SeqGAN's. Defaults to 0.25.
        rollouts: Integer, completions by which each token is scored, with `"policy"` and `"cnn"`. Defaults to 1.
        discount: Float, discount of later scores, in [0, 1], with `"policy"` and `"transformer"`. Defaults to 0.9.
        inverse_temperature: Float, final inverse temperature of the relaxation. Defaults to 100.
        temperature_steps: Integer, adversarial steps until it is reached. Defaults to 5,000.
        likelihood_weight: Float, weight of the negative log-likelihood of real text in the generator's loss. Defaults to 0.
        pretraining_epochs: Integer, maximum number of pretraining epochs (maximum likelihood). Defaults to 50.
        patience: Integer, epochs without improvement on held-out text after which pretraining ends. Defaults to 1.
        pretraining_learning_rate: Float, Adam learning rate of the generator in pretraining. Defaults to 2e-3.
        learning_rate: Float, Adam learning rate of the generator in adversarial training. Defaults to 1e-4.
        discriminator_learning_rate: Float, Adam learning rate of the discriminator. Defaults to 1e-4.
        critic_steps: Integer, number of discriminator updates per generator update. Defaults to 1.
        ema: Float, decay of the generator's moving average, such as 0.999; None (default) for no average.
        seed: Integer seed for the training noise; None (default) picks a random one. Initial weights depend on
            `keras.utils.set_random_seed`.

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

    for argument, value, choices in (("learning", learning, _LEARNING), ("discriminator", discriminator, _DISCRIMINATORS)):
        if value not in choices:
            raise ValueError(no_such(argument, value, choices))
    networks = (
        build_generator(vocabulary_size, length, width, depth, heads, dropout, ends, num_classes, context_length),
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
            context_length,
        ),
    )
    pretraining = Pretraining(pretraining_epochs, patience, pretraining_learning_rate, learning_rate)
    model: RelGAN | SeqGAN
    if learning == "policy":
        model = SeqGAN(*networks, seed, pretraining, rollouts, discount, likelihood_weight)
    else:
        rise = InverseTemperature(inverse_temperature, temperature_steps)
        model = RelGAN(*networks, seed, pretraining, rise, likelihood_weight)
    model.compile(
        keras.optimizers.Adam(learning_rate, clipnorm=5.0),
        keras.optimizers.Adam(discriminator_learning_rate, clipnorm=5.0),
        critic_steps=critic_steps,
        ema=ema,
    )
    return model
