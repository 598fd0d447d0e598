"""Runs an exported generator in a process of its own and compares its outputs with a reference.

    python -P run_export.py saved_model|tflite|onnx PATH REFERENCE.npz

The reference holds arrays named SIGNATURE/inputs/NAME and SIGNATURE/outputs/NAME. Prints one line of JSON: the largest and the
mean difference. Imports nothing of keras_gans: neither do those who will run the export.
"""

import json
import os
import sys
import zipfile

import numpy as np


def run_saved_model(path, signature, inputs):
    """Returns the outputs of a SavedModel's signature by name."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    loaded = tf.saved_model.load(path)
    outputs = loaded.signatures[signature](**{name: tf.constant(value) for name, value in inputs.items()})
    outputs = {name: value.numpy() for name, value in outputs.items()}
    if "text" in outputs:
        outputs["text"] = np.array([line.decode() for line in outputs["text"]])
    if "image_bytes" in outputs:
        outputs["image_bytes"] = np.stack([tf.io.decode_png(png).numpy() for png in outputs["image_bytes"]])
    return outputs


def run_tflite(path, signature, inputs):
    """Returns the outputs of a TFLite file's signature by name, one batch of its size after another.

    With them the text, where the file holds a vocabulary and the signature takes seeds.
    """
    from ai_edge_litert.interpreter import Interpreter

    outputs = in_batches(Interpreter(model_path=path).get_signature_runner(signature), inputs)
    if "seeds" in inputs and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            packed = {name: archive.read(name).decode() for name in archive.namelist()}
        if "vocabulary.txt" in packed:
            pieces = packed["vocabulary.txt"].split("\n")
            outputs["text"] = np.array([to_text(row, pieces) for row in outputs["token_ids"].tolist()])
    return outputs


def in_batches(run, inputs):
    """Returns the outputs of a TFLite signature runner by name, one batch of its size after another."""
    count = batch = len(next(iter(inputs.values())))
    for details in run.get_input_details().values():
        if details["shape_signature"][0] != -1:
            batch = int(details["shape"][0])
    rows = -(-count // batch) * batch
    # Repeats rows to fill the last batch.
    inputs = {name: np.resize(value, (rows, *value.shape[1:])) for name, value in inputs.items()}
    parts = [{name: value[i : i + batch] for name, value in inputs.items()} for i in range(0, rows, batch)]
    # The interpreter owns its output memory: each answer is copied before the next call.
    answers = [{name: value.copy() for name, value in run(**part).items()} for part in parts]
    return {name: np.concatenate([answer[name] for answer in answers])[:count] for name in answers[0]}


def run_onnx(path, signature, inputs):
    """Returns the outputs of an ONNX file by name; it has no signatures."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, inputs), strict=True))


def to_text(tokens, pieces):
    """Returns tokens as text by the vocabulary alone."""
    end = tokens.index(0) if 0 in tokens else len(tokens)
    return "".join(pieces[token] for token in tokens[:end]).replace("\u2581", " ").strip(" ")


def differences(signature, found, expected):
    """Returns the largest and the mean difference of outputs by name, which must be the same ones.

    Text differs by 1 or 0 and has no mean; that of integers is the share of those that differ. What is expected of 8-bit
    pixels, or of other floats stored as integers, is the numbers before they are rounded: they may lie half a step from them.
    """
    if sorted(found) != sorted(expected):
        sys.exit(f"The signature {signature} returns {sorted(found)}, not {sorted(expected)}.")
    largest, means = [], []
    for name, wanted in expected.items():
        if found[name].shape != wanted.shape:
            sys.exit(f"'{name}' of the signature {signature} is of shape {found[name].shape}, not {wanted.shape}.")
        apart = found[name] != wanted if name == "text" else np.abs(found[name] - wanted)
        if np.issubdtype(found[name].dtype, np.integer) and np.issubdtype(wanted.dtype, np.floating):
            limits = np.iinfo(found[name].dtype)
            apart = np.maximum(apart - 0.5, 0.0) / (float(limits.max) - float(limits.min))
        largest.append(float(apart.max()))
        if name != "text":
            means.append(float((apart > 0).mean() if np.issubdtype(wanted.dtype, np.integer) else apart.mean()))
    return max(largest), max(means)


def main():
    kind, path, reference = sys.argv[1:]
    cases = {}
    with np.load(reference) as archive:
        for key in archive.files:
            signature, role, name = key.split("/")
            cases.setdefault(signature, {"inputs": {}, "outputs": {}})[role][name] = archive[key]
    run = {"saved_model": run_saved_model, "tflite": run_tflite, "onnx": run_onnx}[kind]
    found = [differences(name, run(path, name, case["inputs"]), case["outputs"]) for name, case in cases.items()]
    foreign = [name for name in sys.modules if name.split(".")[0] in ("keras_gans", "keras_gans_zoo")]
    if foreign:
        sys.exit(f"This process was to run the export alone, but imported {foreign}.")
    print(json.dumps({"largest_difference": max(pair[0] for pair in found), "mean_difference": max(pair[1] for pair in found)}))


if __name__ == "__main__":
    main()
