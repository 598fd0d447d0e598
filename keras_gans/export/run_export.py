"""Runs an exported generator in a process of its own and compares its output with a reference.

    python -P run_export.py saved_model|tflite PATH REFERENCE.npz

The reference holds `latents`, `expected` and the output's name. Prints one line of JSON: the largest difference. Imports
nothing of keras_gans: neither do those who will run the export.
"""

import json
import os
import sys

import numpy as np


def run_saved_model(path, latents):
    """Returns the outputs of the SavedModel's signature `serving_default` by name."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    loaded = tf.saved_model.load(path)
    outputs = loaded.signatures["serving_default"](latents=tf.constant(latents))
    return {name: value.numpy() for name, value in outputs.items()}


def run_tflite(path, latents):
    """Returns the outputs of the TFLite file's signature by name, one batch of its size after another."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=path)
    details = interpreter.get_signature_runner("serving_default").get_input_details()["latents"]
    batch = len(latents) if details["shape_signature"][0] == -1 else int(details["shape"][0])
    if details["shape_signature"][0] == -1:
        interpreter.resize_tensor_input(details["index"], latents.shape)
    interpreter.allocate_tensors()
    signature = interpreter.get_signature_runner("serving_default")
    # The interpreter owns its output memory: each answer is copied before the next call.
    count = len(latents)
    latents = np.resize(latents, (-(-count // batch) * batch, *latents.shape[1:]))  # repeats rows to fill the last batch
    answers = [
        {name: value.copy() for name, value in signature(latents=latents[i : i + batch]).items()}
        for i in range(0, len(latents), batch)
    ]
    return {name: np.concatenate([answer[name] for answer in answers])[:count] for name in answers[0]}


def main():
    kind, path, reference = sys.argv[1:]
    with np.load(reference) as archive:
        latents, expected, output = archive["latents"], archive["expected"], str(archive["output"])
    outputs = {"saved_model": run_saved_model, "tflite": run_tflite}[kind](path, latents)
    foreign = [name for name in sys.modules if name.split(".")[0] in ("keras_gans", "zoo")]
    if foreign:
        sys.exit(f"This process was to run the export alone, but imported {foreign}.")
    if list(outputs) != [output] or outputs[output].shape != expected.shape:
        shapes = {name: value.shape for name, value in outputs.items()}
        sys.exit(f"The export returns {shapes}, not '{output}' of shape {expected.shape}.")
    print(json.dumps({"largest_difference": float(np.abs(outputs[output] - expected).max())}))


if __name__ == "__main__":
    main()
