"""The subjects of evaluate and compare: models, and samples in files."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_gans import presets
from keras_gans._typing import Shape

if TYPE_CHECKING:
    from keras_gans.media import Medium


@dataclasses.dataclass
class Subject:
    """A model or samples to measure.

    Attributes:
        name: Its name.
        shape: Shape of one sample; empty for sentences.
        model: An `AdversarialModel`, or None.
        samples: An array or sentences, if there is no model.
        preset: The `Preset` of the model, or None.
        read_as: The `keras_gans.media.Medium` of the samples, if there is no model.
    """

    name: str
    shape: Shape
    model: Any = None
    samples: Any = None
    preset: presets.Preset | None = None
    read_as: Medium | None = None

    @property
    def metadata(self) -> presets.Metadata:
        """The metadata of the model; empty for samples."""
        return presets.Metadata() if self.preset is None else self.preset.metadata

    @property
    def medium(self) -> Medium:
        """The medium of the samples."""
        return self.model.medium if self.read_as is None else self.read_as


def find_subject(what: str) -> Subject:
    """Return the subject that a name refers to.

    Args:
        what: The name of a preset, a run folder, or a file or folder of samples.

    Raises:
        ValueError: If it is none of these, or cannot be read.
    """
    from keras_gans.data.sample_files import read_samples

    path = Path(what)
    found = None if (path / presets.CONFIG).is_file() else read_samples(path)
    if found is not None:
        samples, medium = found
        return Subject(what, medium.sample_shape, samples=samples, read_as=medium)
    preset = presets.find_preset(what)
    model = preset.load()
    return Subject(what, model.sample_shape, model=model, preset=preset)
