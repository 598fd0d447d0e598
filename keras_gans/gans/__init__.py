"""The algorithms: subclasses of `AdversarialModel` that say what differs."""

from keras_gans.gans.conditional import ACGAN, ConditionalGAN
from keras_gans.gans.contrastive_translation import ContrastiveTranslation
from keras_gans.gans.fastgan import FastGAN
from keras_gans.gans.gan import GAN
from keras_gans.gans.image_to_image import ImageToImage
from keras_gans.gans.infogan import InfoGAN
from keras_gans.gans.inpainting import Inpainting
from keras_gans.gans.mocogan import MoCoGAN
from keras_gans.gans.next_token import NextTokenGAN
from keras_gans.gans.paired_translation import PairedTranslation
from keras_gans.gans.progressive import GrowthSchedule, ProgressiveGAN
from keras_gans.gans.projected import ProjectedGAN
from keras_gans.gans.relativistic import R3GAN
from keras_gans.gans.relgan import RelGAN
from keras_gans.gans.semi_supervised import SemiSupervisedGAN
from keras_gans.gans.seqgan import SeqGAN
from keras_gans.gans.sequence import Pretraining, SequenceGAN
from keras_gans.gans.speech import SpeechGAN
from keras_gans.gans.super_resolution import SuperResolution
from keras_gans.gans.unpaired_translation import UnpairedTranslation
from keras_gans.gans.video_prediction import VideoPrediction
from keras_gans.gans.vocoder import Vocoder
from keras_gans.gans.wasserstein import WGAN, WGANGP

__all__ = [
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
]
