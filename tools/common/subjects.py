"""What evaluate and compare measure: models, and samples in files."""

import dataclasses
from pathlib import Path
from typing import Any

from keras_gans import presets


@dataclasses.dataclass
class Subject:
    """What is measured.

    Attributes:
        name: What it is called.
        shape: Shape of one sample; empty for sentences.
        model: An `AdversarialModel`, or None.
        samples: Samples, if there is no model: an array, or sentences.
        preset: The `Preset` of the model, or None.
        read_as: What these samples are, a `keras_gans.media.Medium`.
    """

    name: str
    shape: tuple[int, ...]
    model: Any = None
    samples: Any = None
    preset: presets.Preset | None = None
    read_as: Any = None

    @property
    def medium(self):
        """What a sample is."""
        return self.model.medium if self.read_as is None else self.read_as


def find_subject(what: str) -> Subject:
    """Returns what a preset's name, a run's folder, or a file or folder of samples holds.

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
