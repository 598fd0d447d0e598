"""Runs an exported generator in a process of its own and compares its output with a reference.

    python -P run_export.py saved_model|tflite PATH REFERENCE.npz

The reference holds the inputs by name, the output `expected` and the name of the output. Prints one line of JSON: the
largest difference. Imports nothing of keras_gans: neither do those who will run the export.
"""

import json
import os
import sys

import numpy as np


def run_saved_model(path, inputs):
    """Returns the outputs of the SavedModel's signature `serving_default` by name."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    loaded = tf.saved_model.load(path)
    outputs = loaded.signatures["serving_default"](**{name: tf.constant(value) for name, value in inputs.items()})
    return {name: value.numpy() for name, value in outputs.items()}


def run_tflite(path, inputs):
    """Returns the outputs of the TFLite file's signature by name, one batch of its size after another."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=path)
    count = batch = len(next(iter(inputs.values())))
    for name, details in interpreter.get_signature_runner("serving_default").get_input_details().items():
        if details["shape_signature"][0] == -1:
            interpreter.resize_tensor_input(details["index"], inputs[name].shape)
        else:
            batch = int(details["shape"][0])
    interpreter.allocate_tensors()
    signature = interpreter.get_signature_runner("serving_default")
    # The interpreter owns its output memory: each answer is copied before the next call.
    rows = -(-count // batch) * batch
    # Repeats rows to fill the last batch.
    inputs = {name: np.resize(value, (rows, *value.shape[1:])) for name, value in inputs.items()}
    parts = [{name: value[i : i + batch] for name, value in inputs.items()} for i in range(0, rows, batch)]
    answers = [{name: value.copy() for name, value in signature(**part).items()} for part in parts]
    return {name: np.concatenate([answer[name] for answer in answers])[:count] for name in answers[0]}


def main():
    kind, path, reference = sys.argv[1:]
    with np.load(reference) as archive:
        inputs = {name: archive[name] for name in archive.files if name not in ("expected", "output")}
        expected, output = archive["expected"], str(archive["output"])
    outputs = {"saved_model": run_saved_model, "tflite": run_tflite}[kind](path, inputs)
    foreign = [name for name in sys.modules if name.split(".")[0] in ("keras_gans", "zoo")]
    if foreign:
        sys.exit(f"This process was to run the export alone, but imported {foreign}.")
    if list(outputs) != [output] or outputs[output].shape != expected.shape:
        shapes = {name: value.shape for name, value in outputs.items()}
        sys.exit(f"The export returns {shapes}, not '{output}' of shape {expected.shape}.")
    print(json.dumps({"largest_difference": float(np.abs(outputs[output] - expected).max())}))


if __name__ == "__main__":
    main()
