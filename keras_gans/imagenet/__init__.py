"""A frozen network that knows photographs: EfficientNet-Lite0, trained on ImageNet.

Its features serve as an evaluation extractor (`imagenet`), in `perceptual_distance`, and in discriminators that look at
features instead of pixels. It has no variables: weights files, checkpoints and presets of models that contain it do not grow.
"""

from keras_gans.imagenet.architecture import TAPS
from keras_gans.imagenet.network import ImageNetFeatures, build_network

__all__ = ["TAPS", "ImageNetFeatures", "build_network"]
