"""keras_gans: generative adversarial networks for Keras 3.

Importing this package imports neither Keras nor a backend: every public name is resolved when it is first used, so that a
command line can answer `--help` at once and a script can still choose `KERAS_BACKEND`.

Unless TensorFlow is already imported or `TF_CPP_MIN_LOG_LEVEL` is set, its log is hidden. Set that variable to 0 to see it.
"""

import importlib

from keras_gans._quiet import hide_log
from keras_gans._version import __version__

hide_log()

# Public name -> the module that defines it.
_EXPORTS = {
    "ACGAN": "keras_gans.gans",
    "AdversarialModel": "keras_gans.adversarial",
    "ConditionalGAN": "keras_gans.gans",
    "GAN": "keras_gans.gans",
    "GrowthSchedule": "keras_gans.gans",
    "Data": "keras_gans.data",
    "NextTokenGAN": "keras_gans.gans",
    "PlayersOptimizer": "keras_gans.adversarial",
    "Pretraining": "keras_gans.gans",
    "ProgressiveGAN": "keras_gans.gans",
    "R3GAN": "keras_gans.gans",
    "RelGAN": "keras_gans.gans",
    "SeqGAN": "keras_gans.gans",
    "SequenceGAN": "keras_gans.gans",
    "Tokenizer": "keras_gans.text",
    "WGAN": "keras_gans.gans",
    "WGANGP": "keras_gans.gans",
    "create_model": "keras_gans.registry",
    "list_models": "keras_gans.registry",
    "list_presets": "keras_gans.presets",
    "load_data": "keras_gans.data",
    "load_pretrained": "keras_gans.presets",
    "register_model": "keras_gans.registry",
    "save_preset": "keras_gans.presets",
}
_MODULES = (
    "adversarial",
    "augmentation",
    "backend",
    "callbacks",
    "data",
    "distribution",
    "evaluation",
    "export",
    "gans",
    "layers",
    "losses",
    "media",
    "metrics",
    "penalties",
    "presets",
    "registry",
    "resume",
    "sequences",
    "text",
)

__all__ = ["__version__", *sorted(_EXPORTS), *_MODULES]


def __getattr__(name):
    if name in _EXPORTS:
        return getattr(importlib.import_module(_EXPORTS[name]), name)
    if name in _MODULES:
        return importlib.import_module(f"keras_gans.{name}")
    raise AttributeError(f"module 'keras_gans' has no attribute '{name}'")


def __dir__():
    return __all__
