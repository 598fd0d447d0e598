"""One optimizer object for the two networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import ops

from keras_gans._typing import Tensor
from keras_gans.adversarial.schedules import ScaledSchedule


@keras.saving.register_keras_serializable(package="keras_gans")
class PlayersOptimizer(keras.optimizers.Optimizer):
    """Holds the generator's and the discriminator's optimizers where Keras expects one optimizer.

    Keras' trainers, checkpoints and callbacks see only `model.optimizer`. This one shows them the variables of both optimizers,
    each of which takes its own steps.

    The learning rates are `optimizer.generator.learning_rate` and `optimizer.discriminator.learning_rate`. Keras' callbacks
    treat each separately: `ReduceLROnPlateau` multiplies both; `LearningRateScheduler` calls `schedule(epoch, rate)` once for
    each network with that network's rate, so a schedule that returns a multiple of `rate` keeps the ratio of the two (TTUR).
    They log `learning_rate_generator` and `learning_rate_discriminator`. Reading `optimizer.learning_rate` returns the
    generator's rate; setting it, to a number or a schedule, keeps the ratio of the two.

    Args:
        generator: A Keras optimizer, or anything that `keras.optimizers.get` accepts.
        discriminator: The same; not the same object.

    Raises:
        ValueError: If both networks are given the same optimizer object.
    """

    def __init__(
        self,
        generator: keras.optimizers.Optimizer | str | Mapping[str, Any],
        discriminator: keras.optimizers.Optimizer | str | Mapping[str, Any],
        name: str = "adversarial",
    ):
        super().__init__(learning_rate=0.0, name=name)
        self.generator = keras.optimizers.get(generator)
        self.discriminator = keras.optimizers.get(discriminator)
        if self.generator is self.discriminator:
            raise ValueError(
                "Generator and discriminator were given the same optimizer object. Give each its own, or compile with "
                "optimizer=..., which is copied for each network."
            )
        self._rate_ratio = 1.0
        # Keras' callbacks log learning rates under these names.
        self.generator.name, self.discriminator.name = "generator", "discriminator"

    @property
    def optimizers(self) -> list[keras.optimizers.Optimizer]:
        """Both optimizers; Keras' learning-rate callbacks and SwapEMAWeights go through this list."""
        return [self.generator, self.discriminator]

    @property
    def variables(self) -> list[keras.Variable]:
        return [*self._variables, *self.generator.variables, *self.discriminator.variables]

    def build_players(
        self, generator_variables: Sequence[keras.Variable], discriminator_variables: Sequence[keras.Variable]
    ) -> None:
        """Create the state of both optimizers for the networks' trainable variables."""
        self.generator.build(generator_variables)
        self.discriminator.build(discriminator_variables)
        super().build([*generator_variables, *discriminator_variables])

    def build(self, variables: Sequence[keras.Variable]) -> None:
        raise NotImplementedError("It must be known which variables belong to which network: call build_players().")

    def apply(self, grads: Sequence[Tensor], trainable_variables: Sequence[keras.Variable] | None = None) -> None:
        raise NotImplementedError("Each network has its own optimizer: call .generator.apply() or .discriminator.apply().")

    @property
    def learning_rate(self) -> Tensor:
        return self.generator.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float | keras.optimizers.schedules.LearningRateSchedule) -> None:
        old = float(ops.convert_to_numpy(self.generator.learning_rate))
        if old > 0:  # the ratio cannot be computed at 0: the last known one is kept
            self._rate_ratio = float(ops.convert_to_numpy(self.discriminator.learning_rate)) / old
        if isinstance(value, keras.optimizers.schedules.LearningRateSchedule):
            self.generator.learning_rate = value
            self.discriminator.learning_rate = value if self._rate_ratio == 1.0 else ScaledSchedule(value, self._rate_ratio)
            return
        for optimizer in self.optimizers:
            inner = getattr(optimizer, "inner_optimizer", optimizer)
            if isinstance(inner._learning_rate, keras.optimizers.schedules.LearningRateSchedule):
                # Before either rate is changed.
                raise TypeError(
                    f"The {optimizer.name}'s learning rate is a LearningRateSchedule, which a number cannot replace. Compile "
                    "again with a number."
                )
        self.generator.learning_rate = value
        self.discriminator.learning_rate = value * self._rate_ratio

    def finalize_variable_values(self, var_list: Sequence[keras.Variable]) -> None:
        for optimizer in self.optimizers:
            optimizer.finalize_variable_values(optimizer._trainable_variables)

    # Keras saves both inner optimizers by itself, since they are attributes; only this object's own variables are left.
    def save_own_variables(self, store: Any) -> None:
        for index, variable in enumerate(self._variables):
            store[str(index)] = variable.numpy()

    def load_own_variables(self, store: Any) -> None:
        for index, variable in enumerate(self._variables):
            variable.assign(store[str(index)])

    def get_config(self) -> dict[str, Any]:
        return {
            "generator": keras.saving.serialize_keras_object(self.generator),
            "discriminator": keras.saving.serialize_keras_object(self.discriminator),
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> PlayersOptimizer:
        config = dict(config)
        for player in ("generator", "discriminator"):
            config[player] = keras.saving.deserialize_keras_object(config[player], custom_objects=custom_objects)
        return cls(**config)


def copy_optimizer(
    identifier: keras.optimizers.Optimizer | str | Mapping[str, Any],
) -> keras.optimizers.Optimizer:
    """Return a new optimizer of the same configuration.

    Args:
        identifier: An optimizer, or anything that `keras.optimizers.get` accepts.
    """
    if isinstance(identifier, keras.optimizers.Optimizer):
        return type(identifier).from_config(identifier.get_config())
    return keras.optimizers.get(identifier)


def reset(optimizer: keras.optimizers.Optimizer) -> None:
    """Reset an optimizer's moments and step count; its learning rate is kept."""
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    for variable in inner.variables:
        if variable is not inner._learning_rate:
            variable.assign(ops.zeros(variable.shape, variable.dtype))
