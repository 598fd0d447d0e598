"""One optimizer object for two players."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_gans")
class PlayersOptimizer(keras.optimizers.Optimizer):
    """Holds the generator's and the discriminator's optimizer where Keras expects one.

    Keras' trainers, checkpoints and callbacks see `model.optimizer` only; this one shows them the variables of both players.
    Each player's own optimizer takes its steps.

    The learning rates are `optimizer.generator.learning_rate` and `optimizer.discriminator.learning_rate`. Keras' callbacks
    treat each by itself: `ReduceLROnPlateau` multiplies both; `LearningRateScheduler` calls `schedule(epoch, rate)` once for
    each player with that player's rate, so a schedule that returns a multiple of `rate` keeps the ratio of the two (TTUR).
    They log `learning_rate_generator` and `learning_rate_discriminator`. Reading `optimizer.learning_rate` gives the
    generator's; setting it scales the discriminator's by the same factor.

    Args:
        generator: A Keras optimizer, or what `keras.optimizers.get` takes.
        discriminator: The same, and not the same object.

    Raises:
        ValueError: If both players are given one optimizer object.
    """

    def __init__(self, generator, discriminator, name="players"):
        super().__init__(learning_rate=0.0, name=name)
        self.generator = keras.optimizers.get(generator)
        self.discriminator = keras.optimizers.get(discriminator)
        if self.generator is self.discriminator:
            raise ValueError(
                "Both players were given the same optimizer object, whose state would mix. Give each player its own, "
                "for example Adam(2e-4, beta_1=0.5) twice."
            )
        self._rate_ratio = 1.0
        # Keras' callbacks log learning rates under these names.
        self.generator.name, self.discriminator.name = "generator", "discriminator"

    @property
    def optimizers(self):
        """Both optimizers; Keras' learning-rate callbacks and SwapEMAWeights go through this list."""
        return [self.generator, self.discriminator]

    @property
    def variables(self):
        return [*self._variables, *self.generator.variables, *self.discriminator.variables]

    def build_players(self, generator_variables, discriminator_variables):
        """Creates the state of both optimizers for the two players' trainable variables."""
        self.generator.build(generator_variables)
        self.discriminator.build(discriminator_variables)
        super().build([*generator_variables, *discriminator_variables])

    def build(self, variables):
        raise NotImplementedError("Which variables belong to whom must be said: call build_players().")

    def apply(self, grads, trainable_variables=None):
        raise NotImplementedError("Each player takes its own steps: call .generator.apply() or .discriminator.apply().")

    @property
    def learning_rate(self):
        return self.generator.learning_rate

    @learning_rate.setter
    def learning_rate(self, value):
        old = float(ops.convert_to_numpy(self.generator.learning_rate))
        if old > 0:  # at 0 the ratio cannot be read off, and the last one known holds
            self._rate_ratio = float(ops.convert_to_numpy(self.discriminator.learning_rate)) / old
        self.generator.learning_rate = value
        self.discriminator.learning_rate = value * self._rate_ratio

    def finalize_variable_values(self, var_list):
        for optimizer in self.optimizers:
            optimizer.finalize_variable_values(optimizer._trainable_variables)

    # Keras saves both inner optimizers by itself, since they are attributes; only this object's own variables are left.
    def save_own_variables(self, store):
        for index, variable in enumerate(self._variables):
            store[str(index)] = variable.numpy()

    def load_own_variables(self, store):
        for index, variable in enumerate(self._variables):
            variable.assign(store[str(index)])

    def get_config(self):
        return {
            "generator": keras.saving.serialize_keras_object(self.generator),
            "discriminator": keras.saving.serialize_keras_object(self.discriminator),
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        config = dict(config)
        for player in ("generator", "discriminator"):
            config[player] = keras.saving.deserialize_keras_object(config[player], custom_objects=custom_objects)
        return cls(**config)


def reset(optimizer):
    """Makes an optimizer forget its moments and its steps; its learning rate stays."""
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    for variable in inner.variables:
        if variable is not inner._learning_rate:
            variable.assign(ops.zeros(variable.shape, variable.dtype))
