"""Keras layers that GANs are built of, beyond Keras' own. All take channels last and can be saved."""

from keras_gans.layers.batch_normalization import BatchNormalization
from keras_gans.layers.blur import Downsample2D, Upsample2D
from keras_gans.layers.clipped_output import ClippedOutput
from keras_gans.layers.conditional_batch_normalization import ConditionalBatchNormalization
from keras_gans.layers.equalized import EqualizedConv2D, EqualizedDense
from keras_gans.layers.fade import Fade
from keras_gans.layers.generative_basis import GenerativeBasis
from keras_gans.layers.grouped_conv import GroupedConv2D
from keras_gans.layers.minibatch_stddev import MinibatchStdDev
from keras_gans.layers.pixel_normalization import PixelNormalization

__all__ = [
    "BatchNormalization",
    "ClippedOutput",
    "ConditionalBatchNormalization",
    "Downsample2D",
    "EqualizedConv2D",
    "EqualizedDense",
    "Fade",
    "GenerativeBasis",
    "GroupedConv2D",
    "MinibatchStdDev",
    "PixelNormalization",
    "Upsample2D",
]
