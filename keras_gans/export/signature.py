"""The function that every export format holds: named latents in, named samples out."""

import keras

from keras_gans.images import is_image_shape


def output_name(model) -> str:
    """Returns `"images"`, or `"samples"` where the model generates something else."""
    return "images" if is_image_shape(model.sample_shape) else "samples"


def to_exported_range(model, samples):
    """Maps images from [-1, 1] to the [0, 1] of exported signatures; other samples stay as they are.

    Works on NumPy arrays and tensors alike: the reference of a parity check and the exported graph share it.
    """
    return samples * 0.5 + 0.5 if is_image_shape(model.sample_shape) else samples


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
    network = model.ema_generator if model.ema_generator is not None else model.generator
    if all(layer.compute_dtype == "float32" for layer in network.layers):
        return network

    def in_float32(layer):
        return type(layer).from_config({**layer.get_config(), "dtype": "float32"})

    exact = keras.models.clone_model(network, clone_function=in_float32)
    exact.set_weights(network.get_weights())
    return exact


def serving_module(model, network, batch=None):
    """Returns a `tf.Module` and its signature: float32 `latents` `(batch, ...)` -> `images` in [0, 1].

    Args:
        model: An `AdversarialModel`.
        network: Its `sampling_network`.
        batch: A fixed batch size, or None for any.
    """
    import tensorflow as tf

    name = output_name(model)
    module = tf.Module()
    module.weights = [variable.value for variable in network.variables]

    @tf.function(input_signature=[tf.TensorSpec((batch, *model.latent_shape), tf.float32, name="latents")])
    def serve(latents):
        return {name: to_exported_range(model, network(latents, training=False))}

    module.serve = serve
    return module, serve
