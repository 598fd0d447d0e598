"""A recurrent cell whose memory is a set of vectors that attend to each other."""

from typing import Any

import keras
from keras import layers, ops

from keras_gans._typing import Tensor
from keras_gans.errors import check_count


@keras.saving.register_keras_serializable(package="keras_gans")
class RelationalMemoryCell(layers.Layer):
    """The relational memory core as a Keras cell: at each step, the slots of the memory attend to each other and to the input.

    The state and the output are one vector of length `slots * heads * head_size`. The memory is initialised with the identity
    matrix (its first rows and columns), so that the slots differ.

    Args:
        slots: Number of vectors in the memory, an integer >= 1. Default 1.
        heads: Number of attention heads, an integer >= 1. Default 2.
        head_size: Length of a head, an integer >= 1. Default 256. A slot has length `heads * head_size`.
        **kwargs: As `keras.layers.Layer`.

    Raises:
        ValueError: If a number is out of range.

    Reference: Santoro et al. 2018, "Relational recurrent neural networks", section 3 (equations 2 to 8); Nie et al. 2019,
    "RelGAN", section 2.1, which generates with it.
    """

    def __init__(self, slots: int = 1, heads: int = 2, head_size: int = 256, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.slots, self.heads = check_count("slots", slots), check_count("heads", heads)
        self.head_size = check_count("head_size", head_size)
        self.width = self.heads * self.head_size
        self.state_size = self.output_size = self.slots * self.width
        self.to_slot = layers.Dense(self.width, name="to_slot")
        self.to_query, self.to_key, self.to_value = (
            layers.Dense(self.width, name=f"to_{kind}") for kind in ("query", "key", "value")
        )
        self.feed = [layers.Dense(self.width, "relu", name="feed_0"), layers.Dense(self.width, name="feed_1")]
        self.norms = [layers.LayerNormalization(epsilon=1e-5, name=f"norm_{number}") for number in range(2)]
        # The gates of the input and of the memory each depend on both.
        self.gates_of_input = layers.Dense(2 * self.width, name="gates_of_input")
        self.gates_of_memory = layers.Dense(2 * self.width, use_bias=False, name="gates_of_memory")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create all weights."""
        memory = (None, self.slots, self.width)
        self.to_slot.build(input_shape)
        for layer in (self.to_query, self.to_key, self.to_value, *self.feed, *self.norms, self.gates_of_memory):
            layer.build(memory)
        self.gates_of_input.build((None, self.width))

    def get_initial_state(self, batch_size: int | Tensor) -> list[Tensor]:
        """Return the memory before the first step."""
        memory = ops.reshape(ops.eye(self.slots, self.width, dtype=self.compute_dtype), (1, -1))
        return [ops.tile(memory, (batch_size, 1))]

    def call(self, inputs: Tensor, states: list[Tensor], training: bool = False) -> tuple[Tensor, list[Tensor]]:
        """Map an input `(batch, n)` and the state to the output and the next state, both `(batch, state_size)`."""
        memory = ops.reshape(states[0], (-1, self.slots, self.width))
        x = self.to_slot(inputs)[:, None]
        both = ops.concatenate([memory, x], axis=1)
        attended = self.norms[0](memory + self._attend(memory, both))
        changed = self.norms[1](attended + self.feed[1](self.feed[0](attended)))
        gates = self.gates_of_input(x) + self.gates_of_memory(ops.tanh(memory))
        gate_input, gate_memory = ops.split(gates, 2, axis=-1)
        # A bias of 1 on its gate keeps the memory at first.
        memory = ops.sigmoid(gate_input) * ops.tanh(changed) + ops.sigmoid(gate_memory + 1.0) * memory
        output = ops.reshape(memory, (-1, self.state_size))
        return output, [output]

    def _attend(self, memory: Tensor, both: Tensor) -> Tensor:
        queries = self._split(self.to_query(memory), self.slots)
        keys, values = (self._split(layer(both), self.slots + 1) for layer in (self.to_key, self.to_value))
        weights = ops.softmax(ops.einsum("bqhd,bkhd->bhqk", queries, keys) * self.head_size**-0.5)
        return ops.reshape(ops.einsum("bhqk,bkhd->bqhd", weights, values), (-1, self.slots, self.width))

    def _split(self, x: Tensor, count: int) -> Tensor:
        return ops.reshape(x, (-1, count, self.heads, self.head_size))

    def get_config(self) -> dict[str, Any]:
        """Return the cell's arguments."""
        return {**super().get_config(), "slots": self.slots, "heads": self.heads, "head_size": self.head_size}
