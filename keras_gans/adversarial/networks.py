"""Which two networks can train against each other, and how they are called."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import keras
from keras import ops

from keras_gans._typing import Shape, Tensor
from keras_gans.augmentation import Augmentation
from keras_gans.conditions import Classes, Condition
from keras_gans.losses import AdversarialLoss
from keras_gans.penalties import Penalty

LATENTS, SAMPLES = "latents", "samples"


class Judgement(NamedTuple):
    """A discriminator's outputs for a batch.

    Attributes:
        scores: float32 logits: a tensor `(batch, 1)`, a map such as `(batch, height, width, 1)`, or a list of these.
        features: Inner features: a list of tensors of any shape, empty if the discriminator returns none.
    """

    scores: Any
    features: list[Tensor]


def read_judgement(outputs: Any) -> Judgement:
    """Return a discriminator's outputs as a `Judgement`.

    Args:
        outputs: Scores (a tensor, or a list of tensors), or a dict of `scores` and `features`.
    """
    features = []
    if isinstance(outputs, dict):
        outputs, features = outputs["scores"], keras.tree.flatten(outputs.get("features", []))
    if isinstance(outputs, list | tuple):
        return Judgement([ops.cast(each, "float32") for each in outputs], features)
    return Judgement(ops.cast(outputs, "float32"), features)


def as_functional(network: keras.Model) -> keras.Model:
    """Wrap a subclassed model in a functional one, which knows its inputs and outputs; return other models unchanged.

    Args:
        network: A built `keras.Model`. A subclassed one takes a tensor or a list of tensors. One that takes a dict of named
            tensors, or that has never been called, is returned unchanged.

    Raises:
        ValueError: If it cannot be called with inputs of the shapes that it was built with.
    """
    if getattr(network, "inputs", None) or hasattr(network, "sample_shape"):
        return network
    shapes: Any = (network.get_build_config() or {}).get("input_shape")
    if shapes is None or isinstance(shapes, dict):
        return network
    several = isinstance(shapes, tuple | list) and any(isinstance(each, tuple | list) for each in shapes)
    try:
        inputs = [keras.Input(shape[1:]) for shape in (shapes if several else [shapes])]
        return keras.Model(inputs, network(inputs if several else inputs[0]), name=network.name)
    except Exception as error:
        raise ValueError(
            f"The inputs of {type(network).__name__} '{network.name}' cannot be found ({error}). Wrap it in a functional "
            "model: inputs = [keras.Input(...), ...]; keras.Model(inputs, network(inputs))."
        ) from error


def find_inputs(
    network: keras.Model, first: str, conditions: Mapping[str, Condition | None], needs_first: bool = True
) -> tuple[str, ...] | None:
    """Return the names of a network's inputs, in its order; None for a model that takes a dict of all.

    Inputs named after a condition take that condition. The first input with any other name takes latents or samples. If one
    more input is left over, it takes the one condition that no input is named after. If only the shapes of two such inputs tell
    which is which, their order may be the reverse.

    Args:
        network: A built `keras.Model`. A functional or sequential one is called with the inputs that it has; a subclassed one
            with a dict of all inputs.
        first: `"latents"` or `"samples"`.
        conditions: Conditions by name.
        needs_first: Whether an input for `first` is required: a generator may map conditions alone to samples.

    Raises:
        ValueError: If an input is left over.
    """
    inputs = getattr(network, "inputs", None)
    if not inputs:
        return None
    names: list[str | None] = [tensor.name if tensor.name in conditions else None for tensor in inputs]
    if needs_first and None not in names:
        names[0] = None  # the samples' input may be named after a condition
    missing = [name for name in conditions if name not in names]
    free = [index for index, name in enumerate(names) if name is None]
    if len(free) == 2 and len(missing) == 1 and _only_first_takes(conditions[missing[0]], *(inputs[i].shape for i in free)):
        free.reverse()
    if free:
        names[free[0]] = first
    if len(free) == 2 and len(missing) == 1:
        names[free[1]] = missing[0]
    if None in names:
        others = [tensor.name for tensor, name in zip(inputs, names, strict=True) if name is None]
        if len(others) == 1 and not conditions:
            raise ValueError(
                f"The {network.name} has a second input, '{others[0]}', but the model has no conditions. If these are class "
                "labels, say how many classes there are (num_classes)."
            )
        raise ValueError(
            f"The {network.name} has the inputs {[tensor.name for tensor in inputs]}, of which {others} match neither {first} "
            f"nor a condition of the model ({', '.join(conditions) or 'it has none'}). Name the inputs after the conditions."
        )
    return tuple(name for name in names if name is not None)


def _only_first_takes(condition: Condition | None, one: Shape, other: Shape) -> bool:
    return condition is not None and _takes(one[1:], condition) and not _takes(other[1:], condition)


def _takes(shape: Shape, condition: Condition) -> bool:
    """Whether an input of a shape, without the batch, takes a condition. Keras feeds scalars to inputs of shape (1,), too."""
    wanted = condition.spec()[0]
    return _fit(wanted, shape) or (wanted == () and tuple(shape) == (1,))


def call_network(
    network: keras.Model, names: Sequence[str] | None, values: Mapping[str, Tensor | None], training: bool = False
) -> Any:
    """Call a network with those of some named tensors that it has inputs for.

    Args:
        network: The network.
        names: What `find_inputs` returned for it.
        values: Tensors by name.
        training: Whether its layers run in training mode.
    """
    return network(arrange(names, values), training=training)


def arrange(names: Sequence[str] | None, values: Mapping[str, Any]) -> Any:
    """Return named tensors or arrays in the form in which a network with these inputs is called."""
    if names is None:
        return {name: value for name, value in values.items() if value is not None}
    ordered = [values[name] for name in names]
    return ordered if len(ordered) > 1 else ordered[0]


def check_networks(
    generator: keras.Model, discriminator: keras.Model, conditions: Mapping[str, Condition]
) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """Check that a generator and a discriminator fit each other.

    Args:
        generator: A Keras model.
        discriminator: A Keras model.
        conditions: The model's conditions by name.

    Returns:
        The names of the generator's and of the discriminator's inputs: see `find_inputs`.

    Raises:
        ValueError: If the networks do not fit each other or the conditions.
    """
    for role, network in (("generator", generator), ("discriminator", discriminator)):
        if not (isinstance(network, keras.Model) and network.built):
            raise ValueError(
                f"The {role} must be a built keras.Model: a functional model, a Sequential one with an Input, or a subclassed "
                f"one that has been called once. Received: {network!r}"
            )
    generator, discriminator = as_functional(generator), as_functional(discriminator)
    names = (
        find_inputs(generator, LATENTS, conditions, needs_first=False),
        find_inputs(discriminator, SAMPLES, conditions),
    )
    for name in conditions:
        if names[0] is not None and name not in names[0]:
            raise ValueError(f"The generator takes no {name}, a condition of the model: give it an input named '{name}'.")
    for role, network, inputs in (("generator", generator, names[0]), ("discriminator", discriminator, names[1])):
        _check_conditions(role, network, inputs, conditions)
    if names[0] is not None and LATENTS in names[0]:
        _check_latents(generator.inputs[names[0].index(LATENTS)].shape[1:], generator.outputs[0].shape[1:])
    if names[0] is not None and names[1] is not None:
        made, taken = generator.outputs[0].shape, discriminator.inputs[names[1].index(SAMPLES)].shape
        if not _fit(made[1:], taken[1:]):
            raise ValueError(
                f"The generator makes samples of shape {tuple(made[1:])}, but the discriminator takes {tuple(taken[1:])}."
            )
    return names


def _check_latents(latents: Shape, made: Shape) -> None:
    """Raise ValueError if latents of a shape cannot be drawn, or hold nothing."""
    if 0 in latents:
        raise ValueError(f"The generator's latents have the shape {latents}, which holds no number: its samples are all alike.")
    for axis, size in enumerate(latents):
        if size is None and (axis >= len(made) or made[axis] is not None):
            raise ValueError(
                f"The generator's latents have the shape {latents}, and its samples {made}. A free size (None) of latents is "
                "that of the same axis of real samples, which must be free too: give it a number."
            )


def _check_conditions(
    role: str, network: keras.Model, names: Sequence[str] | None, conditions: Mapping[str, Condition]
) -> None:
    """Raise ValueError if a network's input or embedding does not fit the condition that it takes."""
    for name, tensor in zip(names or (), getattr(network, "inputs", None) or (), strict=True):
        condition = conditions.get(name)
        if condition is None:
            continue
        shape = tuple(tensor.shape[1:])
        if not _takes(shape, condition):
            hint = " One-hot encode them inside the network (keras.layers.CategoryEncoding)." if name == "labels" else ""
            raise ValueError(
                f"The {role}'s input for {name} has the shape {shape}, but {condition.words} have the shape "
                f"{tuple(condition.spec()[0])}, without the batch.{hint}"
            )
        for layer in network.layers:
            if not (isinstance(condition, Classes) and isinstance(layer, keras.layers.Embedding)):
                continue
            if layer.input is tensor and layer.input_dim < condition.count:
                raise ValueError(
                    f"The {role}'s Embedding '{layer.name}' has {layer.input_dim} rows, too few for {condition.count} classes."
                )


def check_samples(generator: keras.Model) -> None:
    """Raise ValueError if a generator returns more than one tensor."""
    outputs = getattr(generator, "outputs", None) or ()
    if len(outputs) > 1:
        raise ValueError(f"The generator must return one tensor of samples; this one returns {len(outputs)}.")


def check_scores(discriminator: keras.Model) -> None:
    """Raise ValueError if what a discriminator returns cannot be scores."""
    for tensor in _scores(discriminator):
        shape = tuple(tensor.shape[1:])
        if shape and shape[-1] not in (1, None):
            raise ValueError(
                "The discriminator must return one score for each sample, of shape (batch, 1), or a map of scores, of shape "
                f"(batch, height, width, 1); this one returns {(None, *shape)}. End it with Dense(1) and no activation."
                " (A discriminator that also classifies samples is that of keras_gans.ACGAN.)"
            )


def _scores(discriminator: keras.Model) -> list[Tensor]:
    """Return the symbolic scores of a functional or sequential discriminator; none of another."""
    if not getattr(discriminator, "outputs", None):
        return []
    outputs = discriminator.outputs if isinstance(discriminator, keras.Sequential) else discriminator.output
    if isinstance(outputs, dict):
        if "scores" not in outputs:
            raise ValueError(
                f"A discriminator that returns a dict returns 'scores' and 'features'; this one returns {sorted(outputs)}."
            )
        outputs = outputs["scores"]
    return keras.tree.flatten(outputs)


def _fit(made: Iterable[int | None], taken: Iterable[int | None]) -> bool:
    """Whether samples of one shape can be those of another; None is a size that is free."""
    made, taken = tuple(made), tuple(taken)
    return len(made) == len(taken) and all(None in pair or pair[0] == pair[1] for pair in zip(made, taken, strict=True))


def warn_of_batch_normalization(discriminator: keras.Model, penalties: Iterable[Penalty]) -> None:
    """Warn if a gradient penalty is combined with a discriminator whose scores depend on the whole batch."""
    takers = [type(penalty).__name__ for penalty in penalties if penalty.takes_gradient]
    layers = [layer.name for layer in discriminator._flatten_layers() if isinstance(layer, keras.layers.BatchNormalization)]
    if takers and layers:
        warnings.warn(
            f"{', '.join(takers)} takes the gradient of each sample's score, but the layer '{layers[0]}' makes a score depend "
            "on all samples of the batch. Remove batch normalization from the discriminator, or use layer normalization "
            "(Gulrajani et al. 2017, section 4).",
            stacklevel=3,
        )


def warn_of_signs(loss: AdversarialLoss, augmentation: Augmentation | None) -> None:
    """Warn if augmentation adapts to the sign of real scores, and the loss gives that sign no meaning."""
    if augmentation is not None and augmentation.needs_sign and not loss.sign_means_real:
        warnings.warn(
            "Adaptive augmentation depends on the share of real samples with a score above 0, which means nothing under the "
            f"loss '{loss.registered_name}'. Use diff_augment, or one of the losses non_saturating, minimax and hinge.",
            stacklevel=3,
        )


def warn_of_last_activations(generator: keras.Model, discriminator: keras.Model, images: bool) -> None:
    """Warn if a network ends in a sigmoid or softmax, which does not fit the losses or the range of the data.

    Args:
        generator: The generator.
        discriminator: The discriminator.
        images: Whether samples are images, whose range is known.
    """
    for tensor in _scores(discriminator):
        name = _bounded_by(tensor)
        if name is not None:
            warnings.warn(
                f"The discriminator must return logits, but its last layer, '{name}', is a sigmoid or a softmax: training will "
                "be poor. Remove that activation.",
                stacklevel=3,
            )
    for tensor in (getattr(generator, "outputs", None) or ()) if images else ():
        name = _bounded_by(tensor)
        if name is not None:
            warnings.warn(
                f"The generator's samples lie in [0, 1], because its last layer, '{name}', is a sigmoid or a softmax; real "
                "images are scaled to [-1, 1]. End the generator with tanh.",
                stacklevel=3,
            )


def _bounded_by(tensor: Tensor) -> str | None:
    """Return the name of the sigmoid or softmax that a symbolic tensor comes from, or None."""
    operation, _, index = tensor._keras_history
    while isinstance(operation, keras.layers.Reshape | keras.layers.Flatten):
        operation, _, index = operation.input._keras_history
    if isinstance(operation, keras.Model):
        outputs = getattr(operation, "outputs", None)
        return _bounded_by(outputs[index]) if outputs else None
    kinds = (keras.activations.sigmoid, keras.activations.hard_sigmoid, keras.activations.softmax)
    bounded = getattr(operation, "activation", None) in kinds or type(operation).__name__ in ("Sigmoid", "Softmax")
    return operation.name if bounded else None
