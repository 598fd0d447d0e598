"""The base class of media, and their registry."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from keras_gans._typing import Shape
from keras_gans.errors import check_finite
from keras_gans.named import Named

if TYPE_CHECKING:
    from PIL import Image

    from keras_gans.media.writers import Writer
    from keras_gans.text import Tokenizer

# By name; other packages add theirs through entry points of this group.
MEDIA: Named[type[Medium]] = Named("medium", "keras_gans.media")


@dataclasses.dataclass(frozen=True)
class Recording:
    """Samples that make a sound.

    Attributes:
        wav: The bytes of a WAV file of one channel and 16 bits.
        sample_rate: Samples per second.
    """

    wav: bytes
    sample_rate: int


@dataclasses.dataclass(frozen=True)
class Animation:
    """Samples that move.

    Attributes:
        frames: uint8 of shape `(frames, height, width, channels)`.
        fps: Frames per second.
    """

    frames: np.ndarray
    fps: float


class Medium:
    """A kind of sample. This base class is for floats of any shape; register subclasses with `MEDIA.register(name)`.

    A medium never changes. Two are equal if their classes and configs are.

    Args:
        sample_shape: The shape of one sample, without the batch.

    Attributes:
        name: Name in the registry and in `preset.json`.
        one: What messages call a sample.
        many: What messages call several.
        continuous: Whether samples are floats or pixels, as opposed to tokens. `TrainingDoctor` then measures distances between
            them, and features can be evaluated during training.
        pipeline_tag: Task of such models on the Hugging Face Hub, or None.
        sampling_options: Arguments of `model.generate` other than number, seeds and conditions.
        writers: How samples are written to files: suffix -> `Writer` class. A suffix of `"/"` stands for a folder, an empty one
            for printing.
        default_output: Default `--output` of `keras-gans generate`; None prints.
        pixels: Whether a sample can be stored as an image file.
        tiled: Whether `tiles` draws a picture of each sample, not one of all.
        readers: Functions that read files of samples for evaluation, by suffix. They take a path and return samples as stored,
            and their medium. The suffix `"/"` stands for a folder.
        fault_names: Faults that single samples may have, such as silence: see `fault_shares`.
        tokenizer: Tokenizer that turned text into samples; None for other media.
        file_names: Files of a preset, besides its config and weights, that loading it needs: see `files`.
    """

    name: ClassVar[str] = ""
    one: ClassVar[str] = "sample"
    many: ClassVar[str] = "samples"
    continuous: ClassVar[bool] = True
    pipeline_tag: ClassVar[str | None] = None
    sampling_options: ClassVar[tuple[str, ...]] = ("truncation",)
    writers: ClassVar[Mapping[str, type[Writer]]] = {}
    default_output: str | None = "samples.npy"
    file_names: ClassVar[tuple[str, ...]] = ()
    pixels: ClassVar[bool] = False
    tiled: ClassVar[bool] = False
    readers: ClassVar[Mapping[str, Callable[[Path], Any]]] = {}
    fault_names: ClassVar[tuple[str, ...]] = ()
    tokenizer: Tokenizer | None = None

    def __init__(self, sample_shape: Shape):
        self.sample_shape = tuple(sample_shape)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, as values for JSON."""
        return {"sample_shape": list(self.sample_shape)}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Medium:
        """Make a medium from what `get_config` returned."""
        return cls(**config)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.get_config() == other.get_config()

    def __hash__(self) -> int:
        return hash((type(self), str(self.get_config())))

    def __repr__(self) -> str:
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.get_config().items())
        return f"{type(self).__name__}({arguments})"

    # Building models, and data.

    def builder_arguments(self) -> dict[str, Any]:
        """Return the arguments of a model builder that follow from the medium."""
        return {"image_shape": self.sample_shape}

    @property
    def image_shape(self) -> tuple[int, ...] | None:
        """The `image_shape` with which `load_data` makes such samples of images; None if they are not images."""
        return None

    def source_options(self) -> dict[str, Any]:
        """Return the options of data sources with which they make samples of this medium and shape, by name."""
        return {}

    def with_shape(self, sample_shape: Shape) -> Medium:
        """Return the same medium with samples of another shape."""
        return type(self)(**{**self.get_config(), "sample_shape": tuple(sample_shape)})

    def check(self, samples: np.ndarray) -> None:
        """Check an array of samples before training.

        Raises:
            ValueError: If it contains NaN, infinity or values out of range.
        """
        if np.issubdtype(samples.dtype, np.floating):
            check_finite(samples)

    def to_network(self, samples: Any) -> Any:
        """Return a batch as networks take it: float32 in [-1, 1]. Runs in a step's graph.

        Args:
            samples: A tensor of shape `(batch, *sample_shape)`: floats in [-1, 1], or uint8 from 0 to 255.

        Raises:
            ValueError: If the dtype is another.
        """
        import keras
        from keras import ops

        dtype = keras.backend.standardize_dtype(samples.dtype)
        if dtype == "uint8":
            return ops.cast(samples, "float32") / 127.5 - 1.0
        if not keras.backend.is_float_dtype(dtype):
            raise ValueError(f"Samples must be uint8 (0 to 255) or floats in [-1, 1]; these are {dtype}.")
        return ops.cast(samples, "float32")

    def to_float(self, samples: np.ndarray) -> np.ndarray:
        """Return an array of samples as `to_network` does, but with NumPy."""
        samples = np.asarray(samples)
        return samples.astype("float32") / 127.5 - 1.0 if samples.dtype == np.uint8 else samples.astype("float32")

    @property
    def flippable(self) -> bool:
        """Whether a sample may be mirrored left to right and still be one."""
        return False

    def to_file(self, samples: np.ndarray) -> Any:
        """Return generated samples as they are stored in files."""
        return samples

    def describe_difference(self, other: Medium) -> str | None:
        """Return how another medium differs, such as `"text, not images"`; None if both are equal."""
        if self == other:
            return None
        if self.name != other.name:
            return f"{other.name}, not {self.name}"
        return f"{other.name} of shape {other.sample_shape}, not {self.sample_shape}"

    # Drawing.

    @property
    def drawable(self) -> bool:
        """Whether `picture` draws samples."""
        return False

    def picture(self, samples: np.ndarray, columns: int | None = None) -> np.ndarray | None:
        """Draw samples as one uint8 picture `(height, width, 1, 3 or 4)`; None if they cannot be drawn.

        Args:
            samples: float32 `(n, *sample_shape)` in [-1, 1].
            columns: Samples in a row; a square of them if None.
        """
        return None

    def tiles(self, samples: np.ndarray) -> np.ndarray:
        """Draw samples as pictures of one size, uint8 `(n, height, width, 1, 3 or 4)`: of each, or one of all if not `tiled`.

        Args:
            samples: Floats in [-1, 1], or samples as files hold them.

        Raises:
            ValueError: If they cannot be drawn.
        """
        if not self.drawable:
            raise ValueError(self._not_drawable(np.shape(samples)[1:]))
        return np.asarray(self.picture(self.to_float(samples)))[None]

    def _not_drawable(self, shape: tuple[int, ...]) -> str:
        return f"{(self.name or 'samples').capitalize()} of shape {shape} cannot be drawn."

    def shrink(self, samples: np.ndarray) -> np.ndarray:
        """Return a coarse version of large samples, which suffices to compare them."""
        return samples

    def fault_shares(self, samples: np.ndarray) -> dict[str, float]:
        """Return the share of samples that have each fault of `fault_names`, by name.

        Args:
            samples: Floats in [-1, 1], or samples as files hold them.
        """
        return {}

    def draw(
        self, model: Any, n: int = 64, seed: int | None = 0, labels: Any = None, at_data_size: bool = False, **sampling: Any
    ) -> np.ndarray:
        """Draw samples of a model as one picture: see `AdversarialModel.draw`.

        Raises:
            ValueError: If they cannot be drawn.
        """
        if not self.drawable:
            raise ValueError(self._not_drawable(model.sample_shape))
        which = {"n": n, "seed": seed} if sampling.get("seeds") is None else {}
        count = n if which else len(sampling["seeds"])
        conditions = model.conditions_for(count, labels, sampling.pop("conditions", None))
        samples = model.generate(**which, conditions=conditions, **sampling)
        return np.asarray(self.picture(model.at_data_size(samples) if at_data_size else samples))

    def record(self, model: Any, n: int = 10, seed: int | None = 0, labels: Any = None) -> Recording | None:
        """Return samples of a model as one recording to be listened to; None if they make no sound.

        Args:
            model: An `AdversarialModel`.
            n: Number of samples, one after the other.
            seed: Seed of the latents.
            labels: Class labels for a conditional model; every class in turn if None.
        """
        return None

    def animate(self, model: Any, n: int = 16, seed: int | None = 0, labels: Any = None) -> Animation | None:
        """Return samples of a model as one animation to be watched; None if they do not move.

        Args:
            model: An `AdversarialModel`.
            n: Number of samples, side by side.
            seed: Seed of the latents.
            labels: Class labels for a conditional model; every class in turn if None.
        """
        return None

    def show(self, model: Any, n: int = 16, **sampling: Any) -> Image.Image:
        """Draw samples of a model as one Pillow image, which notebooks display.

        Args:
            model: An `AdversarialModel`.
            n: Number of samples.
            **sampling: Further arguments of `draw`.

        Raises:
            ValueError: If they cannot be drawn.
        """
        from keras_gans.media.pictures import as_pillow

        return as_pillow(self.draw(model, n, **sampling))

    # Files.

    @classmethod
    def usage(cls, labelled: bool = False) -> str:
        """Return a line of Python that draws samples of a `model`, for its card.

        Args:
            labelled: Whether the model is told classes.
        """
        arguments, comment = "64, seed=0", ""
        if labelled:
            arguments, comment = "10, seed=0, labels=model.class_labels(10)", ", one of each class"
        return f"{cls.many} = model.generate({arguments})  # float32 in [-1, 1]{comment}"

    @classmethod
    def find_writer(cls, output: str | None) -> type[Writer]:
        """Return the writer of an output.

        Args:
            output: A file or a folder, by its suffix; without a suffix, or with a slash at its end, a folder. None prints.

        Raises:
            ValueError: If this medium has no writer for it; the message lists those that it has.
        """
        if output is None:
            suffix = ""
        else:
            suffix = Path(output).suffix.lower()
            suffix = "/" if str(output).endswith("/") or not suffix else suffix
        if suffix in cls.writers:
            return cls.writers[suffix]
        ways: dict[str, list[str]] = {}
        for known, writer in cls.writers.items():
            if known:
                ways.setdefault(writer.words, []).append(known)
        accepted = ", ".join(f"{' '.join(suffixes)} ({words})" for words, suffixes in ways.items())
        raise ValueError(f"--output={output} must end in {accepted}: these are what {cls.name} can be written to.")

    def writer(self, output: str | os.PathLike | None) -> Writer:
        """Return the `Writer` of an output: see `find_writer`."""
        output = None if output is None else os.fspath(output)
        return self.find_writer(output)(self, output)

    def files(self) -> dict[str, bytes]:
        """Return the contents of `file_names` by name: the parts of the medium that a preset's config does not contain."""
        return {}

    def with_files(self, folder: Path) -> Medium:
        """Return this medium with the parts that are in the files of a preset's folder."""
        return self

    def preset_files(self, model: Any) -> dict[str, Callable[[Path], None]]:
        """Return the files of samples that a preset's folder shows, by name, with functions to write them."""
        return {}
