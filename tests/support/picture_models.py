"""Models from images to images whose output is known exactly."""

from pathlib import Path

import keras
import numpy as np
from keras import layers

import keras_gans
from keras_gans.conditions import Images


def _discriminator(channels):
    return keras.Sequential([keras.Input((None, None, channels)), layers.Conv2D(1, 1)])


def _mixing(x, kernel, bias=0.0, name=None):
    """A 1x1 convolution by a known kernel."""
    layer = layers.Conv2D(kernel.shape[1], 1, name=name)
    made = layer(x)
    layer.set_weights([kernel[None, None].astype("float32"), np.full(kernel.shape[1], bias, "float32")])
    return made


def doubling(channels=3, seed=None) -> "keras_gans.ImageToImage":
    """Each pixel becomes four."""
    images = keras.Input((None, None, channels), name="images")
    generator = keras.Model(images, layers.UpSampling2D(2)(_mixing(images, np.eye(channels))))
    return _compiled(keras_gans.ImageToImage(generator, _discriminator(channels), seed))


def negating(channels=3, whole=False, side=None, far=0, seed=None) -> "keras_gans.ImageToImage":
    """Each pixel becomes its negative; `whole` adds a layer that sees everything, and `far` one that sees so far."""
    images = keras.Input((side, side, channels), name="images")
    x = _mixing(images, -np.eye(channels))
    if whole:
        x = x + 0.0 * layers.GlobalAveragePooling2D(keepdims=True, name="pool")(x)
    if far:
        x = x + 0.0 * layers.DepthwiseConv2D(2 * far + 1, padding="same")(x)
    return _compiled(keras_gans.ImageToImage(keras.Model(images, x), _discriminator(channels), seed))


def whitening(seed=None) -> "keras_gans.ImageToImage":
    """All pixels become white, inside the mask and outside."""
    images, masks = keras.Input((None, None, 3), name="images"), keras.Input((None, None, 1), name="masks")
    x = _mixing(layers.Concatenate()([images, masks]), np.zeros((4, 3)), bias=1.0)
    conditions = {"images": Images((None, None, 3)), "masks": Images((None, None, 1))}
    model = keras_gans.ImageToImage(keras.Model([images, masks], x), _discriminator(3), seed, conditions=conditions)
    return _compiled(model)


def _compiled(model):
    model.compile(keras.optimizers.Adam(1e-3), keras.optimizers.Adam(1e-3))
    return model


NAMES = ("doubling", "negating", "whitening")

# The module of a package with a model for each name. A builder lies in the module that registers it.
PACKAGE = "from keras_gans import register_model\nfrom tests.support import picture_models\n\n\n" + "\n\n".join(
    f"@register_model('tiny_{name}', summary='For tests.')\n"
    f"def tiny_{name}(seed=None):\n    return picture_models.{name}(seed=seed)\n"
    for name in NAMES
)


def write_package(folder):
    """Writes a package that registers these models, to be put into `PYTHONPATH`."""
    folder = Path(folder)
    info = folder / "tiny_pictures-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / "tiny_pictures.py").write_text(PACKAGE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tiny_pictures\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[keras_gans.zoo]\n" + "".join(f"tiny_{name} = tiny_pictures\n" for name in NAMES))


def save_presets(folder):
    """Saves a preset of each model, named after it, in a folder."""
    for name in NAMES:
        keras_gans.save_preset(keras_gans.create_model(f"tiny_{name}"), Path(folder, name), description="for tests")
