"""Feature extractors, which map samples to the vectors that are compared."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import math
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image

from keras_gans.errors import no_such
from keras_gans.evaluation import networks
from keras_gans.files import read_object, sha256
from keras_gans.media import Medium, infer
from keras_gans.media.pictures import as_pillow, opaque

if TYPE_CHECKING:
    import keras

_WEIGHTS = Path(__file__).parent / "weights"

# The divisor of 8-bit pixels, and the offset then subtracted, for the input range of a network.
_SCALES = {"0..255": (1.0, 0.0), "0..1": (255.0, 0.0), "-1..1": (127.5, 1.0)}

# Networks get blocks of this many images, the last of which is filled up, so the features of an image do not depend on the
# number of images.
_BLOCK = 250


@dataclasses.dataclass(frozen=True)
class Features:
    """Features of some samples.

    Attributes:
        values: float32 of shape `(n, d)`.
        probabilities: Class probabilities, float64 of shape `(n, classes)`; None if the extractor does not classify.
    """

    values: np.ndarray
    probabilities: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def predictions(self) -> np.ndarray:
        """`probabilities`, where they are needed.

        Raises:
            ValueError: If the extractor does not classify.
        """
        if self.probabilities is None:
            raise ValueError("The feature extractor does not predict classes: use digits28, color32 or inception_v3.")
        return self.probabilities

    @staticmethod
    def join(parts: Iterable[Features]) -> Features:
        """Return several `Features` as one."""
        parts = list(parts)
        probabilities = [part.probabilities for part in parts if part.probabilities is not None]
        joined = np.concatenate(probabilities) if probabilities else None
        return Features(np.concatenate([part.values for part in parts]), joined)


class Extractor:
    """Maps samples to `Features`.

    Attributes:
        name: Its name in the protocol of results.
        sha256: SHA-256 of everything that determines the features, by which caches and results tell extractors apart.
        image_shape: Height, width and channels of its network's input; None if samples stay as they are.
        resize: How images of another size are resized.
        classes: Number of classes that it predicts, or 0.
        takes_floats: Whether it takes samples of any medium as floats, instead of images as files hold them.
    """

    image_shape: tuple[int, int, int] | None = None
    resize: str = "none"
    classes: int = 0
    takes_floats: bool = False

    def __init__(self, name: str, digest: str) -> None:
        self.name = name
        self.sha256 = digest

    def __call__(self, samples: ArrayLike) -> Features:
        """Return the features of samples.

        Args:
            samples: uint8 images of shape `(n, height, width, 1, 3 or 4)`; floats of any shape for `pixels`.

        Raises:
            ValueError: If the extractor does not take such samples.
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
        """Raise ValueError if the extractor does not take samples of a shape, without the batch axis."""
        if not infer(shape).pixels:
            raise ValueError(f"{self.name} takes images, height x width x 1, 3 or 4; received samples of shape {tuple(shape)}.")
        if self._input_shape[-1] == 1 and shape[-1] > 1:
            raise ValueError(f"{self.name} takes grey images only, and these have colours: use color32 or inception_v3.")

    def for_medium(self, medium: Medium) -> Extractor:
        """Return the extractor for samples of a medium, of which it may need to know more than the array tells.

        Raises:
            ValueError: If it does not take such samples.
        """
        return self

    def resize_for(self, shape: tuple[int, ...]) -> str:
        """Return how images of a shape are brought to the network's, as the protocol says it."""
        steps = ["laid over a checkerboard"] if shape[-1] == 4 else []
        steps += [] if tuple(shape[:2]) == tuple(self._input_shape[:2]) else [self.resize]
        steps += ["grey repeated in three channels"] if shape[-1] < self._input_shape[-1] else []
        return ", ".join(steps) or "none"

    @property
    def _input_shape(self) -> tuple[int, int, int]:
        if self.image_shape is None:
            raise NotImplementedError(f"{type(self).__name__} needs image_shape, or methods of its own.")
        return self.image_shape

    def _block(self, images: np.ndarray) -> Features:
        count = len(images)
        images = _fit(images, self._input_shape)
        if count < _BLOCK:
            images = np.concatenate([images, np.repeat(images[-1:], _BLOCK - count, axis=0)])
        values, probabilities = self.compute(images)
        values = np.asarray(values, "float32").reshape(_BLOCK, -1)[:count]
        return Features(values, None if probabilities is None else np.asarray(probabilities, "float64")[:count])

    def compute(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Return features and class probabilities (or None) of uint8 images of the network's own shape."""
        raise NotImplementedError


def _fit(images: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """Return uint8 images opaque, resized, without cropping, and with grey repeated if the shape has colours."""
    height, width, channels = shape
    images = opaque(images)
    if images.shape[1:3] != (height, width):
        # Pillow widens the filter when it reduces images, which is antialiasing.
        pictures = [as_pillow(image).resize((width, height), Image.Resampling.BICUBIC) for image in images]
        images = np.stack([np.asarray(picture) for picture in pictures]).reshape(len(images), height, width, -1)
    return images if images.shape[-1] == channels else images.repeat(channels, axis=-1)


def softmax(logits: ArrayLike) -> np.ndarray:
    """Return class probabilities, float64."""
    logits = np.asarray(logits, "float64")
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def load_bundled(name: str) -> tuple[dict[str, Any], list[np.ndarray], str]:
    """Return the metadata, the weights and their SHA-256 of a network that comes with the library.

    Raises:
        ValueError: If the file of its weights is damaged.
    """
    facts, file = read_object(_WEIGHTS / f"{name}.json"), _WEIGHTS / f"{name}.npz"
    digest = sha256(file)
    if digest != facts["sha256"]:
        raise ValueError(f"{file} is damaged: its SHA-256 should be {facts['sha256']}. Reinstall keras_gans.")
    with np.load(file, allow_pickle=False) as weights:
        return facts, [weights[key].astype("float32") for key in sorted(weights.files)], digest


class Bundled(Extractor):
    """A small network that comes with the library.

    Args:
        name: `"digits28"` (trained on MNIST) or `"color32"` (trained on CIFAR-10).

    Raises:
        ValueError: If the file of its weights is damaged.
    """

    resize = "Pillow bicubic, antialiased"

    def __init__(self, name: str) -> None:
        self.facts, self._weights, digest = load_bundled(name)
        super().__init__(name, digest)
        self._architecture = networks.ARCHITECTURES[name]
        self.image_shape, self.classes = self._architecture.image_shape, self._architecture.classes

    def compute(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        images = images.astype("float32") / 127.5 - 1
        features, logits = networks.compute(images, self._weights, self._architecture.strides)
        return np.asarray(features), softmax(logits)


class ImageNet(Extractor):
    """A network trained on ImageNet, which comes with the library: see `keras_gans.imagenet`.

    Features are the 1,280 means over all positions after its last convolution. It computes in float32 under any dtype policy.

    Raises:
        ValueError: If the file of its weights is missing or damaged.
    """

    image_shape = (128, 128, 3)
    resize = "Pillow bicubic, antialiased"
    # Few enough images for the cache of a CPU.
    _PART = 25

    def __init__(self) -> None:
        from keras_gans.backend import compiled
        from keras_gans.imagenet.network import compute
        from keras_gans.imagenet.weights import SHA256, load_weights

        weights = load_weights()
        super().__init__("imagenet", SHA256)
        self._network = compiled(lambda images: compute(images, weights, (), True)[0])

    def compute(self, images: np.ndarray) -> tuple[np.ndarray, None]:
        parts = [images[start : start + self._PART] for start in range(0, len(images), self._PART)]
        return np.concatenate([np.asarray(self._network(part.astype("float32") / 127.5 - 1)) for part in parts]), None


class Pixels(Extractor):
    """The samples themselves, flattened, for points and as a baseline for the other extractors. Images are in [-1, 1]."""

    takes_floats = True

    def __init__(self) -> None:
        super().__init__("pixels", "none")

    def __call__(self, samples: ArrayLike) -> Features:
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
        model: A built `keras.Model` that returns features, which are flattened, or features and class probabilities.
        name: Its name in results.
        scale: Range of its float32 input: `"0..255"`, `"0..1"` or `"-1..1"`.

    Raises:
        ValueError: If the model does not take images of a fixed size, or return one or two outputs.

    Example:

        classifier = keras.models.load_model("classifier.keras")
        features = keras.Model(classifier.input, [classifier.layers[-2].output, classifier.output])
        extractor = keras_gans.evaluation.KerasExtractor(features, "my_classifier", scale="0..1")
    """

    resize = "Pillow bicubic, antialiased"

    def __init__(self, model: keras.Model, name: str, scale: str = "-1..1") -> None:
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
            digest.update(np.ascontiguousarray(weight).data)
        digest.update(scale.encode())
        super().__init__(name, digest.hexdigest())
        self._model, self._scale = model, _SCALES[scale]
        self.image_shape = shape
        self.classes = int(outputs[1].shape[-1]) if len(outputs) == 2 else 0

    def compute(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        divisor, offset = self._scale
        outputs = self._model.predict_on_batch(images.astype("float32") / divisor - offset)
        return outputs if self.classes else (outputs, None)


def _inception_v3() -> Extractor:
    """Return Inception v3 of `keras.applications`, downloaded when it is first used (92 MB).

    Published FID uses another network, the Inception graph of 2015 (1,008 outputs, its own padding and resizing): values of
    the two cannot be compared.
    """
    import keras

    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        network = keras.applications.InceptionV3(weights="imagenet")
    except Exception as error:  # any error of the network or the disk
        raise OSError(
            "inception_v3 needs weights that keras.applications downloads once (92 MB, from storage.googleapis.com), and that "
            f"failed: {str(error).splitlines()[0][:160]}"
        ) from error
    finally:
        keras.config.set_dtype_policy(policy)
    features = network.get_layer("avg_pool").output
    return KerasExtractor(keras.Model(network.input, [features, network.output]), "inception_v3", scale="-1..1")


def _from_file(path: str) -> Extractor:
    """Return the extractor of a model saved by Keras. Code in the file is not run."""
    import keras

    return KerasExtractor(keras.models.load_model(path, compile=False, safe_mode=True), Path(path).name)


def _speech() -> Extractor:
    from keras_gans.evaluation.audio.speech import Speech

    return Speech()


def _clips() -> Extractor:
    from keras_gans.evaluation.video.clips32 import Clips

    return Clips()


_NAMED: dict[str, Callable[[], Extractor]] = {
    "digits28": functools.partial(Bundled, "digits28"),
    "color32": functools.partial(Bundled, "color32"),
    "imagenet": ImageNet,
    "inception_v3": _inception_v3,
    "speech8k": _speech,
    "clips32": _clips,
    "pixels": Pixels,
}


@functools.cache
def _named(name: str) -> Extractor:
    return _NAMED[name]()


def get_extractor(extractor: str | Extractor) -> Extractor:
    """Return a feature extractor.

    Args:
        extractor: `"digits28"`, `"color32"`, `"imagenet"`, `"inception_v3"`, `"speech8k"`, `"clips32"`, `"pixels"` or the
            path of a `.keras` file; or an `Extractor`, which is returned as it is.

    Raises:
        ValueError: If there is no extractor of that name.
    """
    if isinstance(extractor, Extractor):
        return extractor
    if extractor in _NAMED:
        return _named(extractor)
    if str(extractor).endswith(".keras") and Path(extractor).is_file():
        return _from_file(extractor)
    raise ValueError(no_such("feature extractor", str(extractor), [*_NAMED, "PATH.keras"]))


# From this height and width on, colour images have details that color32 does not see.
_LARGE = 48


def default_extractor(shape: tuple[int, ...], trained_against: Collection[str] = ()) -> str:
    """Return the default extractor for a shape.

    It is `imagenet` for images that are at least 48 pixels high and wide, grey or in colour, `digits28` for smaller grey ones,
    `color32` for smaller ones in colour, and `pixels` for other samples.

    Args:
        shape: Shape of one sample.
        trained_against: Names of extractors whose features a model was trained on, which would flatter it:
            `model.trained_against`. They are passed over.
    """
    if not infer(shape).pixels:
        return "pixels"
    is_large = min(shape[:2]) >= _LARGE
    if shape[-1] == 1 and not is_large:
        return "digits28"
    return "imagenet" if is_large and "imagenet" not in trained_against else "color32"
