"""Every export is run once where nothing of ours is imported, and must give what Keras gives."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from keras_gans.export import quantization

TOLERANCE = 1e-4
_SAMPLES = 8


class Difference(float):
    """The largest difference of an export from the Keras model.

    Attributes:
        mean: The mean difference; for tokens the share of those that differ.
    """

    def __new__(cls, largest, mean):
        difference = super().__new__(cls, largest)
        difference.mean = float(mean)
        return difference


def checked(kind, path, signatures, quantize=quantization.NONE) -> Difference:
    """Runs an exported file in a clean process and returns the largest difference from the Keras model.

    Every signature is run. The difference of 8-bit pixels is how far Keras' are from such as are rounded to them, as parts of
    the range; that of tokens is that of their ids; that of text is 1 if any differs.

    Args:
        kind: `"saved_model"`, `"tflite"` or `"onnx"`.
        path: The exported file or folder.
        signatures: The `Signatures` of the model it was made from.
        quantize: How a TFLite file is quantised: see `keras_gans.export.quantization`.

    Raises:
        ValueError: If the difference is above 1e-4, or the mean difference above what such a quantisation is allowed.
        RuntimeError: If the export does not run, with what it printed.
    """
    cases = signatures.cases(kind, _SAMPLES)
    difference = _measured(kind, path, cases)
    if quantize == quantization.NONE:
        if not difference <= TOLERANCE:
            raise ValueError(
                f"The exported {kind} differs from the Keras model by {difference:.2g}, more than {TOLERANCE:g}: it is not "
                "kept."
            )
        return difference
    bound = signatures.allowed_difference(quantize, cases["serving_default"][1])
    if not difference.mean <= bound:
        raise ValueError(
            f"The {kind} quantised to {quantize} differs from the Keras model by {difference.mean:.2g} on average, more than "
            f"{bound:.2g}, which its samples would show: it is not kept. Choose another --quantize."
        )
    return difference


def _measured(kind, path, cases):
    """Returns the `Difference` of an exported file in some cases: signature -> `(inputs, outputs)`."""
    with tempfile.TemporaryDirectory() as folder:
        reference = Path(folder, "reference.npz")
        np.savez(
            reference,
            **{
                f"{signature}/{role}/{name}": value
                for signature, case in cases.items()
                for role, values in zip(("inputs", "outputs"), case, strict=True)
                for name, value in values.items()
            },
        )
        # -P keeps the script's folder, which is ours, off the path.
        command = [sys.executable, "-P", Path(__file__).with_name("run_export.py"), kind, path, reference]
        process = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if process.returncode:
        raise RuntimeError(f"The exported {kind} does not run:\n{process.stderr.strip()[-2000:]}")
    found = json.loads(process.stdout.splitlines()[-1])
    return Difference(found["largest_difference"], found["mean_difference"])
