"""Presets: a model's architecture, weights and metadata in a folder; on this computer, or at an address elsewhere."""

from keras_gans.presets.metadata import Metadata, Training
from keras_gans.presets.preset import CONFIG, METADATA, WEIGHTS, Preset, find_preset, list_presets, load_pretrained
from keras_gans.presets.save import save_preset

# Its name in rooms that still use it.
FACTS = METADATA

__all__ = [
    "CONFIG",
    "FACTS",
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
