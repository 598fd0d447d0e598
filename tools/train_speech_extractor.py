"""Trains the bundled feature extractor of speech, `speech8k`, and writes its weights and metadata.

    python -m tools.train_speech_extractor RECORDINGS --output=keras_gans/evaluation/weights

RECORDINGS is the folder of the recordings of the Free Spoken Digit Dataset (github.com/Jakobovski/free-spoken-digit-dataset),
`{digit}_{speaker}_{index}.wav`. Indices 0 to 4 are its test split, the others its training split. The network names the digit
and the speaker. The weights are rounded to float16, and the accuracies in the metadata are those of the rounded weights on the
test split.
"""

from __future__ import annotations

import time
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_gans.audio.sample_values import to_float
from keras_gans.data import load_data
from keras_gans.evaluation import networks
from keras_gans.evaluation.audio import speech

from .common import program
from .train_extractor import EPOCHS, SEED, write

if TYPE_CHECKING:
    import keras

    from keras_gans.data import Data

_BATCH_SIZE, _PEAK_RATE, _EPOCHS = 32, 0.05, 20
# How training sounds are varied.
_SHIFT = 1200  # samples, at most
_GAIN = 8.0  # decibels, at most, up and down
_SPEED = 0.1  # at most, up and down
_NOISE = (-80.0, -40.0)  # decibels of full scale


def main(arguments: list[str]) -> None:
    """Train, measure and write."""
    folder, epochs = program.one_argument(arguments, "folder of recordings"), EPOCHS.value or _EPOCHS
    keras = program.import_keras()
    keras.utils.set_random_seed(SEED.value)
    train, test = (_load(folder, split) for split in ("train", "test"))
    began = time.perf_counter()
    model = networks.build(networks.ARCHITECTURES[speech.NAME])
    _fit(keras, model, train, epochs)
    weights = networks.fold(model)
    digits, speakers = speech.accuracies(weights, test.samples, test.labels, test.conditions["speaker"])
    write(speech.NAME, weights, {
        "dataset": "Free Spoken Digit Dataset",
        "dataset_licence": "CC BY-SA 4.0",
        "task": f"tells apart: {', '.join(train.class_names or ())}",
        "speakers": train.names["speaker"],
        "test_accuracy": round(digits, 4),
        "test_speaker_accuracy": round(speakers, 4),
        "test_count": len(test),
        "epochs": epochs,
        "recipe": f"python -m tools.train_speech_extractor RECORDINGS --epochs={epochs} --seed={SEED.value}",
        "seconds": round(time.perf_counter() - began),
    })  # fmt: skip
    print(f"{speech.NAME}: right on {digits:.2%} of the digits and {speakers:.2%} of the speakers of {len(test)} recordings.")


def _load(folder: str, split: str) -> Data:
    return load_data(
        f"wav:{folder}",
        split=split,
        length=speech.LENGTH,
        place="centre",
        name_pattern="{label}_{speaker}_{index}",
        test_part="index:0-4",
    )


def _fit(keras: ModuleType, model: keras.Model, train: Data, epochs: int) -> None:
    steps = len(train) // _BATCH_SIZE

    def loss(wanted: Any, logits: Any) -> Any:
        cross_entropy, digits = keras.losses.sparse_categorical_crossentropy, speech.DIGITS
        of_digits = cross_entropy(wanted[:, 0], logits[:, :digits], from_logits=True)
        return of_digits + cross_entropy(wanted[:, 1], logits[:, digits:], from_logits=True)

    def accuracy(wanted: Any, logits: Any) -> Any:
        return keras.metrics.sparse_categorical_accuracy(wanted[:, 0], logits[:, : speech.DIGITS])

    rate = keras.optimizers.schedules.CosineDecay(
        0.01 * _PEAK_RATE, (epochs - 1) * steps, warmup_target=_PEAK_RATE, warmup_steps=steps
    )
    model.compile(keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, weight_decay=5e-4), loss, metrics=[accuracy])
    model.fit(_varied(keras, train), epochs=epochs, verbose=2, shuffle=False)


def _varied(keras: Any, train: Data) -> Any:
    """Return batches of spectrograms of sounds that are varied at random, with digits and speakers."""
    batches: Any = train.batches(_BATCH_SIZE, SEED.value, labels=True, conditions=["speaker"])
    random = np.random.default_rng(SEED.value)

    class Varied(keras.utils.PyDataset):
        def __len__(self) -> int:
            return len(batches)

        def __getitem__(self, step: int) -> tuple[np.ndarray, np.ndarray]:
            samples, known = batches[step]
            sounds = np.stack([_vary(sound, random) for sound in to_float(samples)[..., 0]])
            return speech.to_input(sounds[..., None]), np.stack([known["labels"], known["speaker"]], axis=1)

        def on_epoch_begin(self) -> None:
            batches.on_epoch_begin()

    return Varied()


def _vary(sound: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return a sound faster or slower, earlier or later, louder or quieter, and with noise."""
    speed, shift = 1 + random.uniform(-_SPEED, _SPEED), random.integers(-_SHIFT, _SHIFT + 1)
    middle, places = len(sound) / 2, np.arange(len(sound))
    moved = np.interp((places - middle - shift) * speed + middle, places, sound, 0, 0)
    gain, noise = (10 ** (decibels / 20) for decibels in (random.uniform(-_GAIN, _GAIN), random.uniform(*_NOISE)))
    return np.clip(gain * moved + noise * random.standard_normal(len(sound)), -1, 1).astype("float32")


if __name__ == "__main__":
    program.run(main)
