"""Handwritten digits that come with the package: real data without a download."""

from pathlib import Path

import numpy as np
from PIL import Image

from keras_gans.data.data import Data
from keras_gans.data.decoded import as_samples
from keras_gans.data.registry import SOURCES, Loader, Request
from keras_gans.data.resize import complete_shape
from keras_gans.files import read_npz

# The originals are 32x32 bitmaps reduced to 8x8 counts from 0 to 16.
_LARGEST_COUNT = 16

# The README beside it says where the digits come from, and under which licence.
_FILE = Path(__file__).with_name("optical_digits") / "digits.npz"


@SOURCES.register("digits")
class Digits(Loader):
    """1,797 handwritten digits, grey on black, enlarged with a Lanczos filter to 28x28 or `image_shape`.

    Reference: Alpaydin and Kaynak 1998, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository.
    """

    def load(self, request: Request) -> Data:
        _, arrays = read_npz(_FILE)
        height, width, channels = shape = complete_shape(request.image_shape or (28, 28), (8, 8, 1))
        options = request.image_options
        # Enlarged as floats, so that the filter's overshoot is cut once and not rounded twice.
        pictures = [Image.fromarray((counts * (255 / _LARGEST_COUNT)).astype("float32")) for counts in arrays["counts"]]
        enlarged = np.stack([np.asarray(options.resize(picture, width, height)) for picture in pictures])
        images = np.clip(np.rint(enlarged), 0, 255).astype("uint8")[..., None].repeat(channels, axis=-1)
        images[..., 3:] = 255  # opaque
        class_names = [str(digit) for digit in range(10)]
        return Data(
            request.name, as_samples(images, shape, options), arrays["labels"].astype("int32"), class_names, "CC BY 4.0"
        )
