"""Saving an adversarial model in Keras' own format."""

import keras
from keras import ops

from keras_gans.adversarial.ema import clone_for_averaging


class Saving:
    """The part of `AdversarialModel` that `model.save` and `keras.models.load_model` use."""

    # Keras stores networks, optimizers and their state; seeds would restart without our help.

    def save_own_variables(self, store):
        super().save_own_variables(store)
        for name in ("noise_seed", "evaluation_seed"):
            store[name] = ops.convert_to_numpy(getattr(self, name).state)

    def load_own_variables(self, store):
        for name in ("noise_seed", "evaluation_seed"):
            getattr(self, name).state.assign(store[name])

    def get_config(self):
        return {
            "generator": keras.saving.serialize_keras_object(self.generator),
            "discriminator": keras.saving.serialize_keras_object(self.discriminator),
            "seed": self.seed,
            "num_classes": self.num_classes,
            "name": self.name,
            "entry": self.entry,
            "has_ema": self.ema_generator is not None,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        config = dict(config)
        entry, has_ema = config.pop("entry", None), config.pop("has_ema", False)
        for network in ("generator", "discriminator"):
            config[network] = keras.saving.deserialize_keras_object(config[network], custom_objects=custom_objects)
        model = cls(**config)
        model.entry = entry
        if has_ema:
            model.ema_generator = clone_for_averaging(model.generator)
        return model

    def get_compile_config(self):
        if not self.compiled:
            return None
        config = {
            "generator_optimizer": self.optimizer.generator,
            "discriminator_optimizer": self.optimizer.discriminator,
            **self._compile_arguments,
        }
        return {name: keras.saving.serialize_keras_object(value) for name, value in config.items()}

    def compile_with(self, **changes):
        """Compiles the model as it is, but for some arguments of `compile`: `model.compile_with(augment="diff_augment")`.

        Optimizers begin anew.

        Raises:
            RuntimeError: If the model is not compiled.
        """
        if not self.compiled:
            raise RuntimeError("The model is not compiled: call compile() with all that is wanted.")
        config = self.get_compile_config()
        self.compile_from_config({**config, **{name: keras.saving.serialize_keras_object(v) for name, v in changes.items()}})

    def compile_from_config(self, config):
        self.compile(**{name: keras.saving.deserialize_keras_object(value) for name, value in config.items()})
