"""Every export is run once in a process that imports nothing of keras_gans, and must return what Keras returns."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_gans.export import clean_process, quantization
from keras_gans.files import replacing

if TYPE_CHECKING:
    from keras_gans.export.signatures.base import Cases, Signatures

TOLERANCE = 1e-4
_SAMPLES = 8


class Difference(float):
    """The largest difference between an export and the Keras model.

    Attributes:
        mean: The mean difference; for tokens the share that differs.
    """

    mean: float

    def __new__(cls, largest: float, mean: float) -> Difference:
        difference = super().__new__(cls, largest)
        difference.mean = float(mean)
        return difference


def write_checked(
    kind: str, output: Path, signatures: Signatures, write: Callable[[Path], object], quantize: str = quantization.NONE
) -> tuple[Path, Difference]:
    """Write an export and keep it only if it agrees with the Keras model.

    Args:
        kind: `"saved_model"`, `"tflite"` or `"onnx"`.
        output: The file or folder.
        signatures: The signatures of the model.
        write: Writes the export to the path that it is given.
        quantize: How a TFLite file is quantised.

    Returns:
        The file or folder, and the largest difference from the Keras model.

    Raises:
        ValueError: See `check`.
        RuntimeError: See `check`.
    """
    with replacing(output) as temporary:
        write(temporary)
        return output, check(kind, temporary, signatures, quantize)


def check(kind: str, path: Path, signatures: Signatures, quantize: str = quantization.NONE) -> Difference:
    """Run every signature of an export in a clean process; return the largest difference from the Keras model.

    8-bit pixels are compared with Keras' pixels before rounding, as a share of their range. Token ids are compared as integers.
    Text that differs counts as 1.

    Args:
        kind: `"saved_model"`, `"tflite"` or `"onnx"`.
        path: The exported file or folder.
        signatures: The signatures of the model that it was made from.
        quantize: How a TFLite file is quantised: see `keras_gans.export.quantization`.

    Raises:
        ValueError: If the difference is above 1e-4 or, for a quantised file, the mean difference is above the bound of
            `Signatures.allowed_difference`.
        RuntimeError: If the export does not run; the message contains what it printed.
    """
    cases = signatures.cases(kind, _SAMPLES)
    difference = _measure(kind, path, cases)
    if quantize == quantization.NONE:
        if not difference <= TOLERANCE:
            raise ValueError(
                f"The exported {kind} differs from the Keras model by {difference:.2g}, more than {TOLERANCE:g}; it was not "
                f"kept.{signatures.difference_hint}"
            )
        return difference
    bound = signatures.allowed_difference(quantize, cases["serving_default"][1])
    if not difference.mean <= bound:
        raise ValueError(
            f"The {kind} quantised to {quantize} differs from the Keras model by {difference.mean:.2g} on average, more than "
            f"{bound:.2g}, which would be visible in its samples; it was not kept. Choose another --quantize."
        )
    return difference


def _measure(kind: str, path: Path, cases: Cases) -> Difference:
    """Return the `Difference` of an exported file."""
    with tempfile.TemporaryDirectory() as folder:
        reference = Path(folder, "reference.npz")
        _save(reference, cases)
        found = clean_process.run(kind, path, reference)
    if "error" in found:
        raise RuntimeError(f"The exported {kind} does not run:\n{found['error'].strip()[-2000:]}")
    return Difference(found["largest_difference"], found["mean_difference"])


def _save(path: Path, cases: Cases) -> None:
    arrays: dict[str, Any] = {
        f"{signature}/{role}/{name}": value
        for signature, case in cases.items()
        for role, values in zip(("inputs", "outputs"), case, strict=True)
        for name, value in values.items()
    }
    with path.open("wb") as file:
        np.savez(file, **arrays)
