"""The functions that every export format holds: named latents in, named samples out."""

import keras

from keras_gans.export.seeded import seeded_function
from keras_gans.gans import SequenceGAN
from keras_gans.images import is_image_shape


def output_name(model) -> str:
    """Returns `"images"`, `"token_ids"` for models that write, or `"samples"` where the model generates something else."""
    if isinstance(model, SequenceGAN):
        return "token_ids"
    return "images" if is_image_shape(model.sample_shape) else "samples"


def to_exported_range(name, samples):
    """Maps images from [-1, 1] to the [0, 1] of exported signatures; samples of another output name stay as they are.

    Works on NumPy arrays and tensors alike: the reference of a parity check and the exported graph share it.
    """
    return samples * 0.5 + 0.5 if name == "images" else samples


def sampling_network(model):
    """Returns the network to export: the averaged generator where there is one, computing in float32.

    Raises:
        RuntimeError: If Keras does not run on TensorFlow, whose formats these are.
    """
    if keras.config.backend() != "tensorflow":
        raise RuntimeError(
            f"Export needs the TensorFlow backend; this process uses '{keras.config.backend()}'. Save the model "
            "(keras_gans.save_preset, or a run folder) and export that with KERAS_BACKEND=tensorflow."
        )
    network = model.sampling_network()
    if isinstance(model, SequenceGAN) or all(layer.compute_dtype == "float32" for layer in network.layers):
        return network

    def in_float32(layer):
        return type(layer).from_config({**layer.get_config(), "dtype": "float32"})

    exact = keras.models.clone_model(network, clone_function=in_float32)
    exact.set_weights(network.get_weights())
    return exact


def serving_module(model, network, batch=None, text=True):
    """Returns a `tf.Module` and its signatures by name.

    `serving_default` takes float32 `latents` `(batch, ...)` and returns `images` in [0, 1]. A conditional model's takes int32
    `labels` `(batch,)`, too; that of a model that writes takes float32 `temperature` `(batch, 1)`, and returns int32
    `token_ids`.

    A model that writes has the signature `generate`, too: see `keras_gans.export.seeded`.

    Args:
        model: An `AdversarialModel`.
        network: Its `sampling_network`.
        batch: A fixed batch size, or None for any.
        text: Whether `generate` returns text beside tokens where the model has a tokenizer.
    """
    import tensorflow as tf

    name = output_name(model)
    module = tf.Module()
    module.weights = [variable.value for variable in network.variables]

    # Named and ordered as the function's arguments are.
    examples = model.sampling_inputs(1)
    specs = [tf.TensorSpec((batch, *value.shape[1:]), value.dtype, name=key) for key, value in examples.items()]

    def serve(*values):
        samples = model.sample_from(network, dict(zip(examples, values, strict=True)))
        return {name: to_exported_range(name, samples)}

    signatures = {"serving_default": tf.function(serve, input_signature=specs, autograph=False)}
    if isinstance(model, SequenceGAN):
        signatures["generate"] = seeded_function(model, network, batch, text)
    module.functions = signatures
    return module, signatures
