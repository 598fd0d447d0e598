from keras_gans.layers.batch_normalization import BatchNormalization
from keras_gans.layers.clipped_output import ClippedOutput
from keras_gans.layers.conditional_batch_normalization import ConditionalBatchNormalization
from keras_gans.layers.equalized import EqualizedConv2D, EqualizedDense
from keras_gans.layers.fade import Fade
from keras_gans.layers.generative_basis import GenerativeBasis
from keras_gans.layers.minibatch_stddev import MinibatchStdDev
from keras_gans.layers.pixel_normalization import PixelNormalization

__all__ = [
    "BatchNormalization",
    "ClippedOutput",
    "ConditionalBatchNormalization",
    "EqualizedConv2D",
    "EqualizedDense",
    "Fade",
    "GenerativeBasis",
    "MinibatchStdDev",
    "PixelNormalization",
]
