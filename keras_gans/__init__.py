"""keras_gans: generative adversarial networks for Keras 3.

Importing this package imports neither Keras nor a backend: every public name is imported when it is first used. A command line
can therefore answer `--help` at once, and a script can still choose `KERAS_BACKEND`.

Unless TensorFlow is already imported or `TF_CPP_MIN_LOG_LEVEL` is set below 3, its log is hidden. Set that variable to 0 to see
it.
"""

import sys
from typing import TYPE_CHECKING

from keras_gans import _lazy
from keras_gans._quiet import hide_log
from keras_gans._version import __version__

# What editors and type checkers see. `_EXPORTS` below is the same at run time; tests/test_surface.py compares them.
if TYPE_CHECKING:
    from keras_gans import adversarial as adversarial
    from keras_gans import applying as applying
    from keras_gans import audio as audio
    from keras_gans import audit as audit
    from keras_gans import augmentation as augmentation
    from keras_gans import backend as backend
    from keras_gans import callbacks as callbacks
    from keras_gans import credentials as credentials
    from keras_gans import data as data
    from keras_gans import declaration as declaration
    from keras_gans import distribution as distribution
    from keras_gans import evaluation as evaluation
    from keras_gans import export as export
    from keras_gans import gans as gans
    from keras_gans import imagenet as imagenet
    from keras_gans import keras2 as keras2
    from keras_gans import layers as layers
    from keras_gans import losses as losses
    from keras_gans import media as media
    from keras_gans import metrics as metrics
    from keras_gans import penalties as penalties
    from keras_gans import presets as presets
    from keras_gans import privacy as privacy
    from keras_gans import registry as registry
    from keras_gans import resume as resume
    from keras_gans import sequences as sequences
    from keras_gans import study as study
    from keras_gans import text as text
    from keras_gans import verification as verification
    from keras_gans import video as video
    from keras_gans.adversarial import AdversarialModel as AdversarialModel
    from keras_gans.adversarial import PlayersOptimizer as PlayersOptimizer
    from keras_gans.applying import apply_file as apply_file
    from keras_gans.audio import Mel as Mel
    from keras_gans.data import Data as Data
    from keras_gans.data import load_data as load_data
    from keras_gans.declaration import Declaration as Declaration
    from keras_gans.gans import ACGAN as ACGAN
    from keras_gans.gans import GAN as GAN
    from keras_gans.gans import R3GAN as R3GAN
    from keras_gans.gans import WGAN as WGAN
    from keras_gans.gans import WGANGP as WGANGP
    from keras_gans.gans import ConditionalGAN as ConditionalGAN
    from keras_gans.gans import ContrastiveTranslation as ContrastiveTranslation
    from keras_gans.gans import FastGAN as FastGAN
    from keras_gans.gans import GrowthSchedule as GrowthSchedule
    from keras_gans.gans import ImageToImage as ImageToImage
    from keras_gans.gans import InfoGAN as InfoGAN
    from keras_gans.gans import Inpainting as Inpainting
    from keras_gans.gans import MoCoGAN as MoCoGAN
    from keras_gans.gans import NextTokenGAN as NextTokenGAN
    from keras_gans.gans import PairedTranslation as PairedTranslation
    from keras_gans.gans import Pretraining as Pretraining
    from keras_gans.gans import ProgressiveGAN as ProgressiveGAN
    from keras_gans.gans import ProjectedGAN as ProjectedGAN
    from keras_gans.gans import RelGAN as RelGAN
    from keras_gans.gans import SemiSupervisedGAN as SemiSupervisedGAN
    from keras_gans.gans import SeqGAN as SeqGAN
    from keras_gans.gans import SequenceGAN as SequenceGAN
    from keras_gans.gans import SpeechGAN as SpeechGAN
    from keras_gans.gans import SuperResolution as SuperResolution
    from keras_gans.gans import UnpairedTranslation as UnpairedTranslation
    from keras_gans.gans import VideoPrediction as VideoPrediction
    from keras_gans.gans import Vocoder as Vocoder
    from keras_gans.lab import show as lab  # noqa: F401  the module, which is called as `show` is
    from keras_gans.presets import list_presets as list_presets
    from keras_gans.presets import load_pretrained as load_pretrained
    from keras_gans.presets import save_preset as save_preset
    from keras_gans.registry import create_model as create_model
    from keras_gans.registry import describe as describe
    from keras_gans.registry import list_models as list_models
    from keras_gans.registry import register_model as register_model
    from keras_gans.sequences import Watermark as Watermark
    from keras_gans.text import Tokenizer as Tokenizer
    from keras_gans.verification import find_watermark as find_watermark
    from keras_gans.verification import verify as verify

hide_log()

# Module -> the public names it defines.
_EXPORTS = {
    "adversarial": ["AdversarialModel", "PlayersOptimizer"],
    "applying": ["apply_file"],
    "audio": ["Mel"],
    "audit": [],
    "augmentation": [],
    "backend": [],
    "callbacks": [],
    "credentials": [],
    "data": ["Data", "load_data"],
    "declaration": ["Declaration"],
    "distribution": [],
    "editing": [],
    "evaluation": [],
    "export": [],
    "gans": [
        "ACGAN",
        "GAN",
        "R3GAN",
        "WGAN",
        "WGANGP",
        "ConditionalGAN",
        "ContrastiveTranslation",
        "FastGAN",
        "GrowthSchedule",
        "ImageToImage",
        "InfoGAN",
        "Inpainting",
        "MoCoGAN",
        "NextTokenGAN",
        "PairedTranslation",
        "Pretraining",
        "ProgressiveGAN",
        "ProjectedGAN",
        "RelGAN",
        "SemiSupervisedGAN",
        "SeqGAN",
        "SequenceGAN",
        "SpeechGAN",
        "SuperResolution",
        "UnpairedTranslation",
        "VideoPrediction",
        "Vocoder",
    ],
    "imagenet": [],
    "keras2": [],
    "lab": [],
    "layers": [],
    "losses": [],
    "media": [],
    "metrics": [],
    "penalties": [],
    "presets": ["list_presets", "load_pretrained", "save_preset"],
    "privacy": [],
    "registry": ["create_model", "describe", "list_models", "register_model"],
    "resume": [],
    "sequences": ["Watermark"],
    "study": [],
    "text": ["Tokenizer"],
    "verification": ["find_watermark", "verify"],
    "video": [],
}
_MODULE_OF = {name: f"keras_gans.{module}" for module, names in _EXPORTS.items() for name in names}

__all__ = ["__version__", *sorted(_MODULE_OF), *_EXPORTS]


def __dir__() -> list[str]:
    return __all__


_lazy.install(sys.modules[__name__], {**_MODULE_OF, **dict.fromkeys(_EXPORTS)})
