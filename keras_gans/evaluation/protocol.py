"""What a number was measured on. Numbers of different protocols are not compared."""

import dataclasses

from keras_gans._version import __version__

# Fields that do not make numbers incomparable.
_INFORMATION = ("version",)


@dataclasses.dataclass(frozen=True)
class Protocol:
    """How a result came about.

    Attributes:
        dataset: The source of the real samples, as `load_data` takes it.
        split: Its split.
        image_shape: The shape of one sample.
        real: How many real samples were compared with.
        fake: How many generated ones.
        held_out: How many real samples, none of those above, the real row and memorisation were measured with; 0 for none.
        data_sha256: SHA-256 of the real samples compared with.
        extractor: The name of the feature extractor.
        extractor_sha256: SHA-256 of what determines its features.
        resize: How samples were brought to its size.
        pixels: What samples were rounded to before they were measured.
        settings: What single metrics were told, such as k of precision and recall.
        version: Version of keras_gans.
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
    settings: dict
    version: str = __version__

    def as_dict(self) -> dict:
        """Returns it as JSON can hold it."""
        return {**dataclasses.asdict(self), "image_shape": list(self.image_shape)}


def differences(one: dict, other: dict) -> dict:
    """Returns the fields whose difference makes the numbers of two protocols incomparable: `{field: (one's, other's)}`."""
    fields = [name for name in {**one, **other} if name not in _INFORMATION]
    return {name: (one.get(name), other.get(name)) for name in fields if one.get(name) != other.get(name)}


def refuse_differences(results) -> None:
    """Raise ValueError if results, as `Evaluator` returns them, were not measured on one protocol, naming what differs."""
    for result in results[1:]:
        different = differences(results[0]["protocol"], result["protocol"])
        if different:
            name, (one, other) = next(iter(different.items()))
            raise ValueError(
                f"{results[0]['name']} and {result['name']} have different protocols, in {', '.join(different)}: "
                f"{name} is {one!r} for the one and {other!r} for the other. Measure them again on one."
            )
