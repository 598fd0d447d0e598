"""SavedModel, in the folder layout of TensorFlow Serving."""

import os
from collections.abc import Sequence
from pathlib import Path

from keras_gans.export import parity, warmup
from keras_gans.export.associated_files import as_assets, associated_files
from keras_gans.export.signature import example_inputs, sampling_network, serving_module
from keras_gans.files import replacing


def saved_model(
    model, output: str | os.PathLike, version: int | None = None, class_names: Sequence[str] = ()
) -> tuple[Path, float]:
    """Exports a generator as a SavedModel under `output/<version>/`.

    The averaged generator is taken where there is one, with batch normalisation folded into the layers before it. Signatures:

    * `serving_default`: float32 `latents` `(batch, latent_dim)`, and int32 `labels` `(batch,)` if the model is conditional, to
      `images`, float32 in [0, 1], channels last (`samples` where the model generates no images). Models that write take uniform
      `latents` `(batch, length)` and `temperature` `(batch, 1)` there, and return int32 `token_ids`.
    * `generate`: a seed for each sample, to 8-bit `images`, or to `text`; and for images `generate_png`, to PNG files: see
      `keras_gans.export.seeded`.
    * `complete`, of models that write in words or characters: the same with strings `prompt` `(batch,)`, that the text begins
      with.
    * `score`: float32 `images` in [0, 1], and `labels` if the discriminator takes any, to float32 `scores` `(batch,)`, the
      discriminator's logits: the higher, the more real. Not where it judges the images of a batch together (`pggan`).

    The vocabulary of models that write lies in `assets/vocabulary.txt`, too; the names of classes, where they have any, in
    `assets/labels.txt`, a line each. `assets.extra/tf_serving_warmup_requests` holds a request of each signature, which
    TensorFlow Serving runs before it answers others.

    Args:
        model: An `AdversarialModel`.
        output: The model's folder, as TensorFlow Serving's `base_path`.
        version: Integer >= 1; the next free one if None.
        class_names: Names of the classes of a conditional model.

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
    files = associated_files(model, class_names)
    network = sampling_network(model)
    module, signatures = serving_module(model, network)
    with replacing(folder) as temporary, as_assets(module, files):
        tf.saved_model.save(module, str(temporary), signatures=signatures)
        warmup.write_requests(temporary, output.name, example_inputs(model, 1))
        difference = parity.checked("saved_model", temporary, model, network)
    return folder, difference
