"""The pictures of a model card besides `samples.png`: interpolations between samples, and failures."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_gans.declaration import declare
from keras_gans.evaluation import Evaluator, default_extractor
from keras_gans.evaluation.report import walks
from keras_gans.evaluation.report.rows import pictures
from keras_gans.media.pictures import grid, save_picture
from keras_gans.presets import Preset
from keras_gans.presets.model_card import FAILURES, INTERPOLATION, PICTURE

from . import program
from .run import options_to_measure

if TYPE_CHECKING:
    from keras_gans import AdversarialModel, Data
    from keras_gans._typing import Array
    from keras_gans.declaration import Declaration

# Rows of interpolations, if they have no more than so many pixels in all.
_ROWS, _STEPS, _PIXELS = 6, 9, 2**19
# Number of failures shown, and of samples they are chosen from.
_FAILURES, _AMONG = 16, 1000
_TILE = 56


def draw(preset: Preset) -> None:
    """Draw the pictures into a preset's folder; for text that answers or continues other text, write samples anew.

    For a model that maps images to images, they are pairs of the training data. For others, failures are the 16 of 1,000
    samples whose features are farthest from those of any of 10,000 training images; after private training, there are none.

    Args:
        preset: The preset.
    """
    model = preset.load()
    if "context" in model.conditions:
        model.take_examples(_held_out_text(preset, model))
        for name, write in model.medium.preset_files(model).items():
            write(preset.folder / name)
    if not model.medium.tiled:
        return
    if model.latent_shape is None:
        model.take_examples(_training_data(preset, model))
        save_picture(preset.folder / PICTURE, model.draw(), declare(model))
        return
    count = min(_ROWS, max(2, _PIXELS // (_STEPS * math.prod(model.sample_shape[:2]))))
    rows = walks.interpolations(model, rows=count, steps=_STEPS)
    _save(preset.folder / INTERPOLATION, np.concatenate([row.pictures for row in rows]), _STEPS, declare(model))
    if preset.metadata.privacy:
        return
    samples = model.generate(_AMONG, seed=0, conditions=model.example_conditions(_AMONG))
    extractor = default_extractor(model.sample_shape, model.trained_against) if model.trained_against else None
    _, distances = Evaluator(_training_data(preset, model), ("fid",), extractor=extractor).nearest_real(samples, k=1)
    worst = np.argsort(-distances[:, 0], kind="stable")[:_FAILURES]
    _save(preset.folder / FAILURES, pictures(samples[worst], model.medium), _FAILURES // 2, declare(model))


def _held_out_text(preset: Preset, model: Any) -> Data:
    from keras_gans.data import load_data
    from keras_gans.data.text import TextOptions

    training = preset.metadata.training
    options = TextOptions(
        length=model.medium.length,
        longer=training.longer or "cut",
        windows=bool(training.windows),
        labelled=bool(training.labelled),
        text_field=training.text_field,
        label_field=training.label_field,
        contexts=True,
        context_field=training.context_field,
        context_length=model.medium.context_length,
        tokenizer=model.tokenizer,
    )
    return load_data(preset.metadata.dataset, split="held_out", text=options)


def _training_data(preset: Preset, model: AdversarialModel) -> Data:
    from keras_gans.data import load_data

    training = preset.metadata.training
    shape = program.parse_size(training.image_size) if None in model.sample_shape else model.sample_shape
    given = {**options_to_measure(training), **model.medium.source_options()}
    options = {name: value for name, value in given.items() if value is not None}
    return load_data(preset.metadata.dataset, shape, training.split or "train", **options)


def _save(path: Path, drawn: Array, columns: int, declaration: Declaration) -> None:
    save_picture(path, grid(drawn, columns, scale=max(1, _TILE // drawn.shape[1])), declaration)
