"""SavedModel, in the folder layout of TensorFlow Serving."""

import os
from pathlib import Path

from keras_gans.export import vocabulary
from keras_gans.export.parity import checked
from keras_gans.export.signature import sampling_network, serving_module
from keras_gans.files import replacing


def saved_model(model, output: str | os.PathLike, version: int | None = None) -> tuple[Path, float]:
    """Exports a generator as a SavedModel under `output/<version>/`.

    The signature `serving_default` takes float32 `latents` of shape `(batch, latent_dim)`, and int32 `labels` of
    shape `(batch,)` if the model is conditional, and returns `images`, float32 in
    [0, 1], channels last (`samples` where the model generates no images). The averaged generator is taken where there is one.

    Models that write take uniform `latents` `(batch, length)` and `temperature` `(batch, 1)` there, and return int32
    `token_ids`. Their signature `generate` takes a seed for each sequence and returns text: see `keras_gans.export.seeded`.
    The vocabulary lies in `assets/vocabulary.txt`, too.

    Args:
        model: An `AdversarialModel`.
        output: The model's folder, as TensorFlow Serving's `base_path`.
        version: Integer >= 1; the next free one if None.

    Returns:
        The version's folder, and the largest difference from Keras' output that a process without keras_gans found.

    Raises:
        FileExistsError: If the version exists.
        ValueError: If the exported model differs from the Keras model by more than 1e-4; nothing is written then.
        RuntimeError: If Keras does not run on TensorFlow.
    """
    import tensorflow as tf

    output = Path(output)
    if version is None:
        version = 1 + max((int(child.name) for child in output.glob("*") if child.name.isdigit()), default=0)
    if version < 1:
        raise ValueError(f"The version must be an integer of at least 1; received {version}.")
    folder = output / str(version)
    if folder.exists():
        raise FileExistsError(f"{folder} exists already: versions are never replaced; give another one.")
    network = sampling_network(model)
    module, signatures = serving_module(model, network)
    with replacing(folder) as temporary, vocabulary.as_asset(module, model):
        tf.saved_model.save(module, str(temporary), signatures=signatures)
        difference = checked("saved_model", temporary, model, network)
    return folder, difference
