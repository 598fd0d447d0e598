"""The protocol of a result. Results of different protocols are not compared."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from keras_gans._version import __version__

# Fields whose difference does not matter.
_INFORMATION = ("version", "biased")


@dataclasses.dataclass(frozen=True)
class Protocol:
    """Everything that a result depends on, except for the generator.

    Attributes:
        dataset: Source of the real samples, as `load_data` takes it.
        split: Its split.
        image_shape: Shape of one sample.
        real: Number of real samples.
        fake: Number of generated samples.
        held_out: Number of other real samples, for the real row and memorisation; 0 for none.
        data_sha256: SHA-256 of the real samples.
        extractor: Name of the feature extractor.
        extractor_sha256: SHA-256 of everything that determines its features.
        resize: How samples were brought to its size.
        pixels: What samples were rounded to before they were measured.
        settings: Settings of single metrics, such as k of precision and recall.
        version: Version of keras_gans.
        biased: Why the results flatter the generator; empty if nothing is known to.
    """

    dataset: str
    split: str
    image_shape: tuple[int, ...]
    real: int
    fake: int
    held_out: int
    data_sha256: str
    extractor: str
    extractor_sha256: str
    resize: str
    pixels: str
    settings: dict[str, Any]
    version: str = __version__
    biased: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it, without `biased` if that is empty."""
        fields = {**dataclasses.asdict(self), "image_shape": list(self.image_shape)}
        return {name: value for name, value in fields.items() if name != "biased" or value}


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return the fields that make two protocols incomparable: `{field: (value of one, value of the other)}`."""
    fields = [name for name in {**one, **other} if name not in _INFORMATION]
    return {name: (one.get(name), other.get(name)) for name in fields if one.get(name) != other.get(name)}


def refuse_differences(results: Sequence[Mapping[str, Any]]) -> None:
    """Raise ValueError, naming the difference, if results of evaluations have different protocols."""
    for result in results[1:]:
        different = differences(results[0]["protocol"], result["protocol"])
        if different:
            name, (one, other) = next(iter(different.items()))
            raise ValueError(
                f"{results[0]['name']} and {result['name']} have different protocols, in {', '.join(different)}: "
                f"{name} is {one!r} for the first and {other!r} for the second. Measure them again under one protocol."
            )
