"""Models that map images to images of the same size, and learn from pairs."""

from __future__ import annotations

from typing import Any

import keras

from keras_gans.gans.image_to_image import ImageToImage


@keras.saving.register_keras_serializable(package="keras_gans")
class PairedTranslation(ImageToImage):
    """Maps images to images of the same size: maps to photographs, grey to colour, noisy to clean.

    It learns from pairs (`load_data("pairs:PATH")` or `load_data("aligned:PATH")`).

    Args:
        *args: As `ImageToImage`.
        **kwargs: As `ImageToImage`.

    Raises:
        ValueError: If the generator changes the size of images.

    Example:

        data = keras_gans.load_data("aligned:facades/train", (128, 128), direction="BtoA")
        model = keras_gans.create_model("pix2pix", image_shape=(128, 128, 3), width=32)
        model.fit(data.batches(8, conditions=["images"]), epochs=40)
        photographs = model.apply(labels)
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.scale != 1:
            raise ValueError(
                "The generator of a PairedTranslation keeps the size of images; one that enlarges: SuperResolution."
            )
