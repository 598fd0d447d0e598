"""The signatures that take seeds: seeds in; images, or sequences and text where there is a tokenizer, out.

Inputs: int64 `seeds` `(batch,)`; a conditional model's int32 `labels` `(batch,)`; of models that write float32 `temperature`,
of others float32 `truncation`, `(batch,)`, or `(1,)` for all. A sample has one number of each, so that a row of TensorFlow
Serving's REST API reads `{"seeds": 3, "temperature": 0.8}`, and depends on no other row.

`complete`, of models that write in words or characters, takes strings `prompt` `(batch,)`, too, that the text begins with.

`generate` returns uint8 `images` `(batch, height, width, channels)` (float32 `samples` where there are no images); or int32
`token_ids` `(batch, length)` and strings `text` `(batch,)`. `generate_png` returns strings `image_bytes` `(batch,)`, each a PNG
file. They are those that `model.generate(seeds=...)` and `model.write(seeds=...)` give, by plain TensorFlow operators.

The random bits are those of Python on every machine. What follows is computed in float32, and differs in its last digits
between TensorFlow, JAX, LiteRT and their versions: a pixel that lies at the boundary between two values may become the other
one; and where a number lies that close to the boundary between two tokens, the sequence goes on from the other token.
"""

import math
from types import SimpleNamespace

from keras import ops

from keras_gans import seeds
from keras_gans.export import vocabulary
from keras_gans.media.pictures import is_image_shape


def _random_bits(tensor, shape):
    """Returns what `keras_gans.seeds.random_bits` does as float32, in a graph that every format can hold."""
    import tensorflow as tf

    def add(a, b):
        # TFLite adds no unsigned integers, and C++ leaves open what signed ones do on overflow.
        return ops.cast(ops.cast(a, "int64") + ops.cast(b, "int64"), "uint32")

    arithmetic = SimpleNamespace(add=add, multiply=ops.multiply, bitwise_xor=ops.bitwise_xor, right_shift=ops.right_shift)
    words = tf.bitcast(tensor, tf.uint32)
    bits = seeds.random_bits([words[:, :1], words[:, 1:]], math.prod(shape), arithmetic)
    return [ops.reshape(ops.cast(each, "float32"), (-1, *shape)) for each in bits]


def uniform(tensor, shape):
    """Returns what `keras_gans.seeds.uniform` does.

    Args:
        tensor: An int64 tensor of seeds `(batch,)`.
        shape: Of the numbers of one seed.
    """
    return _random_bits(tensor, shape)[0] * seeds.STEP


def normal(tensor, shape):
    """Returns what `keras_gans.seeds.normal` does; see `uniform`."""
    return seeds.box_muller(*_random_bits(tensor, shape), ops)


def seeded_text(model, network, batch=None, server=True, read_prompts=None):
    """Returns the `tf.function` of the signature `generate` of a model that writes, or with prompts of `complete`.

    Args:
        model: A `SequenceGAN`.
        network: Its `sampling_network`.
        batch: A fixed batch size, or None for any.
        server: Whether it returns text where the model has a tokenizer, and refuses inputs that are out of range: of these
            operators TFLite has none.
        read_prompts: A `vocabulary.PromptReader`, or None.
    """

    def generate(seeds, temperature, **conditions):
        if server:
            seeds = _checked_seeds(seeds)
            temperature = _checked(temperature, temperature > 0, "temperature must be above 0.")
        inputs = {"latents": uniform(seeds, model.latent_shape), "temperature": ops.reshape(temperature, (-1, 1))}
        if "labels" in conditions:
            labels = conditions["labels"]
            inputs["labels"] = checked_labels(labels, model) if server else labels
        if read_prompts is not None:
            inputs["prompt"], inputs["prompt_length"] = read_prompts(conditions["prompt"])
        tokens = model.sample_from(network, inputs)
        outputs = {"token_ids": tokens}
        if server and model.tokenizer is not None:
            outputs["text"] = vocabulary.join(tokens, vocabulary.pieces(model))
        return outputs

    return _function(generate, "temperature", model, batch, {} if read_prompts is None else {"prompt": "string"})


def seeded_samples(model, network, batch=None):
    """Returns the `tf.function`s of the signatures `generate` and, for images, `generate_png`, by name.

    Args:
        model: An `AdversarialModel` of images, or of other continuous samples.
        network: Its `sampling_network`.
        batch: A fixed batch size, or None for any.
    """
    import tensorflow as tf

    def samples(seeds, truncation, labels):
        in_range = (truncation >= 0) & (truncation <= 1)
        truncation = _checked(truncation, in_range, "truncation must be a number from 0 to 1.")
        labels = checked_labels(labels, model)
        latents = normal(_checked_seeds(seeds), model.latent_shape)
        latents *= ops.reshape(truncation, (-1,) + (1,) * len(model.latent_shape))
        return model.sample_from(network, {"latents": latents} | ({} if labels is None else {"labels": labels}))

    def pixels(seeds, truncation, labels):
        # As `keras_gans.media.pictures.to_uint8` does it.
        scaled = ops.round((samples(seeds, truncation, labels) + 1.0) * 127.5)
        return ops.cast(ops.clip(scaled, 0, 255), "uint8")

    if not is_image_shape(model.sample_shape):
        functions = {"generate": lambda *inputs: {"samples": samples(*inputs)}}
    else:

        def png(*inputs):
            return {"image_bytes": tf.map_fn(tf.io.encode_png, pixels(*inputs), fn_output_signature=tf.string)}

        functions = {"generate": lambda *inputs: {"images": pixels(*inputs)}, "generate_png": png}

    def positional(function):
        return lambda seeds, truncation, labels=None: function(seeds, truncation, labels)

    return {name: _function(positional(function), "truncation", model, batch) for name, function in functions.items()}


def _function(function, knob, model, batch, more=None):
    """Returns a `tf.function` of seeds, of the number of each sample that bears this name, of labels if there are any, more.

    Args:
        function: Takes them by name.
        knob: The name of the number.
        model: The model.
        batch: A fixed batch size, or None for any.
        more: Dtypes of other inputs by name.
    """
    import tensorflow as tf

    dtypes = {"seeds": "int64", knob: "float32"} | ({"labels": "int32"} if model.conditional else {}) | (more or {})
    signature = [tf.TensorSpec((batch,), dtype, name=name) for name, dtype in dtypes.items()]

    def named(*values):
        return function(**dict(zip(dtypes, values, strict=True)))

    return tf.function(named, input_signature=signature, autograph=False)


def checked_labels(labels, model):
    """Returns a tensor of labels, if any, that has none of no class: some networks would take it for that of another one."""
    if labels is None:
        return None
    known = (labels >= 0) & (labels < model.num_classes)
    return _checked(labels, known, f"labels must be integers from 0 to {model.num_classes - 1}.")


def _checked_seeds(seeds):
    return _checked(seeds, seeds >= 0, "seeds must be integers from 0 to 2^63 - 1.")


def _checked(values, right, message):
    """Returns a tensor whose elements must all be right before it is used."""
    import tensorflow as tf

    with tf.control_dependencies([tf.debugging.Assert(tf.reduce_all(right), [message])]):
        return tf.identity(values)
