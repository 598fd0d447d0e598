"""The handwritten digits that come with scikit-learn: real data without a download."""

import numpy as np
from PIL import Image

from keras_gans.data.data import Data
from keras_gans.data.decoded import as_samples
from keras_gans.data.registry import SOURCES, Loader, Request
from keras_gans.data.resize import complete_shape

# The originals are 32x32 bitmaps reduced to 8x8 counts from 0 to 16.
_LARGEST_COUNT = 16


@SOURCES.register("digits")
class Digits(Loader):
    """The 1,797 digits, grey on black, enlarged with a Lanczos filter to 28x28 or `image_shape`.

    Reference: Alpaydin and Kaynak 1998, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository.
    """

    def load(self, request: Request) -> Data:
        from sklearn.datasets import load_digits

        bundle, options = load_digits(), request.image_options
        height, width, channels = shape = complete_shape(request.image_shape or (28, 28), (8, 8, 1))
        # Enlarged as floats, so that the filter's overshoot is cut once and not rounded twice.
        pictures = [Image.fromarray((counts * (255 / _LARGEST_COUNT)).astype("float32")) for counts in bundle.images]
        enlarged = np.stack([np.asarray(options.resize(picture, width, height)) for picture in pictures])
        images = np.clip(np.rint(enlarged), 0, 255).astype("uint8")[..., None].repeat(channels, axis=-1)
        return Data(
            request.name,
            as_samples(images, shape, options),
            bundle.target.astype("int32"),
            [str(name) for name in bundle.target_names],
            "CC BY 4.0",
        )
