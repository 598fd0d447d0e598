"""SavedModel, in the folder layout of TensorFlow Serving."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from keras_gans._typing import PathLike
from keras_gans.errors import check_count
from keras_gans.export import warmup
from keras_gans.export.associated_files import as_assets
from keras_gans.export.parity import Difference, write_checked
from keras_gans.export.signatures import Signatures, signatures_of

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel
    from keras_gans.editing import Directions
    from keras_gans.sequences import Watermark


def saved_model(
    model: AdversarialModel,
    output: PathLike,
    version: int | None = None,
    class_names: Sequence[str] = (),
    directions: Directions | None = None,
    watermark: Watermark | None = None,
) -> tuple[Path, Difference]:
    """Export a generator as a SavedModel in `output/<version>/`.

    It contains the averaged generator, if there is one, with batch normalisation folded into the layers before it. Signatures:

    * `serving_default`: float32 `latents` `(batch, latent_dim)`, if the generator has any, and each condition under its own
      name (int32 `labels` `(batch,)`; images as float32 in [0, 1]), to `images`, float32 in [0, 1], channels last (`samples` if
      the model does not generate images). Text models take uniform `latents` `(batch, length)` and `temperature` `(batch, 1)`
      and return int32 `token_ids`.
    * `generate`: an int64 `seeds` for each sample, if there are latents, and the conditions (images as uint8), to 8-bit
      `images`, or to `text`. For images there is `generate_png`, which returns PNG files.
    * `apply_png`, for models that map images to images: strings `image_bytes` `(batch,)`, PNG or JPEG files of any size, and
      for inpainting `mask_bytes`, white in the hole, to `image_bytes`, PNG files. `apply_png_with_strength`, where the weights
      from before adversarial training are kept, also takes float32 `strength` `(batch,)`, from 0 (faithful) to 1 (crisp).
    * `edit`, if `directions` are given: `seeds`, the conditions, and float32 `weights` `(batch, count)`, to PNG files of the
      samples whose latents are moved that far along each direction.
    * `complete`, for text models of words or characters: the same with strings `prompt` `(batch,)`, which the text begins with.
    * `generate_with_truncation` and `generate_png_with_truncation` also take float32 `truncation` `(batch,)`;
      `generate_with_temperature` and `complete_with_temperature` take `temperature` `(batch,)`.
    * `score`: float32 `images` in [0, 1], and the conditions that the discriminator takes, to float32 `scores` `(batch,)`: the
      discriminator's logits, or the mean of its map of logits; the higher, the more real. There is none if the discriminator
      compares the images of a batch (`pggan`).

    If a condition is called `images`, the generated images are called `generated_images`. Image sizes that are free in the
    model are free here. See `keras_gans.export.signatures`.

    `assets/` contains the vocabulary of text models, `vocabulary.txt`, the names of classes, `labels.txt`, one per line, and
    the directions, `directions.npz`. `assets.extra/tf_serving_warmup_requests` contains a request for each signature, which
    TensorFlow Serving runs before it answers others.

    Args:
        model: The model to export.
        output: The model's folder, as TensorFlow Serving's `base_path`.
        version: An integer of at least 1; the next free one by default.
        class_names: The names of the classes of a class-conditional model; their numbers by default.
        directions: Directions in latent space, of an image model: see `keras_gans.editing.find_directions`.
        watermark: A `keras_gans.Watermark` that marks all text which the export generates. The files contain what finds,
            imitates and removes the mark: do not publish them. Default None.

    Returns:
        The version's folder, and the largest difference from Keras' output, measured in a process without keras_gans.

    Raises:
        FileExistsError: If the version exists.
        ValueError: If `class_names`, `directions` or `watermark` do not fit the model, or the exported model differs from the
            Keras model by more than 1e-4; nothing is written then.
        RuntimeError: If Keras does not run on TensorFlow.
    """
    signatures = signatures_of(model, class_names, directions=directions, watermark=watermark)
    return write_version(signatures, Path(output), version)


def write_version(signatures: Signatures, output: Path, version: int | None) -> tuple[Path, Difference]:
    """Write a model's signatures as a SavedModel: see `saved_model`."""
    if version is None:
        version = 1 + max((int(child.name) for child in output.glob("*") if child.name.isdigit()), default=0)
    folder = output / str(check_count("version", version))
    if folder.exists():
        raise FileExistsError(f"{folder} exists already, and versions are never replaced: choose another version.")

    def write(path: Path) -> None:
        import tensorflow as tf

        contents = signatures.contents("saved_model")
        with as_assets(contents.module, contents.files):
            tf.saved_model.save(contents.module, str(path), signatures=contents.functions)
        warmup.write_requests(path, output.name, contents.examples)

    return write_checked("saved_model", folder, signatures, write)
