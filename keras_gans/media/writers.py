"""How samples are written to files. Which writers a medium has, and for which suffixes, the medium says."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from keras_gans.files import refuse_existing, replacing
from keras_gans.media.pictures import as_pillow, save_picture

if TYPE_CHECKING:
    from keras_gans.media.base import Medium


class Writer:
    """Writes samples of a model.

    Args:
        medium: What the samples are.
        output: The file or folder; None prints.

    Attributes:
        words: What it makes, in a few words.
    """

    words: ClassVar[str] = ""

    def __init__(self, medium: Medium, output: str | None):
        self.medium, self.output = medium, None if output is None else Path(output)

    @classmethod
    def check(cls, output: str | None, overwrite: bool = False) -> None:
        """Checks, before any work is done, that an output may be written.

        Raises:
            FileExistsError: If it exists and may not be replaced.
            ValueError: If it holds what is not to be replaced.
        """
        if output is not None:
            refuse_existing(output, overwrite)

    def write(self, model: Any, labels: Any = None, batch_size: int = 64, **sampling: Any) -> None:
        """Draws samples and writes them.

        Args:
            model: An `AdversarialModel`.
            labels: The class of all samples; every class in turn if None and the model has any.
            batch_size: Samples computed at a time.
            **sampling: What else `model.generate` takes: `n` and `seed`, or `seeds`, and the medium's `sampling_options`.
        """
        raise NotImplementedError


def _batches(model, labels, batch_size, sampling):
    """Returns an iterator over batches, how many samples there are, and the conditions of all."""
    count = sampling["n"] if sampling.get("seeds") is None else len(sampling["seeds"])
    conditions = model.example_conditions(count) if labels is None else {"labels": labels}
    return model.generate_batches(conditions=conditions, batch_size=batch_size, **sampling), count, conditions


class ArrayWriter(Writer):
    """All samples as one NumPy array, as files hold them."""

    words = "one array"

    def write(self, model: Any, labels: Any = None, batch_size: int = 64, **sampling: Any) -> None:
        batches, *_ = _batches(model, labels, batch_size, sampling)
        with replacing(self.output) as temporary:
            np.save(temporary, np.concatenate([self.medium.to_file(batch) for batch in batches]))


class PictureWriter(Writer):
    """All samples in one picture."""

    words = "one picture"

    def write(self, model: Any, labels: Any = None, batch_size: int = 64, **sampling: Any) -> None:
        save_picture(self.output, model.draw(labels=labels, batch_size=batch_size, **sampling))


class FolderWriter(Writer):
    """A PNG for each image, by class where there are any: as they come, for thousands need not fit in memory."""

    words = "a folder of PNG files"

    @classmethod
    def check(cls, output: str | None, overwrite: bool = False) -> None:
        super().check(output, overwrite)
        if Path(output).is_dir() and any(child.suffix != ".png" for child in Path(output).iterdir()):
            raise ValueError(f"{output} holds other files than PNG pictures: it is not replaced.")

    def write(self, model: Any, labels: Any = None, batch_size: int = 64, **sampling: Any) -> None:
        batches, count, conditions = _batches(model, labels, batch_size, sampling)
        folders = conditions.get("labels") if labels is None else None
        digits = max(6, len(str(count - 1)))
        with replacing(self.output) as temporary:
            temporary.mkdir()
            images = itertools.chain.from_iterable(map(self.medium.to_file, batches))
            for index, image in enumerate(images):
                part = temporary if folders is None else temporary / str(folders[index])
                part.mkdir(exist_ok=True)
                as_pillow(image).save(part / f"{index:0{digits}}.png")
