"""Saving an adversarial model in Keras' own format, and exporting its generator."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gans import conditions as condition_module
from keras_gans import media as media_module
from keras_gans._typing import PathLike
from keras_gans.adversarial.ema import clone_for_averaging
from keras_gans.adversarial.parts import Part

_SEEDS = ("noise_seed", "evaluation_seed")
_HAS_AVERAGE = "has_ema"


class Saving(Part):
    """The part of `AdversarialModel` that is about files. Keras stores networks, optimizers and their state."""

    def save(self, filepath: PathLike, *args: Any, **kwargs: Any) -> None:
        """Save the model as `keras.Model.save` does; `keras.models.load_model` loads it.

        Args:
            filepath: A path that ends in `.keras`.
            *args: As in Keras.
            **kwargs: As in Keras.

        Raises:
            ValueError: If the path ends in `.h5`, Keras' legacy format, which cannot hold two networks.
        """
        if os.fspath(filepath).endswith((".h5", ".hdf5")):
            raise ValueError(
                f"'{os.fspath(filepath)}': the HDF5 format cannot hold an adversarial model. Save it as .keras, or only its "
                "weights with save_weights('....weights.h5')."
            )
        return super().save(filepath, *args, **kwargs)

    def export(self, filepath: PathLike, *args: Any, **kwargs: Any) -> Any:
        """Export the network that generates, as `keras.Model.export` does: the averaged generator if there is one.

        `keras_gans.export` offers more: seeds in place of latents, images as uint8, text, quantization and checks.

        Args:
            filepath: The folder or file to write.
            *args: As in Keras.
            **kwargs: As in Keras, such as `format` (`"tf_saved_model"`, `"onnx"`, ...).

        Raises:
            ValueError: If the generator is not a plain Keras network, such as that of a text model.

        Example:

            model.export("exported")
            loaded = tf.saved_model.load("exported")
            samples = loaded.serve(latents)
        """
        self.sync_state()
        network = self.sampling_network()
        if not getattr(network, "inputs", None):
            raise ValueError(
                f"Keras cannot export the generator of this {type(self).__name__}, which is more than a graph of layers: use "
                "keras_gans.export.saved_model(model, path)."
            )
        return network.export(os.fspath(filepath), *args, **kwargs)

    # Without this, seeds would start again.

    def save_own_variables(self, store: Any) -> None:
        super().save_own_variables(store)
        for name in _SEEDS:
            store[name] = ops.convert_to_numpy(getattr(self, name).state)
        if self.ema_generator is not None:
            store[_HAS_AVERAGE] = np.ones((), "int32")

    def load_own_variables(self, store: Any) -> None:
        for name in _SEEDS:
            getattr(self, name).state.assign(store[name])
        if _HAS_AVERAGE in store and self.ema_generator is None:
            warnings.warn(
                "The file holds a moving average of the generator, but this model has none: it is not loaded. To load it, "
                "compile with ema= first.",
                stacklevel=2,
            )

    def get_config(self) -> dict[str, Any]:
        return {
            "generator": keras.saving.serialize_keras_object(self.generator),
            "discriminator": keras.saving.serialize_keras_object(self.discriminator),
            "seed": self.seed,
            "conditions": condition_module.to_config(self.conditions),
            "medium": None if self._medium is None else media_module.medium_to_config(self._medium),
            "name": self.name,
            "entry": self.entry,
            "has_ema": self.ema_generator is not None,
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
        config = dict(config)
        entry, has_ema = config.pop("entry", None), config.pop("has_ema", False)
        for network in ("generator", "discriminator"):
            config[network] = keras.saving.deserialize_keras_object(config[network], custom_objects=custom_objects)
        if config.get("conditions") is not None:
            config["conditions"] = condition_module.from_config(config["conditions"])
        if config.get("medium") is not None:
            config["medium"] = media_module.medium_from_config(config["medium"])
        model = cls(**config)
        model.entry = entry
        if has_ema:
            model.ema_generator = clone_for_averaging(model.generator)
        return model
