"""Models that enlarge images."""

from __future__ import annotations

from typing import Any

import keras

from keras_gans.gans.image_to_image import ImageToImage


@keras.saving.register_keras_serializable(package="keras_gans")
class SuperResolution(ImageToImage):
    """Enlarges images: samples are a whole number of times, `scale`, as high and wide as the condition `images`.

    It learns from images and their reduced copies (`load_data("folder:PATH", scale=4)`), of which random patches suffice
    (`crop="patch"`), and enlarges images of any size.

    Args:
        *args: As `ImageToImage`.
        **kwargs: As `ImageToImage`.

    Raises:
        ValueError: If the generator does not enlarge images by a whole number of times.

    Example:

        data = keras_gans.load_data("folder:pictures", (96, 96), scale=4, crop="patch", flip=True)
        model = keras_gans.create_model("edsr", scale=4)
        model.fit(data.batches(16, conditions=["images"]), epochs=20)
        larger = model.apply(images)   # uint8 (n, height, width, 3) -> float32 (n, 4 * height, 4 * width, 3)
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.scale < 2:
            raise ValueError(
                "The generator of a SuperResolution makes images 2, 3, 4 ... times as high and wide as its input 'images'; for "
                "images of the same size, use ImageToImage."
            )
