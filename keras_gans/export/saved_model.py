"""SavedModel, in the folder layout of TensorFlow Serving."""

import os
from collections.abc import Sequence
from pathlib import Path

from keras_gans.export import parity, warmup
from keras_gans.export.associated_files import as_assets
from keras_gans.export.signatures import Signatures, signatures_of
from keras_gans.files import replacing


def saved_model(
    model, output: str | os.PathLike, version: int | None = None, class_names: Sequence[str] = ()
) -> tuple[Path, float]:
    """Exports a generator as a SavedModel under `output/<version>/`.

    The averaged generator is taken where there is one, with batch normalisation folded into the layers before it. Signatures:

    * `serving_default`: float32 `latents` `(batch, latent_dim)`, if the generator has any, and each condition under its own
      name (int32 `labels` `(batch,)`; images as float32 in [0, 1]), to `images`, float32 in [0, 1], channels last (`samples`
      where the model generates no images). Text models take uniform `latents` `(batch, length)` and `temperature` `(batch, 1)`,
      and return int32 `token_ids`.
    * `generate`: a seed for each sample, if there are latents, and the conditions (images as uint8), to 8-bit `images`, or to
      `text`; and for images `generate_png`, to PNG files.
    * `complete`, for text models of words or characters: the same with strings `prompt` `(batch,)`, which the text begins with.
    * `score`: float32 `images` in [0, 1], and the conditions that the discriminator takes, to float32 `scores` `(batch,)`, the
      discriminator's logits, or the means of its maps of them: the higher, the more real. Not where it judges the images of a
      batch together (`pggan`).

    Where a condition is called `images`, the model's own images are called `generated_images`. Sizes of images that are free in
    the model are free here. See `keras_gans.export.signatures`.

    The vocabulary of text models lies in `assets/vocabulary.txt`, too; the names of classes, where they have any, in
    `assets/labels.txt`, a line each. `assets.extra/tf_serving_warmup_requests` holds a request of each signature, which
    TensorFlow Serving runs before it answers others.

    Args:
        model: An `AdversarialModel`.
        output: The model's folder, as TensorFlow Serving's `base_path`.
        version: Integer >= 1; the next free one if None.
        class_names: The names of the classes of a class-conditional model.

    Returns:
        The version's folder, and the largest difference from Keras' output that a process without keras_gans found.

    Raises:
        FileExistsError: If the version exists.
        ValueError: If the exported model differs from the Keras model by more than 1e-4; nothing is written then.
        RuntimeError: If Keras does not run on TensorFlow.
    """
    return write_version(signatures_of(model), Path(output), version, class_names)


def write_version(signatures: Signatures, output: Path, version: int | None, class_names: Sequence[str]) -> tuple[Path, float]:
    """Writes a model's signatures as a SavedModel: see `saved_model`."""
    import tensorflow as tf

    if version is None:
        version = 1 + max((int(child.name) for child in output.glob("*") if child.name.isdigit()), default=0)
    if version < 1:
        raise ValueError(f"The version must be an integer of at least 1; received {version}.")
    folder = output / str(version)
    if folder.exists():
        raise FileExistsError(f"{folder} exists already: versions are never replaced; give another one.")
    contents = signatures.contents("saved_model", class_names)
    with replacing(folder) as temporary, as_assets(contents.module, contents.files):
        tf.saved_model.save(contents.module, str(temporary), signatures=contents.functions)
        warmup.write_requests(temporary, output.name, contents.examples)
        difference = parity.checked("saved_model", temporary, signatures)
    return folder, difference
