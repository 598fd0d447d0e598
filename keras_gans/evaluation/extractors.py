"""Feature extractors: what turns images into the vectors that distances are measured between. Every result names its own."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import math
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from keras_gans.errors import no_such
from keras_gans.evaluation import networks
from keras_gans.files import read_object, sha256
from keras_gans.media import infer
from keras_gans.media.pictures import as_pillow

_WEIGHTS = Path(__file__).parent / "weights"

# What 8-bit pixels are divided by, and what is then taken away, for the range a network takes.
_SCALES = {"0..255": (1.0, 0.0), "0..1": (255.0, 0.0), "-1..1": (127.5, 1.0)}

# Networks see blocks of this many images, the last one filled up: what they return for an image does not depend on how many
# the caller has.
_BLOCK = 250


@dataclasses.dataclass(frozen=True)
class Features:
    """Features of some samples.

    Attributes:
        values: float32 of shape `(n, d)`.
        probabilities: Probability of each class, float64 of shape `(n, classes)`; None if the extractor does not classify.
    """

    values: np.ndarray
    probabilities: np.ndarray | None = None

    def __len__(self):
        return len(self.values)

    @staticmethod
    def join(parts: Iterable[Features]) -> Features:
        """Returns several as one."""
        parts = list(parts)
        probabilities = [part.probabilities for part in parts]
        joined = None if probabilities[0] is None else np.concatenate(probabilities)
        return Features(np.concatenate([part.values for part in parts]), joined)


class Extractor:
    """Maps samples to `Features`.

    Attributes:
        name: Part of every result's protocol.
        sha256: SHA-256 of what determines the features: no cache or result of another extractor is taken for its own.
        image_shape: Height, width and channels that its network takes; None where samples stay as they are.
        resize: How images of another size are brought to that.
        classes: How many classes it tells apart; 0 where it tells none.
        takes_floats: Whether it takes samples of any medium as floats, not images as files hold them.
    """

    image_shape = None
    resize = "none"
    classes = 0
    takes_floats = False

    def __init__(self, name, digest):
        self.name = name
        self.sha256 = digest

    def __call__(self, samples) -> Features:
        """Returns the features of samples.

        Args:
            samples: uint8 images of shape `(n, height, width, 1 or 3)`; floats of any shape for `pixels`.

        Raises:
            ValueError: If the extractor does not fit them.
        """
        samples = np.asarray(samples)
        self.check(samples.shape[1:])
        if samples.dtype != np.uint8:
            raise ValueError(
                f"{self.name} takes uint8 images; received {samples.dtype}: see keras_gans.media.pictures.to_uint8."
            )
        blocks = [self._block(samples[start : start + _BLOCK]) for start in range(0, len(samples), _BLOCK)]
        return Features.join(blocks)

    def check(self, shape: tuple[int, ...]) -> None:
        """Raises ValueError if the extractor does not take samples of this shape, without the batch."""
        if not infer(shape).pixels:
            raise ValueError(f"{self.name} takes images, height x width x 1 or 3; received samples of shape {tuple(shape)}.")
        if self.image_shape[-1] == 1 and shape[-1] == 3:
            raise ValueError(f"{self.name} takes grey images only, and these have colours: use color32 or inception_v3.")

    def resize_for(self, shape: tuple[int, ...]) -> str:
        """Returns how images of a shape are brought to the network's: part of a result's protocol."""
        steps = [] if tuple(shape[:2]) == tuple(self.image_shape[:2]) else [self.resize]
        return ", ".join([*steps, "grey repeated in three channels"] if shape[-1] < self.image_shape[-1] else steps) or "none"

    def _block(self, images):
        count = len(images)
        images = _fit(images, self.image_shape)
        if count < _BLOCK:
            images = np.concatenate([images, np.repeat(images[-1:], _BLOCK - count, axis=0)])
        values, probabilities = self.compute(images)
        values = np.asarray(values, "float32").reshape(_BLOCK, -1)[:count]
        return Features(values, None if probabilities is None else np.asarray(probabilities, "float64")[:count])

    def compute(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Returns features and class probabilities (or None) of uint8 images of the network's own shape."""
        raise NotImplementedError


def _fit(images, shape):
    """Resizes uint8 images, without cutting, and repeats grey where colours are wanted."""
    height, width, channels = shape
    if images.shape[1:3] != (height, width):
        # Pillow widens the filter when it makes images smaller, which is what antialiasing means.
        pictures = [as_pillow(image).resize((width, height), Image.Resampling.BICUBIC) for image in images]
        images = np.stack([np.asarray(picture) for picture in pictures]).reshape(len(images), height, width, -1)
    return images if images.shape[-1] == channels else images.repeat(channels, axis=-1)


def _softmax(logits):
    logits = np.asarray(logits, "float64")
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


class Bundled(Extractor):
    """A small network that comes with the library: `digits28` (MNIST) or `color32` (CIFAR-10).

    Raises:
        ValueError: If its weights are not those its facts describe.
    """

    resize = "Pillow bicubic, antialiased"

    def __init__(self, name):
        self.facts = read_object(_WEIGHTS / f"{name}.json")
        file = _WEIGHTS / f"{name}.npz"
        digest = sha256(file)
        if digest != self.facts["sha256"]:
            raise ValueError(f"{file} is damaged: its SHA-256 should be {self.facts['sha256']}. Install keras_gans anew.")
        super().__init__(name, digest)
        self._architecture = networks.ARCHITECTURES[name]
        self.image_shape, self.classes = self._architecture.image_shape, self._architecture.classes
        with np.load(file, allow_pickle=False) as weights:
            self._weights = [weights[key].astype("float32") for key in sorted(weights.files)]

    def compute(self, images):
        images = images.astype("float32") / 127.5 - 1
        features, logits = networks.compute(images, self._weights, self._architecture.strides)
        return np.asarray(features), _softmax(logits)


class Pixels(Extractor):
    """Samples themselves, flattened: for points, and to see what the other extractors add. Images count in [-1, 1]."""

    takes_floats = True

    def __init__(self):
        super().__init__("pixels", "none")

    def __call__(self, samples):
        samples = np.asarray(samples)
        values = samples.reshape(len(samples), math.prod(samples.shape[1:])).astype("float32")
        return Features(values / 127.5 - 1 if samples.dtype == np.uint8 else values)

    def check(self, shape: tuple[int, ...]) -> None:
        pass

    def resize_for(self, shape: tuple[int, ...]) -> str:
        return "none"


class KerasExtractor(Extractor):
    """Any Keras model of images as a feature extractor.

    Args:
        model: A built `keras.Model`. It returns features, flattened here; or two outputs: features and class probabilities.
        name: What results call it.
        scale: The range its input takes: `"0..255"`, `"0..1"` or `"-1..1"`, always float32.

    Raises:
        ValueError: If the model takes no images of a fixed size, or does not return one or two outputs.

    Example:

        classifier = keras.models.load_model("classifier.keras")
        features = keras.Model(classifier.input, [classifier.layers[-2].output, classifier.output])
        extractor = keras_gans.evaluation.KerasExtractor(features, "my_classifier", scale="0..1")
    """

    resize = "Pillow bicubic, antialiased"

    def __init__(self, model, name, scale="-1..1"):
        if scale not in _SCALES:
            raise ValueError(no_such("scale", str(scale), list(_SCALES)))
        outputs = model.outputs if getattr(model, "outputs", None) else []
        shape = tuple(model.input_shape[1:]) if len(getattr(model, "inputs", None) or []) == 1 else ()
        if len(outputs) not in (1, 2) or not infer(shape).pixels or None in shape:
            raise ValueError(
                f"{name} must be a functional Keras model from images of one size (height, width, 1 or 3 channels) to features "
                "or features and class probabilities."
            )
        digest = hashlib.sha256(model.to_json().encode())
        for weight in model.get_weights():
            digest.update(np.ascontiguousarray(weight))
        digest.update(scale.encode())
        super().__init__(name, digest.hexdigest())
        self._model, self._scale = model, _SCALES[scale]
        self.image_shape = shape
        self.classes = int(outputs[1].shape[-1]) if len(outputs) == 2 else 0

    def compute(self, images):
        divisor, offset = self._scale
        outputs = self._model.predict_on_batch(images.astype("float32") / divisor - offset)
        return outputs if self.classes else (outputs, None)


def _inception_v3():
    """Inception v3 as `keras.applications` has it, downloaded when it is first used (92 MB).

    It is not the network of the published FID numbers, which is the Inception graph of 2015 (1,008 outputs, its own padding and
    resizing): values of the two cannot be compared.
    """
    import keras

    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        network = keras.applications.InceptionV3(weights="imagenet")
    except Exception as error:  # whatever the network or the disk raises
        raise OSError(
            "inception_v3 needs weights that keras.applications downloads once (92 MB, from storage.googleapis.com), and that "
            f"failed: {str(error).splitlines()[0][:160]}"
        ) from error
    finally:
        keras.config.set_dtype_policy(policy)
    features = network.get_layer("avg_pool").output
    return KerasExtractor(keras.Model(network.input, [features, network.output]), "inception_v3", scale="-1..1")


def _from_file(path):
    """A model saved by Keras, loaded without running any code that it may hold."""
    import keras

    return KerasExtractor(keras.models.load_model(path, compile=False, safe_mode=True), Path(path).name)


_NAMED = {
    "digits28": functools.partial(Bundled, "digits28"),
    "color32": functools.partial(Bundled, "color32"),
    "inception_v3": _inception_v3,
    "pixels": Pixels,
}


@functools.cache
def _named(name):
    return _NAMED[name]()


def get_extractor(extractor) -> Extractor:
    """Return an extractor by its name: `digits28`, `color32`, `inception_v3`, `pixels` or the path of a `.keras` file.

    Raises:
        ValueError: If there is none of that name.
    """
    if isinstance(extractor, Extractor):
        return extractor
    if extractor in _NAMED:
        return _named(extractor)
    if str(extractor).endswith(".keras") and Path(extractor).is_file():
        return _from_file(extractor)
    raise ValueError(no_such("feature extractor", str(extractor), [*_NAMED, "PATH.keras"]))


# By the channels of images.
_DEFAULTS = {1: "digits28", 3: "color32"}


def default_extractor(shape) -> str:
    """Return the name of the bundled extractor for samples of a shape: `digits28`, `color32`, or `pixels` for no images."""
    return _DEFAULTS[shape[-1]] if infer(shape).pixels else "pixels"
