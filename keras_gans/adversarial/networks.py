"""What two networks must be to play against each other."""

import warnings

import keras


def check_networks(generator, discriminator, num_classes):
    """Checks that a generator and a discriminator fit each other.

    Args:
        generator: A Keras model.
        discriminator: Another.
        num_classes: How many classes there are, or None for an unconditional model.

    Raises:
        ValueError: If they do not, saying why.
    """
    for role, network in (("generator", generator), ("discriminator", discriminator)):
        if not (isinstance(network, keras.Model) and network.built):
            raise ValueError(
                f"The {role} must be a built keras.Model (a functional model, or a Sequential one with an Input); "
                f"received {network!r}."
            )
    made, taken = (tuple(tensors[0].shape[1:]) for tensors in (generator.outputs, discriminator.inputs))
    if made != taken:
        raise ValueError(f"The generator makes samples of shape {made}, but the discriminator takes {taken}.")
    if len(generator.inputs) > 2 or len(discriminator.inputs) > 2:
        raise ValueError("A network takes latents or samples, and labels as its second input if it is conditional; no more.")
    if num_classes is None:
        takers = [network.name for network in (generator, discriminator) if len(network.inputs) == 2]
        if takers:
            raise ValueError(f"The {takers[0]} takes labels: say how many classes there are (num_classes).")
    elif not (isinstance(num_classes, int) and num_classes >= 1):
        raise ValueError(f"num_classes must be an integer of at least 1, or None; received {num_classes!r}.")
    elif len(generator.inputs) != 2:
        raise ValueError(f"num_classes={num_classes} makes a conditional model, but the generator takes no labels.")


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
