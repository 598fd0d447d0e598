"""Trains a bundled feature extractor and writes its weights and metadata.

    python -m tools.train_extractor digits28 --output=keras_gans/evaluation/weights
    python -m tools.train_extractor color32 --output=keras_gans/evaluation/weights

`digits28` is trained on MNIST, `color32` on CIFAR-10, both from TensorFlow Datasets (`TFDS_DATA_DIR`). After an interruption it
continues from the last epoch in --work_dir. The weights are rounded to float16, and the accuracy in the metadata is that of the
rounded weights on the test split.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from absl import flags

from keras_gans import files
from keras_gans.data import load_data
from keras_gans.data.random_numbers import mirrored
from keras_gans.data.resize import ImageOptions, fit_images
from keras_gans.errors import no_such
from keras_gans.evaluation import networks

from .common import program

if TYPE_CHECKING:
    import keras

    from keras_gans.data import Data

_OUTPUT = flags.DEFINE_string("output", ".", "Folder for NAME.npz and NAME.json.")
_WORK_DIR = flags.DEFINE_string("work_dir", None, "Folder for the state after each epoch (default: OUTPUT/NAME.training).")
EPOCHS = flags.DEFINE_integer("epochs", None, "Number of epochs (default: that of the extractor).", lower_bound=1)
SEED = flags.DEFINE_integer("seed", 0, "Seed of the initial weights and the order of the data.", lower_bound=0)


@dataclasses.dataclass(frozen=True)
class _Recipe:
    """The training data of an extractor, and their augmentation.

    Attributes:
        dataset: A name that `load_data` takes.
        epochs: Number of epochs.
        flip: Whether images are mirrored with probability 0.5.
        shift: Maximum shift in pixels.
        enlarge: Side of the central square from which half of the images are enlarged; None for none.
    """

    dataset: str
    epochs: int
    flip: bool
    shift: int
    enlarge: int | None


_RECIPES = {
    # MNIST's digits lie in the central 20 pixels. Enlarged ones fill the image, like the digits of other data sets.
    "digits28": _Recipe("mnist", 6, False, 2, 20),
    "color32": _Recipe("cifar10", 12, True, 4, None),
}
_BATCH_SIZE, _PEAK_RATE = 128, 0.1


def main(arguments: list[str]) -> None:
    """Train, measure and write."""
    name = program.one_argument(arguments, "extractor")
    if name not in _RECIPES:
        raise ValueError(no_such("extractor to train", name, list(_RECIPES)))
    recipe = _RECIPES[name]
    epochs = EPOCHS.value or recipe.epochs
    keras = program.import_keras()
    keras.utils.set_random_seed(SEED.value)
    train, test = (load_data(recipe.dataset, split=split) for split in ("train", "test"))
    began = time.perf_counter()
    model = networks.build(networks.ARCHITECTURES[name])
    _fit(keras, name, model, train, epochs, recipe)
    weights = networks.fold(model)
    accuracy = _accuracy(networks.ARCHITECTURES[name], weights, test)
    write(name, weights, {
        "dataset": recipe.dataset,
        "dataset_licence": train.licence,
        "task": f"tells apart: {', '.join(train.class_names or ())}",
        "test_accuracy": round(accuracy, 4),
        "epochs": epochs,
        "recipe": f"python -m tools.train_extractor {name} --epochs={epochs} --seed={SEED.value}",
        "seconds": round(time.perf_counter() - began),
    })  # fmt: skip
    print(f"{name}: an accuracy of {accuracy:.2%} on {len(test):,} test images.")


def _fit(keras: ModuleType, name: str, model: keras.Model, train: Data, epochs: int, recipe: _Recipe) -> None:
    steps = len(train) // _BATCH_SIZE
    # One cycle of warm-up and decay (Smith and Topin 2018), with the SGD of He et al. 2016.
    rate = keras.optimizers.schedules.CosineDecay(
        0.01 * _PEAK_RATE, (epochs - 1) * steps, warmup_target=_PEAK_RATE, warmup_steps=steps
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer = keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, weight_decay=5e-4)
    model.compile(optimizer, loss, metrics=["accuracy"])
    work_dir = Path(_WORK_DIR.value or Path(_OUTPUT.value, f"{name}.training"))
    batches = _enlarged(train, recipe.enlarge).batches(_BATCH_SIZE, SEED.value, labels=True)
    varied = _varied(keras, batches, recipe)
    model.fit(varied, epochs=epochs, verbose=2, shuffle=False, callbacks=[keras.callbacks.BackupAndRestore(work_dir)])


def _enlarged(data: Data, side: int | None) -> Data:
    """Return data with every second image enlarged from a central square."""
    if side is None:
        return data
    height, width, channels = data.shape
    images = data.samples.copy()
    top, left = (height - side) // 2, (width - side) // 2
    middle = images[::2, top : top + side, left : left + side]
    images[::2] = fit_images(middle, (height, width, channels), ImageOptions())
    return dataclasses.replace(data, samples=images)


def _varied(keras: Any, batches: Any, recipe: _Recipe) -> Any:
    """Return batches in [-1, 1] whose images are mirrored and shifted at random."""
    random, shift = np.random.default_rng(SEED.value), recipe.shift

    class Varied(keras.utils.PyDataset):
        def __len__(self) -> int:
            return len(batches)

        def __getitem__(self, step: int) -> tuple[np.ndarray, np.ndarray]:
            images, labels = batches[step]
            count, height, width, _ = images.shape
            padded = np.pad(images, ((0, 0), (shift, shift), (shift, shift), (0, 0)))
            moves = random.integers(2 * shift + 1, size=(count, 2))
            varied = np.stack([image[y : y + height, x : x + width] for image, (y, x) in zip(padded, moves, strict=True)])
            if recipe.flip:
                varied = mirrored(varied, random.random(count))
            return varied.astype("float32") / 127.5 - 1, labels

        def on_epoch_begin(self) -> None:
            batches.on_epoch_begin()

    return Varied()


def _accuracy(architecture: networks.Architecture, weights: Sequence[np.ndarray], test: Data) -> float:
    weights = [weight.astype("float32") for weight in weights]
    if test.labels is None:
        raise ValueError(f"{test.name} has no labels.")
    right = 0
    for start in range(0, len(test), 500):
        rows = np.arange(start, min(start + 500, len(test)))
        images = test.samples[rows].astype("float32") / 127.5 - 1
        logits = np.asarray(networks.compute(images, weights, architecture.strides)[1])
        right += int((logits.argmax(axis=1) == test.labels[rows]).sum())
    return right / len(test)


def write(name: str, weights: Sequence[np.ndarray], facts: dict[str, Any]) -> None:
    """Write weights and metadata, with the SHA-256 of the weights, to --output."""
    folder = Path(_OUTPUT.value)
    with files.replacing(folder / f"{name}.npz") as temporary:
        np.savez_compressed(temporary, allow_pickle=False, **{f"{index:02}": weight for index, weight in enumerate(weights)})
        facts["sha256"] = files.sha256(temporary)
    files.write_json(folder / f"{name}.json", facts)


if __name__ == "__main__":
    program.run(main)
