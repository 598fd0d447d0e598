"""Samples of a TFLite file, drawn as the model it was made from draws them."""

import os

import numpy as np

from keras_gans.export.run_export import in_batches
from keras_gans.export.signatures import Signatures


class Sampler:
    """Generates with a TFLite file what `model.generate` generates, up to what the file lost: an `Evaluator` measures either.

    Args:
        signatures: The `Signatures` of the model that the file was made from, which draws the latents.
        path: The file.
        threads: Threads of the interpreter.
    """

    def __init__(self, signatures: Signatures, path: str | os.PathLike, threads: int = 1):
        from ai_edge_litert.interpreter import Interpreter

        self.signatures, self.model = signatures, signatures.model
        self._run = Interpreter(str(path), num_threads=threads).get_signature_runner("serving_default")

    def __getattr__(self, name):
        # What a sample is, and what the model is told, is as the model says.
        return getattr(self.model, name)

    def generate(self, n, seed=None, labels=None, conditions=None, **batching):
        """Returns samples as the model's `generate` does: float32 `(n, *sample_shape)`, images in [-1, 1]."""
        return np.concatenate(list(self.generate_batches(n, seed, labels, conditions=conditions, **batching)))

    def generate_batches(self, n, seed=None, labels=None, batch_size=256, conditions=None):
        """Returns an iterator over the samples of `generate`, `batch_size` at a time."""
        inputs = self.signatures.default_inputs(n, seed, labels, conditions)
        for start in range(0, n, batch_size):
            part = {name: value[start : start + batch_size] for name, value in inputs.items()}
            yield self.signatures.from_exported(in_batches(self._run, part)[self.signatures.output])
