"""Samples of a TFLite file, drawn as the model that it was made from draws them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from keras_gans._typing import PathLike
from keras_gans.export.run_export import in_batches
from keras_gans.export.signatures import Signatures


class Sampler:
    """Generate with a TFLite file what `model.generate` generates, so that an `Evaluator` can measure either.

    Args:
        signatures: The signatures of the model that the file was made from, which draws the latents.
        path: The file.
        threads: Number of threads of the interpreter.
    """

    def __init__(self, signatures: Signatures, path: PathLike, threads: int = 1):
        from ai_edge_litert.interpreter import Interpreter

        self.signatures, self.model = signatures, signatures.model
        self._run = Interpreter(str(path), num_threads=threads).get_signature_runner("serving_default")

    def __getattr__(self, name: str) -> Any:
        # The medium, shapes and conditions are the model's.
        return getattr(self.model, name)

    def generate(
        self,
        n: int,
        seed: int | None = None,
        labels: Any = None,
        conditions: Mapping[str, Any] | None = None,
        **batching: Any,
    ) -> np.ndarray:
        """Return samples as the model's `generate` does: float32 `(n, *sample_shape)`, images in [-1, 1]."""
        return np.concatenate(list(self.generate_batches(n, seed, labels, conditions=conditions, **batching)))

    def generate_batches(
        self,
        n: int,
        seed: int | None = None,
        labels: Any = None,
        batch_size: int = 256,
        conditions: Mapping[str, Any] | None = None,
    ) -> Iterator[np.ndarray]:
        """Return an iterator over the samples of `generate`, `batch_size` at a time."""
        inputs = self.signatures.default_inputs(n, seed, labels, conditions)
        for start in range(0, n, batch_size):
            part = {name: value[start : start + batch_size] for name, value in inputs.items()}
            yield self.signatures.from_exported(in_batches(self._run, part)[self.signatures.output])
