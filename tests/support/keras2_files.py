"""Makes the files in tests/keras_gans/keras2/saved.zip with Keras 2, in an environment of its own.

    python -m venv keras2 && keras2/bin/pip install "tensorflow==2.15.*"
    keras2/bin/python tests/support/keras2_files.py tests/keras_gans/keras2/saved.zip

The networks are those of common tutorials, smaller, with random weights and statistics. `outputs.npz` holds what Keras 2
computed.
"""

import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import tensorflow as tf

keras, layers = tf.keras, tf.keras.layers


def dcgan():
    """The generator of TensorFlow's DCGAN tutorial."""
    return keras.Sequential(
        [
            layers.Dense(4 * 4 * 6, use_bias=False, input_shape=(10,)),
            layers.BatchNormalization(),
            layers.LeakyReLU(),
            layers.Reshape((4, 4, 6)),
            layers.Conv2DTranspose(4, (5, 5), strides=(1, 1), padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.LeakyReLU(alpha=0.2),
            layers.Conv2DTranspose(1, (5, 5), strides=(2, 2), padding="same", use_bias=False, activation="tanh"),
        ],
        name="dcgan",
    )


def conditional():
    """A sequential model in a functional one, which takes latents and a class by number; it ends in a sigmoid."""
    body = keras.Sequential(
        [
            layers.Dense(4 * 4 * 4, activation="relu", input_dim=10),
            layers.BatchNormalization(momentum=0.8),
            layers.Reshape((4, 4, 4)),
            layers.UpSampling2D(),
            layers.Conv2D(4, kernel_size=3, padding="same"),
            layers.Activation("relu"),
            layers.Dropout(0.3),
            layers.Conv2D(1, kernel_size=3, padding="same", activation="sigmoid"),
        ]
    )
    latents, label = layers.Input(shape=(10,)), layers.Input(shape=(1,), dtype="int32")
    embedded = layers.Flatten()(layers.Embedding(5, 10)(label))
    return keras.Model([latents, label], body(layers.multiply([latents, embedded])))


def one_hot():
    """A functional model that takes latents and a one-hot class, with names that Keras 3 refuses."""
    latents, label = layers.Input(shape=(10,), name="noise/in"), layers.Input(shape=(3,), name="class/in")
    x = layers.Dense(16, activation="tanh", kernel_regularizer="l2")(layers.concatenate([latents, label]))
    return keras.Model([latents, label], layers.Reshape((4, 4, 1))(x))


def discriminator():
    """The discriminator of the same tutorial, with a sigmoid at its end."""
    return keras.Sequential(
        [
            layers.Conv2D(4, (5, 5), strides=(2, 2), padding="same", input_shape=(8, 8, 1)),
            layers.LeakyReLU(),
            layers.Dropout(0.3),
            layers.Flatten(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def activations():
    """Every activation that is imported."""
    names = (
        "elu",
        "exponential",
        "gelu",
        "linear",
        "relu",
        "selu",
        "sigmoid",
        "softmax",
        "softplus",
        "softsign",
        "swish",
        "tanh",
    )
    latents = layers.Input(shape=(10,))
    of_tensorflow = (tf.nn.leaky_relu, tf.nn.relu6, layers.LeakyReLU(0.1))
    return keras.Model(latents, layers.concatenate([layers.Dense(4, each)(latents) for each in (*names, *of_tensorflow)]))


def one_dimension():
    """Layers of sequences."""
    latents = layers.Input(shape=(10,))
    x = layers.Reshape((10, 1))(latents)
    x = layers.Conv1D(4, 3, padding="causal", dilation_rate=2)(x)
    x = layers.Cropping1D(1)(layers.ZeroPadding1D(2)(layers.UpSampling1D(2)(x)))
    x = layers.AveragePooling1D(2, 1, "same")(layers.MaxPooling1D()(x))
    x = layers.SeparableConv1D(4, 3, depth_multiplier=2)(layers.SpatialDropout1D(0.2)(x))
    x = layers.Conv1DTranspose(3, 4, 2, "same")(layers.DepthwiseConv1D(3, depth_multiplier=2)(x))
    x = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(x)
    x = layers.TimeDistributed(layers.Dense(3))(layers.SimpleRNN(4, return_sequences=True)(x))
    x = layers.Bidirectional(layers.GRU(3, return_sequences=True, reset_after=False), merge_mode="sum")(x)
    x = layers.GRU(3, return_sequences=True)(x)
    ends = layers.Dense(5)(layers.RepeatVector(2)(layers.GlobalMaxPooling1D()(x)))
    return keras.Model(latents, layers.concatenate([layers.Flatten()(ends), layers.GlobalAveragePooling1D()(x)]))


def two_dimensions():
    """Layers of images, and those that merge several tensors."""
    latents = layers.Input(shape=(10,))
    x = layers.Permute((2, 1, 3))(layers.Reshape((4, 4, 3))(layers.Dense(48)(latents)))
    x = layers.Conv2DTranspose(4, 3, 2, "valid", output_padding=1)(x)
    x = layers.UpSampling2D((2, 1), interpolation="bilinear")(layers.GroupNormalization(2)(x))
    x = layers.AveragePooling2D(2, 1, "same")(layers.MaxPooling2D((2, 1))(x))
    x = layers.Cropping2D(1)(layers.ZeroPadding2D(((1, 2), (2, 1)))(x))
    x = layers.ReLU(max_value=2.0, negative_slope=0.1, threshold=0.2)(layers.ELU(0.5)(x))
    x = layers.PReLU(shared_axes=[1, 2])(layers.Rescaling(2.0, -0.5)(layers.Softmax()(x)))
    x = layers.LayerNormalization(axis=[1, 2])(layers.GaussianNoise(0.1)(layers.GaussianDropout(0.1)(x)))
    x = layers.DepthwiseConv2D(3)(layers.SeparableConv2D(4, 3, strides=2)(layers.SpatialDropout2D(0.1)(x)))
    x = layers.UnitNormalization()(layers.BatchNormalization(axis=1, scale=False)(x))
    a, b = layers.Conv2D(4, 1)(x), layers.Conv2D(4, 1, groups=2)(x)
    merged = [
        layer([a, b]) for layer in (layers.Average(), layers.Maximum(), layers.Minimum(), layers.Subtract(), layers.Add())
    ]
    angle = layers.Dot(axes=1, normalize=True)([layers.Flatten()(a), layers.Flatten()(b)])
    ends = [layers.GlobalAveragePooling2D()(x), layers.GlobalMaxPooling2D()(x), angle]
    return keras.Model(latents, layers.concatenate([layers.Flatten()(layers.Concatenate(axis=1)(merged)), *ends]))


def three_dimensions():
    """Layers of clips."""
    latents = layers.Input(shape=(10,))
    x = layers.Conv3D(2, 3, padding="same")(layers.Reshape((4, 4, 4, 1))(layers.Dense(64)(latents)))
    x = layers.MaxPooling3D()(layers.UpSampling3D()(x))
    x = layers.Cropping3D(1)(layers.SpatialDropout3D(0.1)(layers.Conv3DTranspose(2, 4, 2, "same")(x)))
    x = layers.AveragePooling3D()(layers.ZeroPadding3D(1)(x))
    return keras.Model(latents, layers.concatenate([layers.GlobalAveragePooling3D()(x), layers.GlobalMaxPooling3D()(x)]))


def shared():
    """Layers and models that are called twice, parts that are not trained, and a branch."""
    inner_input, twice = layers.Input(shape=(10,)), layers.Dense(10, "tanh")
    first = twice(inner_input)
    branches = [layers.BatchNormalization()(layers.Dense(10)(first)), layers.Dense(10)(inner_input)]
    inner = keras.Model(inner_input, [layers.add(branches), twice(branches[0])])
    inner.layers[1].trainable = False
    head = keras.Sequential([layers.Dense(3, input_shape=(10,)), layers.BatchNormalization()])
    head.trainable = False
    latents = layers.Input(shape=(10,))
    one, other = inner(latents)
    again, last = inner(layers.add([one, other]))
    return keras.Model(latents, layers.concatenate([head(again), head(last), other]))


def code():
    """A generator with a layer of code."""
    return keras.Sequential([layers.Dense(4, input_shape=(10,)), layers.Lambda(lambda x: x * 2.0)])


def function():
    """A generator that applies functions of TensorFlow to tensors."""
    latents = layers.Input(shape=(10,))
    return keras.Model(latents, tf.nn.tanh(layers.Dense(4)(latents) * 2.0))


def in_training():
    """A generator whose batch normalisation always normalises by the batch."""
    latents = layers.Input(shape=(10,))
    return keras.Model(latents, layers.BatchNormalization()(layers.Dense(4)(latents), training=True))


def translation():
    """A generator that maps images of any size to images, with a skip connection."""
    images = layers.Input(shape=(None, None, 3))
    x = layers.LeakyReLU(0.2)(layers.Conv2D(4, 4, strides=2, padding="same")(images))
    x = layers.BatchNormalization()(layers.UpSampling2D()(x))
    return keras.Model(images, layers.Conv2D(3, 3, padding="same", activation="tanh")(layers.concatenate([x, images])))


def randomize(network, rng):
    """Gives weights and statistics values that a forgotten or exchanged one would betray."""
    for weight in network.weights:
        low = 0.5 if "variance" in weight.name else -0.5
        weight.assign(np.round(rng.uniform(low, 1.0, weight.shape), 2).astype("float32"))


def main():
    rng, outputs = np.random.default_rng(0), {}
    latents, images = rng.standard_normal((3, 10), "float32"), rng.standard_normal((3, 8, 8, 1), "float32")
    numbers, pictures = np.array([[0], [4], [2]], "int32"), np.float32(rng.uniform(-1.0, 1.0, (3, 8, 8, 3)))
    inputs = {
        dcgan: latents,
        conditional: [latents, numbers],
        one_hot: [latents, np.eye(3, dtype="float32")],
        discriminator: images,
        **dict.fromkeys((activations, one_dimension, two_dimensions, three_dimensions, shared), latents),
        **dict.fromkeys((code, function, in_training), latents),
        translation: pictures,
    }
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as archive:
        for build, given in inputs.items():
            keras.backend.clear_session()
            network = build()
            randomize(network, rng)
            outputs[build.__name__] = network.predict(given, verbose=0)
            network.save(f"{folder}/{build.__name__}.h5")
        np.savez(f"{folder}/outputs.npz", latents=latents, images=images, numbers=numbers, pictures=pictures, **outputs)
        for path in sorted(Path(folder).iterdir()):
            archive.write(path, path.name)


if __name__ == "__main__":
    main()
