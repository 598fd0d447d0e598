"""What two networks must be to train against each other, and how they are called: with the inputs that they have."""

import warnings
from typing import NamedTuple

import keras
from keras import ops

LATENTS, SAMPLES = "latents", "samples"


class Judgement(NamedTuple):
    """What a discriminator says of a batch.

    Attributes:
        scores: float32 logits: a tensor `(batch, 1)`, a map of them such as `(batch, height, width, 1)`, or a list of these.
        features: Inner features in a list of tensors, of any shape; empty where it returns none.
    """

    scores: object
    features: list


def read_judgement(outputs):
    """Returns the `Judgement` that a discriminator's outputs are.

    Args:
        outputs: Scores: a tensor, or a list of tensors of several discriminators; or a dict of `scores` and `features`.
    """
    features = []
    if isinstance(outputs, dict):
        outputs, features = outputs["scores"], keras.tree.flatten(outputs.get("features", []))
    if isinstance(outputs, list | tuple):
        return Judgement([ops.cast(each, "float32") for each in outputs], features)
    return Judgement(ops.cast(outputs, "float32"), features)


def find_inputs(network, first, conditions, needs_first=True):
    """Returns the names of a network's inputs, in its order; None for a model that takes a dict of all.

    Inputs named after a condition take that condition. The first input with any other name takes latents or samples. If one
    more input is left over, it takes the one condition that no input is named after.

    Args:
        network: A built `keras.Model`. A functional or sequential one is called with the inputs that it has; a subclass is
            called with a dict of all there are.
        first: `"latents"` or `"samples"`.
        conditions: Conditions by name.
        needs_first: Whether there must be such an input: a generator may map conditions alone to samples.

    Raises:
        ValueError: If an input is left over.
    """
    inputs = getattr(network, "inputs", None)
    if not inputs:
        return None
    names = [tensor.name if tensor.name in conditions else None for tensor in inputs]
    if needs_first and None not in names:
        names[0] = None  # the discriminator's samples may bear the name of a condition
    if None in names:
        names[names.index(None)] = first
    missing = [name for name in conditions if name not in names]
    if names.count(None) == 1 and len(missing) == 1:
        names[names.index(None)] = missing[0]
    if None in names:
        others = [tensor.name for tensor, name in zip(inputs, names, strict=True) if name is None]
        if len(others) == 1 and not conditions:
            raise ValueError(f"The {network.name} takes labels: say how many classes there are (num_classes).")
        raise ValueError(
            f"The {network.name} has the inputs {[tensor.name for tensor in inputs]}, of which {others} are neither {first} "
            f"nor conditions of the model: it is told {', '.join(conditions) or 'nothing'}."
        )
    return tuple(names)


def call_network(network, names, values, training=False):
    """Calls a network with those of some named tensors that it has inputs for.

    Args:
        network: The network.
        names: What `find_inputs` returned for it.
        values: Tensors by name.
        training: Whether its layers run in training mode.
    """
    return network(arrange(names, values), training=training)


def arrange(names, values):
    """Returns named tensors or arrays in the form in which a network with these inputs is called."""
    if names is None:
        return {name: value for name, value in values.items() if value is not None}
    ordered = [values[name] for name in names]
    return ordered if len(ordered) > 1 else ordered[0]


def check_networks(generator, discriminator, conditions):
    """Checks that a generator and a discriminator fit each other.

    Args:
        generator: A Keras model.
        discriminator: Another.
        conditions: What the model is told: conditions by name.

    Returns:
        The names of the generator's and of the discriminator's inputs: see `find_inputs`.

    Raises:
        ValueError: If they do not, saying why.
    """
    for role, network in (("generator", generator), ("discriminator", discriminator)):
        if not (isinstance(network, keras.Model) and network.built):
            raise ValueError(
                f"The {role} must be a built keras.Model (a functional model, or a Sequential one with an Input); "
                f"received {network!r}."
            )
    names = (
        find_inputs(generator, LATENTS, conditions, needs_first=False),
        find_inputs(discriminator, SAMPLES, conditions),
    )
    for name in conditions:
        if names[0] is not None and name not in names[0]:
            raise ValueError(f"The model is told {name}, but the generator takes no {name}.")
    if None not in names:
        made, taken = generator.outputs[0].shape, discriminator.inputs[names[1].index(SAMPLES)].shape
        if not _fit(made[1:], taken[1:]):
            raise ValueError(
                f"The generator makes samples of shape {tuple(made[1:])}, but the discriminator takes {tuple(taken[1:])}."
            )
    return names


def _fit(made, taken):
    """Whether samples of one shape can be those of another; None is a size that is free."""
    return len(made) == len(taken) and all(None in pair or pair[0] == pair[1] for pair in zip(made, taken, strict=True))


def warn_of_batch_normalization(discriminator, penalties):
    """Warns where a penalty on the gradient of each sample's score meets a network whose scores depend on the whole batch."""
    takers = [type(penalty).__name__ for penalty in penalties if penalty.takes_gradient]
    layers = [layer.name for layer in discriminator._flatten_layers() if isinstance(layer, keras.layers.BatchNormalization)]
    if takers and layers:
        warnings.warn(
            f"{', '.join(takers)} takes the gradient of each sample's score, but {layers[0]} makes a score depend on all "
            "samples of the batch, so that it is not the gradient that the penalty is about. Leave batch normalisation out of "
            "the discriminator, or use layer normalisation (Gulrajani et al. 2017, section 4).",
            stacklevel=3,
        )


def warn_of_signs(loss, augmentation):
    """Warns where augmentation follows the sign of real scores, and the loss gives that sign no meaning."""
    if augmentation is not None and augmentation.needs_sign and not loss.sign_means_real:
        warnings.warn(
            "Adaptive augmentation follows the share of real samples that are scored above 0, which means nothing under the "
            f"loss {loss.registered_name!r}. Use diff_augment, or a loss whose sign means real or generated: non_saturating, "
            "minimax, hinge.",
            stacklevel=3,
        )
