"""Keras layers that GANs are built of, beyond Keras' own. All take channels last and can be saved."""

from keras_gans.layers.batch_normalization import BatchNormalization
from keras_gans.layers.blur import Downsample2D, Upsample2D
from keras_gans.layers.carried_frames import CarriedFrames
from keras_gans.layers.clip_frames import MergeFrames, RepeatFrames, SplitFrames
from keras_gans.layers.clipped_output import ClippedOutput
from keras_gans.layers.composite import Composite
from keras_gans.layers.conditional_batch_normalization import ConditionalBatchNormalization
from keras_gans.layers.equalized import EqualizedConv2D, EqualizedDense
from keras_gans.layers.fade import Fade
from keras_gans.layers.gated_linear_unit import GatedLinearUnit
from keras_gans.layers.generative_basis import GenerativeBasis
from keras_gans.layers.griffin_lim import GriffinLim
from keras_gans.layers.grouped_conv import GroupedConv2D
from keras_gans.layers.image_quarter import ImageQuarter
from keras_gans.layers.imagenet_input import ImageNetInput
from keras_gans.layers.layer_scale import LayerScale
from keras_gans.layers.minibatch_stddev import MinibatchStdDev
from keras_gans.layers.noise_injection import NoiseInjection
from keras_gans.layers.period_folding import PeriodFolding
from keras_gans.layers.phase_shuffle import PhaseShuffle
from keras_gans.layers.pixel_normalization import PixelNormalization
from keras_gans.layers.pixel_shuffle import PixelShuffle
from keras_gans.layers.random_frames import RandomFrames
from keras_gans.layers.random_projection import RandomProjection
from keras_gans.layers.reflection_padding import ReflectionPadding2D
from keras_gans.layers.short_time_fourier import InverseShortTimeFourier, ShortTimeFourier
from keras_gans.layers.spectral import SpectralConv2D
from keras_gans.layers.upsampled_conv import UpsampledConv2D
from keras_gans.layers.upsampling_conv1d import UpsamplingConv1D

__all__ = [
    "BatchNormalization",
    "CarriedFrames",
    "ClippedOutput",
    "Composite",
    "ConditionalBatchNormalization",
    "Downsample2D",
    "EqualizedConv2D",
    "EqualizedDense",
    "Fade",
    "GatedLinearUnit",
    "GenerativeBasis",
    "GriffinLim",
    "GroupedConv2D",
    "ImageNetInput",
    "ImageQuarter",
    "InverseShortTimeFourier",
    "LayerScale",
    "MergeFrames",
    "MinibatchStdDev",
    "NoiseInjection",
    "PeriodFolding",
    "PhaseShuffle",
    "PixelNormalization",
    "PixelShuffle",
    "RandomFrames",
    "RandomProjection",
    "ReflectionPadding2D",
    "RepeatFrames",
    "ShortTimeFourier",
    "SpectralConv2D",
    "SplitFrames",
    "Upsample2D",
    "UpsampledConv2D",
    "UpsamplingConv1D",
]
