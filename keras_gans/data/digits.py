"""The handwritten digits that come with scikit-learn: real data without a download."""

import numpy as np
from PIL import Image

from keras_gans.data.resize import complete_shape, resize_centre

# The originals are 32x32 bitmaps reduced to 8x8 counts from 0 to 16.
_LARGEST_COUNT = 16


def load(image_shape=None):
    """Returns the 1,797 digits, grey on black, enlarged with a Lanczos filter to 28x28 or `image_shape`.

    Reference: Alpaydin and Kaynak 1998, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository.
    """
    from sklearn.datasets import load_digits

    bundle = load_digits()
    height, width, channels = complete_shape(image_shape or (28, 28), (8, 8, 1))
    samples = np.empty((len(bundle.images), height, width, channels), "uint8")
    for index, counts in enumerate(bundle.images):
        # Enlarged as floats, so that the filter's overshoot is cut once and not rounded twice.
        enlarged = resize_centre(Image.fromarray((counts * (255 / _LARGEST_COUNT)).astype("float32")), width, height)
        samples[index] = np.clip(np.rint(np.asarray(enlarged)), 0, 255)[..., None]
    return {
        "samples": samples,
        "labels": bundle.target.astype("int32"),
        "class_names": [str(name) for name in bundle.target_names],
        "licence": "CC BY 4.0",
    }
