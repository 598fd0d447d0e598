"""Every export is run once where nothing of ours is imported, and must give what Keras gives."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from keras_gans.export.signature import output_name, to_exported_range

TOLERANCE = 1e-4
_SAMPLES = 8


def checked(kind, path, model, network) -> float:
    """Runs an exported file in a clean process and returns the largest difference from the Keras model.

    Args:
        kind: `"saved_model"` or `"tflite"`.
        path: The exported file or folder.
        model: The `AdversarialModel` it was made from.
        network: That model's network that was exported.

    Raises:
        ValueError: If the difference is above 1e-4.
        RuntimeError: If the export does not run, with what it printed.
    """
    import tensorflow as tf

    inputs = model.sampling_inputs(_SAMPLES)
    samples = tf.function(lambda given: model.sample_from(network, given), autograph=False)(inputs).numpy()
    expected = to_exported_range(output_name(model), samples)
    with tempfile.TemporaryDirectory() as folder:
        reference = Path(folder, "reference.npz")
        np.savez(reference, expected=expected, output=output_name(model), **inputs)
        # -P keeps the script's folder, which is ours, off the path.
        command = [sys.executable, "-P", Path(__file__).with_name("run_export.py"), kind, path, reference]
        process = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if process.returncode:
        raise RuntimeError(f"The exported {kind} does not run:\n{process.stderr.strip()[-2000:]}")
    difference = json.loads(process.stdout.splitlines()[-1])["largest_difference"]
    if not difference <= TOLERANCE:
        raise ValueError(
            f"The exported {kind} differs from the Keras model by {difference:.2g}, more than {TOLERANCE:g}: it is not kept."
        )
    return difference
