"""Presets: a model's architecture, weights and metadata in a folder; on this computer, or at an address elsewhere."""

from keras_gans.presets.preset import (
    CONFIG,
    FACTS,
    SAMPLES,
    SENTENCES,
    TOKENIZER,
    WEIGHTS,
    Preset,
    find_preset,
    list_presets,
    load_pretrained,
    save_preset,
)

__all__ = [
    "CONFIG",
    "FACTS",
    "SAMPLES",
    "SENTENCES",
    "TOKENIZER",
    "WEIGHTS",
    "Preset",
    "find_preset",
    "list_presets",
    "load_pretrained",
    "save_preset",
]
