"""Presets: a model's architecture, weights and metadata in a folder; on this computer, or at an address elsewhere."""

from keras_gans.presets.metadata import Metadata, Training
from keras_gans.presets.preset import CONFIG, METADATA, WEIGHTS, Preset, find_preset, list_presets, load_pretrained
from keras_gans.presets.save import save_preset

__all__ = [
    "CONFIG",
    "METADATA",
    "WEIGHTS",
    "Metadata",
    "Preset",
    "Training",
    "find_preset",
    "list_presets",
    "load_pretrained",
    "save_preset",
]
