"""The functions that every export format holds: named latents in, named samples out."""

import keras
import numpy as np
from keras import ops

from keras_gans.export.folding import exact_network
from keras_gans.export.seeded import checked_labels, seeded_samples, seeded_text
from keras_gans.export.vocabulary import PromptReader, reads_prompts
from keras_gans.gans import SequenceGAN
from keras_gans.layers import MinibatchStdDev
from keras_gans.media.pictures import is_image_shape


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
    """Returns the network to export: the averaged generator where there is one, in float32, with normalisation folded.

    Raises:
        RuntimeError: If Keras does not run on TensorFlow, whose formats these are.
    """
    if keras.config.backend() != "tensorflow":
        raise RuntimeError(
            f"Export needs the TensorFlow backend; this process uses '{keras.config.backend()}'. Save the model "
            "(keras_gans.save_preset, or a run folder) and export that with KERAS_BACKEND=tensorflow."
        )
    network = model.sampling_network()
    return network if isinstance(model, SequenceGAN) else exact_network(network)


def serving_module(model, network, batch=None, server=True):
    """Returns a `tf.Module` and its signatures by name.

    `serving_default` takes float32 `latents` `(batch, ...)` and returns `images` in [0, 1]. A conditional model's takes int32
    `labels` `(batch,)`, too; that of a model that writes takes float32 `temperature` `(batch, 1)`, and returns int32
    `token_ids`.

    A model that writes has the signature `generate`, too: see `keras_gans.export.seeded`. For a server all models have it,
    models of images `generate_png` and `score`, and models that write `complete`: see `keras_gans.export.saved_model`.

    Args:
        model: An `AdversarialModel`.
        network: Its `sampling_network`.
        batch: A fixed batch size, or None for any.
        server: Whether TensorFlow's own operators may be used, such as those of strings and checks: not in TFLite.
    """
    import tensorflow as tf

    name = output_name(model)
    module = tf.Module()
    module.weights = [variable.value for variable in network.variables]

    # Named and ordered as the function's arguments are.
    examples = model.sampling_inputs(1)
    specs = [tf.TensorSpec((batch, *value.shape[1:]), value.dtype, name=key) for key, value in examples.items()]

    def serve(*values):
        inputs = dict(zip(examples, values, strict=True))
        if server and model.conditional:
            inputs["labels"] = checked_labels(inputs["labels"], model)
        samples = model.sample_from(network, inputs)
        return {name: to_exported_range(name, samples)}

    signatures = {"serving_default": tf.function(serve, input_signature=specs, autograph=False)}
    if isinstance(model, SequenceGAN):
        signatures["generate"] = seeded_text(model, network, batch, server)
        if server and reads_prompts(model):
            reader = PromptReader(model)
            module.words = reader.table
            signatures["complete"] = seeded_text(model, network, batch, server, reader)
    elif server:
        signatures |= seeded_samples(model, network, batch)
        if has_scores(model):
            module.judge = [variable.value for variable in model.discriminator.variables]
            signatures["score"] = _score_function(model, batch)
    module.functions = signatures
    return module, signatures


def has_scores(model):
    """Whether exports have the signature `score`: for images that the discriminator judges one by one."""
    judged_together = any(isinstance(layer, MinibatchStdDev) for layer in model.discriminator.layers)
    return output_name(model) == "images" and not judged_together


def example_inputs(model, n):
    """Returns inputs of each signature of a SavedModel by its name, and by theirs: NumPy arrays of `n` rows."""
    inputs = {"serving_default": model.sampling_inputs(n), "generate": seeded_inputs(model, n)}
    if output_name(model) == "images":
        inputs["generate_png"] = inputs["generate"]
    if isinstance(model, SequenceGAN) and reads_prompts(model):
        inputs["complete"] = inputs["generate"] | {"prompt": np.full(n, "")}
    if has_scores(model):
        inputs["score"] = _score_inputs(model, n)
    return inputs


def seeded_inputs(model, n):
    """Returns inputs of the signature `generate` by name: NumPy arrays of `n` rows, with every class in turn if it has any."""
    labels = {"labels": model.class_labels(n)} if model.conditional else {}
    knob = "temperature" if isinstance(model, SequenceGAN) else "truncation"
    # As they are learnt and nearer to what is probable, in turn.
    return {"seeds": np.arange(n), knob: np.resize(np.array([1.0, 0.5], "float32"), n), **labels}


def _score_inputs(model, n):
    """Returns noise and, if the discriminator takes any, labels of every class in turn."""
    images = np.random.default_rng(0).random((n, *model.sample_shape), dtype="float32")
    takes_labels = model.conditional and len(model.discriminator.inputs) > 1
    return {"images": images} | ({"labels": model.class_labels(n)} if takes_labels else {})


def _score_function(model, batch):
    import tensorflow as tf

    examples = _score_inputs(model, 1)
    specs = [tf.TensorSpec((batch, *value.shape[1:]), value.dtype, name=key) for key, value in examples.items()]

    def score(images, labels=None):
        scores = model.score(images * 2.0 - 1.0, checked_labels(labels, model), training=False)
        return {"scores": ops.reshape(scores, (-1,))}

    return tf.function(score, input_signature=specs, autograph=False)
