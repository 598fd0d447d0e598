"""Trains the bundled feature extractor of clips, `clips32`, and writes its weights and metadata.

    python -m tools.train_clip_extractor --output=keras_gans/evaluation/weights

It learns from `moving_digits` (MNIST's training images). One network names the digit of a frame. Another one sees pairs of
frames that follow each other, and tells how clips move: as they are, or frozen, shuffled, slowed or jittered, how fast, and
where to. The weights are rounded to float16, and the accuracies in the metadata are those of the rounded weights on clips of
MNIST's test images.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np

from keras_gans.data import load_data
from keras_gans.data.moving_digits import MovingDigitsSource, Paths
from keras_gans.evaluation import networks
from keras_gans.evaluation.video import clips32
from keras_gans.video.corruptions import CORRUPTIONS

from .common import program
from .train_extractor import EPOCHS, SEED, write

_BATCH_SIZE, _PEAK_RATE, _STEPS, _TESTED = 32, 3e-3, 250, 2000
_EPOCHS = 4
# Frames of a clip in training, and single frames of each whose digit is named.
_FRAMES, _SINGLE = 8, 2
_NOISE, _BLURRED = 48.0, 0.3  # grey levels, and the share of batches


def main(arguments: list[str]) -> None:
    """Train, measure and write."""
    epochs = EPOCHS.value or _EPOCHS
    keras = program.import_keras()
    keras.utils.set_random_seed(SEED.value)
    keras.config.set_dtype_policy("mixed_bfloat16")
    train, test = (
        load_data("moving_digits", split=split, frames=frames) for split, frames in (("train", _FRAMES), ("test", 16))
    )
    began = time.perf_counter()
    model, parts = _build(keras)
    rate = keras.optimizers.schedules.CosineDecay(0.0, epochs * _STEPS, warmup_target=_PEAK_RATE, warmup_steps=_STEPS // 2)
    model.compile(keras.optimizers.AdamW(rate, weight_decay=1e-4), _losses(keras), loss_weights=[1.0, 1.0, 1.0])
    model.fit(_endless(train, SEED.value), epochs=epochs, steps_per_epoch=_STEPS, verbose=2)
    weights = [weight for part in parts for weight in networks.fold(part)]
    measured = _measure(weights, test)
    write(clips32.NAME, weights, {
        "dataset": "moving_digits, of MNIST's training images",
        "dataset_licence": "CC BY-SA 3.0",
        "task": f"names digits 0 to 9, and tells apart clips that are {', '.join(clips32.KINDS)}",
        **{name: round(value, 4) for name, value in measured.items()},
        "test_count": _TESTED,
        "epochs": epochs,
        "recipe": f"python -m tools.train_clip_extractor --epochs={epochs} --seed={SEED.value}",
        "seconds": round(time.perf_counter() - began),
    })  # fmt: skip
    print(f"{clips32.NAME}: {measured}")


def _build(keras: ModuleType) -> tuple[Any, list[Any]]:
    """Return the model for training, and the networks of frames, of pairs and of sequences in it."""
    shape, layers = networks.CLIPS32, keras.layers

    def convolve(x: Any, filters: int, size: Any, strides: int) -> Any:
        x = layers.Conv2D(filters, size, strides, "same", use_bias=False, kernel_initializer="he_normal")(x)
        return layers.ReLU()(layers.BatchNormalization(momentum=0.9, epsilon=1e-3)(x))

    def network(inputs: Any, filters: Any, strides: Any, size: Any, outputs: int | None) -> Any:
        x = inputs
        for count, stride in zip(filters, strides, strict=True):
            x = convolve(x, count, size, stride)
        features = layers.GlobalAveragePooling2D(dtype="float32")(x)
        return keras.Model(inputs, features if outputs is None else layers.Dense(outputs, dtype="float32")(features))

    side = (clips32.SIDE, clips32.SIDE)
    frames = network(keras.Input((*side, 1)), shape.filters, shape.frames, 3, clips32.DIGITS)
    pairs = network(keras.Input((*side, 2)), shape.filters, shape.pairs, 3, None)
    sequence = network(
        keras.Input((None, 1, shape.filters[-1])),
        shape.sequence,
        (1,) * len(shape.sequence),
        (shape.span, 1),
        len(clips32.KINDS) + clips32.REGRESSIONS,
    )
    seen = keras.Input((_SINGLE, *side, 1)), keras.Input((_FRAMES - 1, *side, 2))
    flat = keras.ops.reshape(seen[1], (-1, *side, 2))
    told = sequence(keras.ops.reshape(pairs(flat), (-1, _FRAMES - 1, 1, shape.filters[-1])))
    named = keras.ops.reshape(frames(keras.ops.reshape(seen[0], (-1, *side, 1))), (-1, _SINGLE, clips32.DIGITS))
    outputs = [named, told[:, : len(clips32.KINDS)], told[:, len(clips32.KINDS) :]]
    return keras.Model(list(seen), outputs), [frames, pairs, sequence]


def _losses(keras: ModuleType) -> list[Any]:
    cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def error(wanted: Any, told: Any) -> Any:
        # NaN where a clip has no speed or direction.
        known = keras.ops.logical_not(keras.ops.isnan(wanted))
        return keras.ops.mean(keras.ops.where(known, keras.ops.abs(keras.ops.where(known, wanted, 0.0) - told), 0.0))

    return [cross_entropy, cross_entropy, error]


def _endless(data: Any, seed: int) -> Iterator[tuple[Any, Any]]:
    """Yield batches of single frames and pairs of frames, and what is to be told of them."""
    rng = np.random.default_rng(seed)
    while True:
        positions = rng.integers(len(data), size=_BATCH_SIZE)
        clips, kinds, motion = _corrupted(data.source, positions, rng.random((_BATCH_SIZE, 4)), rng)
        if rng.random() < _BLURRED:
            clips = CORRUPTIONS["blurred"](clips)
        noisy = clips + (rng.random(clips.shape, dtype="float32") - 0.5) * (rng.random() * _NOISE)
        inputs = clips32.to_input(np.clip(np.rint(noisy), 0, 255).astype("uint8"))
        rows = np.arange(_BATCH_SIZE)[:, None]
        chosen = inputs[rows, rng.integers(_FRAMES, size=(_BATCH_SIZE, _SINGLE))]
        pairs = clips32.pairs_of(inputs).reshape(_BATCH_SIZE, -1, clips32.SIDE, clips32.SIDE, 2)
        yield (chosen, pairs), (data.labels[positions][:, None].repeat(_SINGLE, axis=1), kinds, motion)


def _corrupted(
    source: MovingDigitsSource, positions: np.ndarray, numbers: np.ndarray | None, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return clips, each corrupted in one way or not, the way, and their speed and displacement, NaN where there is none."""
    clips, paths = source.draw(positions, numbers)
    kinds = rng.integers(len(clips32.KINDS), size=len(positions)).astype("int32")
    motion = _motion(paths)
    for kind, name in enumerate(clips32.KINDS[1:], 1):
        rows = np.flatnonzero(kinds == kind)
        if len(rows):
            clips[rows] = CORRUPTIONS[name](clips[rows], int(rng.integers(2**31)))
        motion[rows] = motion[rows] / 2 if name == "slowed" else 0.0 if name == "frozen" else np.nan
    # The displacement of a slowed clip is that of its first half.
    motion[kinds == clips32.KINDS.index("slowed"), 1:] = np.nan
    return clips, kinds, motion.astype("float32")


def _motion(paths: Paths) -> np.ndarray:
    """Return the speed of clips and their mean displacement a frame, relative to the fastest."""
    places = paths.places[:, 0]
    displacement = (places[:, -1] - places[:, 0]) / (places.shape[1] - 1)
    return np.concatenate([paths.speeds[:, :1], displacement], axis=1) / clips32.FASTEST


def _measure(weights: list[np.ndarray], test: Any) -> dict[str, float]:
    parts = clips32.split_weights([weight.astype("float32") for weight in weights])
    rng = np.random.default_rng(0)
    positions = np.arange(_TESTED)
    clips, kinds, motion = _corrupted(test.source, positions, None, rng)
    digits, told = [], []
    for start in range(0, _TESTED, 100):
        inputs = clips32.to_input(clips[start : start + 100])
        _, logits = networks.compute(inputs[:, 5], parts[0], networks.CLIPS32.frames)
        digits.append(np.asarray(logits).argmax(axis=1))
        told.append(clips32.compute_motion(inputs, *parts[1:])[1])
    said = np.concatenate(told)
    count = len(clips32.KINDS)
    moving = kinds == 0
    return {
        "test_accuracy": float(np.mean(np.concatenate(digits) == test.labels[positions])),
        "test_kind_accuracy": float(np.mean(said[:, :count].argmax(axis=1) == kinds)),
        "test_speed_error": float(np.abs(said[moving, count] - motion[moving, 0]).mean() * clips32.FASTEST),
    }


if __name__ == "__main__":
    program.run(main)
