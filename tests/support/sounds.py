"""Recordings and a small model of sounds for tests."""

import numpy as np
from scipy.io import wavfile

LENGTH, RATE = 512, 8000


def tones(n, length=LENGTH, seed=0):
    """Returns tones of different pitch and loudness, int16 `(n, length, 1)`."""
    rng = np.random.default_rng(seed)
    pitch, loudness = rng.uniform(200, 2000, (n, 1)), rng.uniform(0.3, 0.9, (n, 1))
    waves = loudness * np.sin(2 * np.pi * pitch * np.arange(length) / RATE)
    return np.rint(waves * 32767).astype("int16")[..., None]


def write_digits(folder, per_speaker=4, digits=3, speakers=("ann", "bob"), length=LENGTH):
    """Writes recordings named `{digit}_{speaker}_{index}.wav`, of different lengths, all at least half of `length`."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    for digit in range(digits):
        for number, speaker in enumerate(speakers):
            for index in range(per_speaker):
                seconds = np.arange(int(length * rng.uniform(0.5, 1.5))) / RATE
                wave = 0.5 * np.sin(2 * np.pi * (200 + 300 * digit + 100 * number) * seconds) + rng.normal(
                    0, 0.01, len(seconds)
                )
                wavfile.write(folder / f"{digit}_{speaker}_{index}.wav", RATE, np.rint(wave * 32767).astype("int16"))
    return folder


def tiny_sound_gan(
    length=LENGTH, sample_rate=RATE, num_classes=None, latent_dim=8, width=8, learning_rate=1e-3, ema=None, seed=None
):
    """Builds a small model of sounds, compiled; `length` is a multiple of 16."""
    import keras
    from keras import layers

    from keras_gans import GAN
    from keras_gans.media import Audio

    latents = keras.Input((8,), name="latents")
    inputs, told = latents, latents
    if num_classes:
        labels = keras.Input((), dtype="int32", name="labels")
        inputs, told = [latents, labels], layers.Concatenate()([latents, layers.Embedding(num_classes, 8)(labels)])
    x = layers.Reshape((length // 16, width))(layers.Dense(length // 16 * width, "relu")(told))
    x = layers.Conv1DTranspose(width, 8, 4, "same", activation="relu")(x)
    x = layers.Conv1DTranspose(1, 8, 4, "same", activation="tanh", dtype="float32")(x)
    generator = keras.Model(inputs, x, name="generator")
    sounds = keras.Input((length, 1), name="sounds")
    x = layers.LeakyReLU(0.2)(layers.Conv1D(width, 8, 4, "same")(sounds))
    x = layers.LeakyReLU(0.2)(layers.Conv1D(2 * width, 8, 4, "same")(x))
    x = layers.Flatten()(x)
    judged = sounds
    if num_classes:
        labels = keras.Input((), dtype="int32", name="labels")
        judged, x = [sounds, labels], layers.Concatenate()([x, layers.Embedding(num_classes, 8)(labels)])
    discriminator = keras.Model(judged, layers.Dense(1, dtype="float32")(x), name="discriminator")
    medium = Audio((length, 1), sample_rate)
    model = GAN(generator, discriminator, seed, num_classes=num_classes, medium=medium)
    model.compile(*(keras.optimizers.Adam(learning_rate, beta_1=0.5) for _ in range(2)), ema=ema)
    return model
