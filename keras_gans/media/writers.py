"""Writers of samples to files. A medium lists its writers by suffix."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from keras_gans.declaration import Declaration, declare
from keras_gans.files import refuse_existing, replacing
from keras_gans.media.pictures import as_pillow, save_picture

if TYPE_CHECKING:
    from keras_gans.media.base import Medium

# Side of pictures that are enlarged to be looked at.
_SIDE = 500


class Writer:
    """Base class of writers, which save or print the samples of a model.

    Args:
        medium: Medium of the samples.
        output: The file or folder; None prints.

    Attributes:
        words: What it makes, for messages.
        declares: Whether files declare that a model made them, which one and how; by default they do, as far as formats allow.
        signer: Signs files: see `keras_gans.declaration.Declaration`.
    """

    words: ClassVar[str] = ""
    declares: bool = True
    signer: Callable[[bytes, Declaration], bytes] | None = None

    def __init__(self, medium: Medium, output: str | None):
        self.medium, self.output = medium, None if output is None else Path(output)

    @property
    def path(self) -> Path:
        """The file or folder; there is one unless the writer prints."""
        if self.output is None:
            raise ValueError(f"{type(self).__name__} cannot print: give it an output.")
        return self.output

    @classmethod
    def check(cls, output: str | None, overwrite: bool = False) -> None:
        """Check, before any work is done, that an output may be written.

        Raises:
            FileExistsError: If it exists and may not be replaced.
            ValueError: If it contains other files, which must not be replaced.
        """
        if output is not None:
            refuse_existing(output, overwrite)

    def write(self, model: Any, labels: Any = None, batch_size: int = 64, **sampling: Any) -> None:
        """Draw samples and write them.

        Args:
            model: An `AdversarialModel`.
            labels: Class of all samples; None for every class in turn, if the model has classes.
            batch_size: Samples computed at a time.
            **sampling: Further arguments of `model.generate`: `n` and `seed`, or `seeds`, and the medium's `sampling_options`.
        """
        raise NotImplementedError

    def declare(self, model: Any, **recipe: Any) -> Declaration | None:
        """Return what a file says of its origin; None if it is to say nothing."""
        return dataclasses.replace(declare(model, recipe), signer=self.signer) if self.declares else None


def batches_of(
    model: Any, labels: Any, batch_size: int, sampling: Mapping[str, Any]
) -> tuple[Iterator[np.ndarray], int, Mapping[str, Any]]:
    """Return an iterator over batches, how many samples there are, and the conditions of all."""
    count = sampling["n"] if sampling.get("seeds") is None else len(sampling["seeds"])
    sampling = dict(sampling)
    conditions = model.conditions_for(count, labels, sampling.pop("conditions", None))
    # One value for all that is not a scalar, such as the codes of one sample.
    ranks = {name: len(condition.spec()[0]) for name, condition in model.conditions.items()}
    conditions = {
        name: np.repeat(np.asarray(values)[None], count, axis=0) if 0 < ranks[name] == np.ndim(values) else values
        for name, values in conditions.items()
    }
    return model.generate_batches(conditions=conditions, batch_size=batch_size, **sampling), count, conditions


def _recipe_of(index: int, sampling: Mapping[str, Any], conditions: Mapping[str, Any]) -> dict[str, Any]:
    """Return what makes one of several samples again: its seed, or its number among those of a seed, and its conditions."""
    seeds = sampling.get("seeds")
    recipe = {name: value for name, value in sampling.items() if name not in ("conditions", "n", "seed", "seeds")}
    recipe |= {"seed": sampling.get("seed"), "index": index} if seeds is None else {"seeds": [seeds[index]], "index": 0}
    told = {name: values if np.ndim(values) == 0 else values[index] for name, values in conditions.items()}
    return recipe | ({"conditions": told} if told else {})


class ArrayWriter(Writer):
    """All samples as one NumPy array."""

    words = "one array"

    def write(self, model: Any, labels: Any = None, batch_size: int = 64, **sampling: Any) -> None:
        batches, *_ = batches_of(model, labels, batch_size, sampling)
        with replacing(self.path) as temporary:
            np.save(temporary, np.concatenate([self.medium.to_file(batch) for batch in batches]))


class PictureWriter(Writer):
    """All samples in one picture.

    Attributes:
        scale: Each pixel becomes a square of this side; None for a picture of about 500 pixels.
    """

    words = "one picture"
    scale: int | None = 1

    def write(self, model: Any, labels: Any = None, batch_size: int = 64, **sampling: Any) -> None:
        picture = model.draw(labels=labels, batch_size=batch_size, **sampling)
        scale = self.scale or max(1, round(_SIDE / max(picture.shape[:2])))
        declaration = self.declare(model, labels=labels, picture={"scale": scale}, **sampling)
        save_picture(self.path, picture.repeat(scale, axis=0).repeat(scale, axis=1), declaration)


class FolderWriter(Writer):
    """A file for each sample, in a folder for each class if there are any; memory use does not grow with their number.

    Attributes:
        suffix: Suffix of the files.
        files: What messages call the files.
    """

    suffix: ClassVar[str] = ""
    files: ClassVar[str] = ""

    @classmethod
    def check(cls, output: str | None, overwrite: bool = False) -> None:
        super().check(output, overwrite)
        if output is not None and Path(output).is_dir() and any(child.suffix != cls.suffix for child in Path(output).iterdir()):
            raise ValueError(f"{output} contains files other than {cls.files} and is not replaced.")

    def write(self, model: Any, labels: Any = None, batch_size: int = 64, **sampling: Any) -> None:
        batches, count, conditions = batches_of(model, labels, batch_size, sampling)
        folders = conditions.get("labels") if labels is None else None
        declaration = self.declare(model)
        digits = max(6, len(str(count - 1)))
        with replacing(self.path) as temporary:
            temporary.mkdir()
            samples = itertools.chain.from_iterable(map(self.medium.to_file, batches))
            for index, sample in enumerate(samples):
                part = temporary if folders is None else temporary / str(folders[index])
                part.mkdir(exist_ok=True)
                path = part / f"{index:0{digits}}{self.suffix}"
                self.save(path, sample)
                if declaration is not None:
                    self.declare_in(path, declaration.with_recipe(_recipe_of(index, sampling, conditions)))
            self.finish(temporary)

    def save(self, path: Path, sample: np.ndarray) -> None:
        """Write one sample, as `Medium.to_file` returns it."""
        raise NotImplementedError

    def declare_in(self, path: Path, declaration: Declaration) -> None:
        """Let what `save` wrote declare its origin."""
        path.write_bytes(declaration.into(path.read_bytes()))

    def finish(self, folder: Path) -> None:
        """Write what else belongs into the folder, once all samples are there."""


class PNGFolderWriter(FolderWriter):
    """A PNG file for each image."""

    words = "a folder of PNG files"
    suffix = ".png"
    files = "PNG images"

    def save(self, path: Path, sample: np.ndarray) -> None:
        as_pillow(sample).save(path)
