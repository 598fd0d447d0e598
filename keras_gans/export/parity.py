"""Every export is run once where nothing of ours is imported, and must give what Keras gives."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from keras_gans.export.signature import output_name, to_exported_range
from keras_gans.gans import SequenceGAN
from keras_gans.gans.steady import steady_seeds
from keras_gans.seeds import uniform
from keras_gans.text import UNKNOWN

TOLERANCE = 1e-4
_SAMPLES = 8


def checked(kind, path, model, network) -> float:
    """Runs an exported file in a clean process and returns the largest difference from the Keras model.

    Every signature is run. Of tokens, the difference is that of their ids; of text, 1 if any differs.

    Args:
        kind: `"saved_model"` or `"tflite"`.
        path: The exported file or folder.
        model: The `AdversarialModel` it was made from.
        network: That model's network that was exported.

    Raises:
        ValueError: If the difference is above 1e-4.
        RuntimeError: If the export does not run, with what it printed.
    """
    cases = {"serving_default": _default_case(model, network)}
    if isinstance(model, SequenceGAN):
        cases["generate"] = _seeded_case(model, network)
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
    difference = json.loads(process.stdout.splitlines()[-1])["largest_difference"]
    if not difference <= TOLERANCE:
        raise ValueError(
            f"The exported {kind} differs from the Keras model by {difference:.2g}, more than {TOLERANCE:g}: it is not kept."
        )
    return difference


def _default_case(model, network):
    """Returns inputs and outputs of the signature `serving_default`."""
    inputs = model.sampling_inputs(_SAMPLES)
    return inputs, {output_name(model): to_exported_range(output_name(model), _run(model, network, inputs))}


def _seeded_case(model, network):
    """Returns inputs and outputs of the signature `generate`."""
    labels = model.class_labels(_SAMPLES)
    # Learnt and sharper probabilities in turn.
    conditions = {"temperature": np.array([[1.0], [0.5]] * (_SAMPLES // 2), "float32")}
    if labels is not None:
        conditions["labels"] = labels
    seeds = steady_seeds(model, network, conditions)
    tokens = _run(model, network, {"latents": uniform(seeds, model.latent_shape), **conditions})
    outputs = {"token_ids": tokens}
    if model.tokenizer is not None:
        outputs["text"] = np.array(model.tokenizer.decode(np.where(tokens < model.tokenizer.size, tokens, UNKNOWN)))
    return {"seeds": seeds, **conditions, "temperature": conditions["temperature"][:, 0]}, outputs


def _run(model, network, inputs):
    import tensorflow as tf

    return tf.function(lambda given: model.sample_from(network, given), autograph=False)(inputs).numpy()
