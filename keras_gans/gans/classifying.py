"""What models have in common whose discriminator also classifies samples."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from keras_gans._typing import Array, Tensor
from keras_gans.adversarial import AdversarialModel
from keras_gans.errors import check_count


class ClassifyingModel(AdversarialModel):
    """Base class of models whose discriminator also returns a logit for each class."""

    # Returns the classifier; None until it is made. In a function, as Keras would count its weights twice.
    _made_classifier: Any = staticmethod(lambda: None)

    def class_logits_of(self, discriminator: keras.Model) -> Tensor:
        """Return the output of a discriminator, a symbolic tensor, that holds the class logits."""
        raise NotImplementedError

    @property
    def classifier(self) -> keras.Model:
        """The classifier: a plain Keras model from samples, float32 in [-1, 1], to logits `(batch, classes)`.

        It consists of layers of the discriminator, so that training either changes both. Save it, export it or compile it like
        any other Keras model.

        Example:

            model.classifier.save("classifier.keras")
        """
        self.sync_state()
        found = self._made_classifier()
        if found is None:
            inputs = self.discriminator.inputs
            inputs = inputs if len(inputs) > 1 else inputs[0]
            found = keras.Model(inputs, self.class_logits_of(self.discriminator), name="classifier")
            self._made_classifier = lambda: found
        return found

    def classify(self, samples: Any, batch_size: int = 256) -> Array:
        """Return the probability of each class for samples.

        Args:
            samples: uint8, or floats in [-1, 1], of shape `(n, *sample_shape)`; or one sample.
            batch_size: Number of samples computed at a time.

        Returns:
            NumPy float32 array of shape `(n, classes)`; `.argmax(axis=1)` are the classes.

        Raises:
            ValueError: If the samples have another shape.
        """
        samples, batch_size = np.asarray(samples), check_count("batch_size", batch_size)
        samples = samples[None] if samples.shape == self.data_shape else samples
        self._expected.check_shape(samples)
        with self.newest_weights():
            network = self.classifier
        parts = range(0, len(samples), batch_size)
        logits = [self.run_network(network, self.medium.to_float(samples[start : start + batch_size])) for start in parts]
        found = np.concatenate([np.zeros((0, network.output_shape[-1])), *logits]).astype("float64")
        found = np.exp(found - found.max(axis=1, keepdims=True, initial=-np.inf))
        return (found / found.sum(axis=1, keepdims=True)).astype("float32")
