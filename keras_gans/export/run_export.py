"""Runs exported models in a process of its own and compares their outputs with references.

    python -P run_export.py saved_model|tflite|onnx

Each line of standard input is a job, `{"path": ..., "reference": ...}`; each is answered by a line of JSON on standard output:
the largest and the mean difference, or an `error`. The reference is an .npz file of arrays named SIGNATURE/inputs/NAME and
SIGNATURE/outputs/NAME. The process ends with its input, or after a minute without a job.

This script imports nothing of keras_gans, and TensorFlow for SavedModels only: neither do those who will run the export.
"""

import json
import os
import sys
import threading
import traceback
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

# Types are written out here: nothing of keras_gans is imported.
Outputs = dict[str, np.ndarray]
Run = Callable[[str, Mapping[str, np.ndarray]], Outputs]

_IDLE_SECONDS = 60.0


def load_saved_model(path: str) -> Run:
    """Load a SavedModel; return a function from a signature and its inputs to its outputs, by name."""
    import tensorflow as tf

    loaded = tf.saved_model.load(path)

    def run(signature: str, inputs: Mapping[str, np.ndarray]) -> Outputs:
        outputs = loaded.signatures[signature](**{name: tf.constant(value) for name, value in inputs.items()})
        outputs = {name: value.numpy() for name, value in outputs.items()}
        if "text" in outputs:
            outputs["text"] = np.array([line.decode() for line in outputs["text"]])
        if "image_bytes" in outputs:
            outputs["image_bytes"] = np.stack([tf.io.decode_png(png).numpy() for png in outputs["image_bytes"]])
        if "frame_bytes" in outputs:
            clips = [[tf.io.decode_png(png).numpy() for png in clip] for clip in outputs["frame_bytes"]]
            outputs["frame_bytes"] = np.stack([np.stack(clip) for clip in clips])
        if "wav_bytes" in outputs:
            outputs["wav_bytes"] = np.stack([tf.audio.decode_wav(wav)[0].numpy() for wav in outputs["wav_bytes"]])
        return outputs

    return run


def load_tflite(path: str) -> Run:
    """Load a TFLite file, as `load_saved_model`. Inputs are run in batches of the file's size.

    If the file holds a vocabulary and the signature takes seeds, the outputs include the text.
    """
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=path)
    packed = {}
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            packed = {name: archive.read(name).decode() for name in archive.namelist()}

    def run(signature: str, inputs: Mapping[str, np.ndarray]) -> Outputs:
        outputs = in_batches(interpreter.get_signature_runner(signature), inputs)
        if "seeds" in inputs and "vocabulary.txt" in packed:
            pieces = packed["vocabulary.txt"].split("\n")
            outputs["text"] = np.array([to_text(row, pieces) for row in outputs["token_ids"].tolist()])
        return outputs

    return run


def load_onnx(path: str) -> Run:
    """Load an ONNX file, as `load_saved_model`; it has one signature."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return lambda signature, inputs: dict(zip(names, session.run(names, dict(inputs)), strict=True))


LOADERS = {"saved_model": load_saved_model, "tflite": load_tflite, "onnx": load_onnx}


def in_batches(run: Any, inputs: Mapping[str, np.ndarray]) -> Outputs:
    """Return the outputs of a TFLite signature runner, by name, for inputs of any number of rows."""
    count = batch = len(next(iter(inputs.values())))
    for details in run.get_input_details().values():
        if details["shape_signature"][0] != -1:
            batch = int(details["shape"][0])
    rows = -(-count // batch) * batch
    # Rows are repeated to fill the last batch.
    inputs = {name: np.resize(value, (rows, *value.shape[1:])) for name, value in inputs.items()}
    parts = [{name: value[i : i + batch] for name, value in inputs.items()} for i in range(0, rows, batch)]
    # The interpreter owns its output memory: each answer is copied before the next call.
    answers = [{name: value.copy() for name, value in run(**part).items()} for part in parts]
    return {name: np.concatenate([answer[name] for answer in answers])[:count] for name in answers[0]}


def to_text(tokens: list[int], pieces: list[str]) -> str:
    """Return token ids as text, using the vocabulary alone."""
    end = tokens.index(0) if 0 in tokens else len(tokens)
    return "".join(pieces[token] for token in tokens[:end]).replace("\u2581", " ").strip(" ")


def differences(signature: str, found: Outputs, expected: Outputs) -> tuple[float, float]:
    """Return the largest and the mean difference between outputs.

    Text differs by 0 or 1 and has no mean. The mean of integers is the share that differs. 8-bit pixels, and other floats that
    are stored as integers, are compared with the floats before rounding, from which they may differ by half a step.

    Raises:
        ValueError: If the names or shapes of the outputs differ.
    """
    if sorted(found) != sorted(expected):
        raise ValueError(f"The signature {signature} returns {sorted(found)}, not {sorted(expected)}.")
    largest, means = [], []
    for name, wanted in expected.items():
        if found[name].shape != wanted.shape:
            raise ValueError(f"'{name}' of the signature {signature} is of shape {found[name].shape}, not {wanted.shape}.")
        apart = found[name] != wanted if name == "text" else np.abs(found[name] - wanted)
        if np.issubdtype(found[name].dtype, np.integer) and np.issubdtype(wanted.dtype, np.floating):
            limits = np.iinfo(found[name].dtype)
            apart = np.maximum(apart - 0.5, 0.0) / (float(limits.max) - float(limits.min))
        largest.append(float(apart.max()))
        if name != "text":
            means.append(float((apart > 0).mean() if np.issubdtype(wanted.dtype, np.integer) else apart.mean()))
    return max(largest), max(means)


def compare(kind: str, path: str, reference: str) -> dict[str, float]:
    """Run every signature of an export and compare its outputs with the reference."""
    cases: dict[str, dict[str, Outputs]] = {}
    with np.load(reference) as archive:
        for key in archive.files:
            signature, role, name = key.split("/")
            cases.setdefault(signature, {"inputs": {}, "outputs": {}})[role][name] = archive[key]
    run = LOADERS[kind](path)
    found = [differences(name, run(name, case["inputs"]), case["outputs"]) for name, case in cases.items()]
    ours = {"keras_gans", "keras_gans_zoo"} | (set() if kind == "saved_model" else {"tensorflow"})
    foreign = sorted(ours & {name.split(".")[0] for name in sys.modules})
    if foreign:
        raise RuntimeError(f"This process must run the export alone, but imported {', '.join(foreign)}.")
    return {"largest_difference": max(pair[0] for pair in found), "mean_difference": max(pair[1] for pair in found)}


def main() -> None:
    """Answer jobs until there are no more."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # The process that exports may use the same GPU, and has taken most of its memory.
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    [kind] = sys.argv[1:]
    # Whatever a runtime prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    while job := _next_line():
        try:
            answer: dict[str, Any] = compare(kind, **json.loads(job))
        except Exception:
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer), file=answers, flush=True)


def _next_line() -> str:
    idle = threading.Timer(_IDLE_SECONDS, os._exit, [0])
    idle.daemon = True
    idle.start()
    try:
        return sys.stdin.readline()
    finally:
        idle.cancel()


if __name__ == "__main__":
    main()
