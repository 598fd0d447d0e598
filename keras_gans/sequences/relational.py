"""A recurrent cell whose memory is a set of vectors that attend to each other."""

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable(package="keras_gans")
class RelationalMemoryCell(layers.Layer):
    """The relational memory core, as a Keras cell: at each step the slots of the memory attend to each other and to the input.

    The state is one vector of `slots * heads * head_size` numbers, so is the output. The memory starts as the identity matrix
    (its first rows and columns), so that the slots differ.

    Args:
        slots: Vectors of the memory.
        heads: Attention heads.
        head_size: Numbers of a head; a slot has `heads * head_size`.

    Raises:
        ValueError: If a number is below 1.

    Reference: Santoro et al. 2018, "Relational recurrent neural networks", section 3 (equations 2 to 8); Nie et al. 2019,
    "RelGAN", section 2.1, which generates with it.
    """

    def __init__(self, slots=1, heads=2, head_size=256, **kwargs):
        super().__init__(**kwargs)
        if min(slots, heads, head_size) < 1:
            raise ValueError(f"slots, heads and head_size must be at least 1; received {slots}, {heads} and {head_size}.")
        self.slots, self.heads, self.head_size = slots, heads, head_size
        self.width = heads * head_size
        self.state_size = self.output_size = slots * self.width
        self.to_slot = layers.Dense(self.width, name="to_slot")
        self.to_query, self.to_key, self.to_value = (
            layers.Dense(self.width, name=f"to_{kind}") for kind in ("query", "key", "value")
        )
        self.feed = [layers.Dense(self.width, "relu", name="feed_0"), layers.Dense(self.width, name="feed_1")]
        self.norms = [layers.LayerNormalization(epsilon=1e-5, name=f"norm_{number}") for number in range(2)]
        # Gates of the input and of the memory, from the input and from the memory.
        self.gates_of_input = layers.Dense(2 * self.width, name="gates_of_input")
        self.gates_of_memory = layers.Dense(2 * self.width, use_bias=False, name="gates_of_memory")

    def build(self, input_shape):
        memory = (None, self.slots, self.width)
        self.to_slot.build(input_shape)
        for layer in (self.to_query, self.to_key, self.to_value, *self.feed, *self.norms, self.gates_of_memory):
            layer.build(memory)
        self.gates_of_input.build((None, self.width))

    def get_initial_state(self, batch_size):
        memory = ops.reshape(ops.eye(self.slots, self.width, dtype=self.compute_dtype), (1, -1))
        return [ops.tile(memory, (batch_size, 1))]

    def call(self, inputs, states, training=False):
        """Maps an input `(batch, n)` and the state to the output and the next state, both `(batch, state_size)`."""
        memory = ops.reshape(states[0], (-1, self.slots, self.width))
        x = self.to_slot(inputs)[:, None]
        both = ops.concatenate([memory, x], axis=1)
        attended = self.norms[0](memory + self._attend(memory, both))
        changed = self.norms[1](attended + self.feed[1](self.feed[0](attended)))
        gates = self.gates_of_input(x) + self.gates_of_memory(ops.tanh(memory))
        gate_input, gate_memory = ops.split(gates, 2, axis=-1)
        # The memory is kept at first: 1 is added to its gate.
        memory = ops.sigmoid(gate_input) * ops.tanh(changed) + ops.sigmoid(gate_memory + 1.0) * memory
        output = ops.reshape(memory, (-1, self.state_size))
        return output, [output]

    def _attend(self, memory, both):
        queries = self._split(self.to_query(memory), self.slots)
        keys, values = (self._split(layer(both), self.slots + 1) for layer in (self.to_key, self.to_value))
        weights = ops.softmax(ops.einsum("bqhd,bkhd->bhqk", queries, keys) * self.head_size**-0.5)
        return ops.reshape(ops.einsum("bhqk,bkhd->bqhd", weights, values), (-1, self.slots, self.width))

    def _split(self, x, count):
        return ops.reshape(x, (-1, count, self.heads, self.head_size))

    def get_config(self):
        return {**super().get_config(), "slots": self.slots, "heads": self.heads, "head_size": self.head_size}
