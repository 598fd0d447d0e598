"""Presets: a model's architecture, weights and metadata in a folder, on this computer or elsewhere."""

from keras_gans.presets.metadata import Metadata, Training, TrainingFlags
from keras_gans.presets.preset import CONFIG, METADATA, WEIGHTS, Preset, find_preset, list_presets, load_pretrained
from keras_gans.presets.save import push_model, push_preset, save_preset

__all__ = [
    "CONFIG",
    "METADATA",
    "WEIGHTS",
    "Metadata",
    "Preset",
    "Training",
    "TrainingFlags",
    "find_preset",
    "list_presets",
    "load_pretrained",
    "push_model",
    "push_preset",
    "save_preset",
]
