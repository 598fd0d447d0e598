"""The signature `generate`: seeds in, sequences out, and text where there is a tokenizer.

Inputs: int64 `seeds` `(batch,)`; float32 `temperature` `(batch,)`, or `(1,)` for all; a conditional model's int32 `labels`
`(batch,)`. A sequence has one number of each, so that a row of TensorFlow Serving's REST API reads
`{"seeds": 3, "temperature": 0.8}`.

Outputs: int32 `token_ids` `(batch, length)`, and strings `text` `(batch,)`: those that `model.generate(seeds=...)` and
`model.write(seeds=...)` give, by plain TensorFlow operators.

The random numbers are those of Python bit for bit, on every machine. The probabilities of tokens are computed in float32, and
differ in their last digits between TensorFlow, JAX, LiteRT and their versions: where a number lies that close to the boundary
between two tokens, the sequence goes on from the other one.
"""

import math
from types import SimpleNamespace

from keras import ops

from keras_gans import seeds
from keras_gans.export import vocabulary


def uniform(tensor, shape):
    """Returns what `keras_gans.seeds.uniform` does, in a graph that every format can hold.

    Args:
        tensor: An int64 tensor of seeds `(batch,)`.
        shape: Of the numbers of one seed.
    """
    import tensorflow as tf

    def add(a, b):
        # TFLite adds no unsigned integers, and C++ leaves open what signed ones do on overflow.
        return ops.cast(ops.cast(a, "int64") + ops.cast(b, "int64"), "uint32")

    arithmetic = SimpleNamespace(add=add, multiply=ops.multiply, bitwise_xor=ops.bitwise_xor, right_shift=ops.right_shift)
    words = tf.bitcast(tensor, tf.uint32)
    bits = seeds.random_bits([words[:, :1], words[:, 1:]], math.prod(shape), arithmetic)
    return ops.reshape(ops.cast(bits, "float32") * seeds.STEP, (-1, *shape))


def seeded_function(model, network, batch=None, text=True):
    """Returns the `tf.function` of the signature.

    Args:
        model: A `SequenceGAN`.
        network: Its `sampling_network`.
        batch: A fixed batch size, or None for any.
        text: Whether it returns text where the model has a tokenizer, and refuses inputs that are out of range: of these
            operators TFLite has none.
    """
    import tensorflow as tf

    specs = {"seeds": "int64", "temperature": "float32"} | ({} if model.num_classes is None else {"labels": "int32"})

    def generate(seeds, temperature, labels=None):
        if text:
            tf.debugging.assert_non_negative(seeds, "seeds must be integers from 0 to 2^63 - 1.")
            tf.debugging.assert_positive(temperature, "temperature must be above 0.")
        tokens = model.sample_from(
            network,
            {"latents": uniform(seeds, model.latent_shape), "temperature": ops.reshape(temperature, (-1, 1))}
            | ({} if labels is None else {"labels": labels}),
        )
        outputs = {"token_ids": tokens}
        if text and model.tokenizer is not None:
            outputs["text"] = vocabulary.join(tokens, vocabulary.pieces(model))
        return outputs

    signature = [tf.TensorSpec((batch,), dtype, name=name) for name, dtype in specs.items()]
    return tf.function(generate, input_signature=signature, autograph=False)
