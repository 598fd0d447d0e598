"""A model of waveforms: one-dimensional convolutions."""

from keras_gans import register_model


@register_model("tiny_wave_gan", medium="waveforms", summary="Sounds by one-dimensional convolutions.")
def tiny_wave_gan(samples=256, sample_rate=8000, latent_dim=8, width=8, learning_rate=1e-3, ema=None, seed=None):
    """Builds the model, compiled."""
    import keras
    from keras import layers

    from keras_gans import GAN
    from waves.medium import Waveforms

    latents = keras.Input((latent_dim,), name="latents")
    x = layers.Reshape((samples // 16, width))(layers.Dense(samples // 16 * width, "relu")(latents))
    x = layers.Conv1DTranspose(width, 8, 4, "same", activation="relu")(x)
    x = layers.Conv1DTranspose(1, 8, 4, "same", activation="tanh", dtype="float32")(x)
    generator = keras.Model(latents, x, name="generator")
    sounds = keras.Input((samples, 1), name="sounds")
    x = layers.LeakyReLU(0.2)(layers.Conv1D(width, 8, 4, "same")(sounds))
    x = layers.LeakyReLU(0.2)(layers.Conv1D(2 * width, 8, 4, "same")(x))
    discriminator = keras.Model(sounds, layers.Dense(1, dtype="float32")(layers.Flatten()(x)), name="discriminator")
    model = GAN(generator, discriminator, seed, medium=Waveforms((samples, 1), sample_rate))
    model.compile(*(keras.optimizers.Adam(learning_rate, beta_1=0.5) for _ in range(2)), ema=ema)
    return model
