"""Samples of a TFLite file, drawn as the model it was made from draws them."""

import os

import numpy as np

from keras_gans.export.run_export import in_batches
from keras_gans.export.signature import output_name


class Sampler:
    """Generates with a TFLite file what `model.generate` generates, up to what the file lost: an `Evaluator` measures either.

    Args:
        model: The `AdversarialModel` that the file was made from: it draws the latents.
        path: The file.
        threads: How many the interpreter takes.
    """

    def __init__(self, model, path: str | os.PathLike, threads: int = 1):
        from ai_edge_litert.interpreter import Interpreter

        self.model, self.conditional = model, model.conditional
        self._run = Interpreter(str(path), num_threads=threads).get_signature_runner("serving_default")
        self._output = output_name(model)

    def class_labels(self, n):
        """As the model's."""
        return self.model.class_labels(n)

    def at_data_size(self, samples):
        """As the model's."""
        return self.model.at_data_size(samples)

    def generate(self, n, seed=None, labels=None):
        """Returns samples as the model's `generate` does: float32 `(n, *sample_shape)`, images in [-1, 1]."""
        return np.concatenate(list(self.generate_batches(n, seed, labels)))

    def generate_batches(self, n, seed=None, labels=None, batch_size=256):
        """Returns an iterator over the samples of `generate`, `batch_size` at a time."""
        inputs = {"latents": self.model.latents(n, seed)}
        if labels is not None:
            inputs["labels"] = np.broadcast_to(np.asarray(labels, "int32"), (n,))
        for start in range(0, n, batch_size):
            part = {name: value[start : start + batch_size] for name, value in inputs.items()}
            samples = in_batches(self._run, part)[self._output]
            yield samples * 2.0 - 1.0 if self._output == "images" else samples
