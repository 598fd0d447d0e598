"""A separate process for each way to run a generator:

python -m keras_gans_tools.benchmarks.running WAY MODEL SETTINGS PATH BATCH THREADS

SETTINGS is JSON: arguments of the model's builder. PATH is the export, or the address of the server.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import numpy as np

from .turns import Turns

_WARM_UP = 20


# A call generates one batch.
_Run = Callable[[], Any]


def main(turns: Turns, way: str, model: str, settings: dict[str, Any], path: str, batch: int, threads: int) -> None:
    """Run one contestant until its parent ends."""
    # All contestants share these cores, however many threads their libraries start.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    maker = _MAKERS["tflite" if way.startswith("tflite") else way]
    run = maker(model=model, settings=settings, path=path, batch=batch, threads=threads)
    for _ in range(_WARM_UP):
        run()
    amount = turns.begin()
    while True:
        for _ in range(amount):
            run()
        amount = turns.finish()


def _inputs(specs: Mapping[str, tuple[int, ...]], batch: int) -> dict[str, np.ndarray]:
    """Return inputs by name: normal latents, every class in turn."""
    random = np.random.default_rng(0)
    made: dict[str, Callable[[tuple[int, ...]], np.ndarray]] = {
        "latents": lambda shape: random.standard_normal((batch, *shape), dtype="float32")
    }
    made["labels"] = lambda shape: np.arange(batch, dtype="int32") % 10
    return {name: made[name](shape) for name, shape in specs.items()}


def _one_tensorflow(threads: int) -> ModuleType:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    return tf


def _keras(path: str, batch: int, threads: int, **_: Any) -> _Run:
    _one_tensorflow(threads)
    import keras_gans

    model = keras_gans.load_pretrained(path)
    inputs = model.inputs_for(batch, seed=0, conditions=model.example_conditions(batch))
    network, given = model.sampling_network(), model.arrange_inputs(inputs)
    return lambda: model.run_network(network, given)


def _saved_model(path: str, batch: int, threads: int, **_: Any) -> _Run:
    tf: Any = _one_tensorflow(threads)
    loaded = tf.saved_model.load(path)
    function = loaded.signatures["serving_default"]
    specs = {name: spec.shape[1:] for name, spec in function.structured_input_signature[1].items()}
    inputs = _inputs(specs, batch)

    def run(loaded: Any = loaded) -> np.ndarray:
        return function(**{name: tf.constant(value) for name, value in inputs.items()})["images"].numpy()

    return run


def _tflite(path: str, batch: int, threads: int, **_: Any) -> _Run:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(path, num_threads=threads)
    runner = interpreter.get_signature_runner("serving_default")
    specs = {name: details["shape"][1:] for name, details in runner.get_input_details().items()}
    inputs = _inputs(specs, batch)
    return lambda: runner(**inputs)


def _onnx(path: str, batch: int, threads: int, **_: Any) -> _Run:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    inputs = _inputs({value.name: value.shape[1:] for value in session.get_inputs()}, batch)
    return lambda: session.run(None, inputs)


def _torch(model: str, settings: dict[str, Any], batch: int, threads: int, **_: Any) -> _Run:
    import torch

    from . import torch_loop

    torch.set_num_threads(threads)
    generator = torch_loop.generator(model, settings).eval()
    latents = torch.from_numpy(_inputs({"latents": (generator[0].in_features,)}, batch)["latents"])

    def run() -> np.ndarray:
        with torch.inference_mode():
            return generator(latents).mul(0.5).add(0.5).permute(0, 2, 3, 1).contiguous().numpy()

    return run


def _server(model: str, settings: dict[str, Any], path: str, batch: int, **_: Any) -> _Run:
    import urllib.request

    import keras_gans
    from keras_gans.export.signatures import signatures_of

    inputs = signatures_of(keras_gans.create_model(model, **settings)).all["serving_default"].examples(batch)
    body = json.dumps({"inputs": {name: value.tolist() for name, value in inputs.items()}}).encode()

    def run() -> Any:
        with urllib.request.urlopen(f"{path}:predict", body, timeout=60) as answer:
            return json.load(answer)["outputs"]

    return run


_MAKERS: dict[str, Callable[..., _Run]] = {
    "keras": _keras,
    "saved_model": _saved_model,
    "tflite": _tflite,
    "onnx": _onnx,
    "torch": _torch,
    "server": _server,
}


if __name__ == "__main__":
    turns = Turns()
    try:
        main(turns, sys.argv[1], sys.argv[2], json.loads(sys.argv[3]), sys.argv[4], int(sys.argv[5]), int(sys.argv[6]))
    except ImportError as error:
        if error.name not in ("torch", "onnxruntime"):
            raise
        turns.say("missing")
