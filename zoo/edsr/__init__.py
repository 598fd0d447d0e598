"""EDSR (Lim et al. 2017): super-resolution by pixels alone, the baseline of the adversarial ones."""

from typing import TYPE_CHECKING, Any

from keras_gans.registry import register_model

if TYPE_CHECKING:
    from keras_gans import SuperResolution


@register_model(
    "edsr",
    medium="images",
    summary="Enlarges images 2, 3, 4 or 8 times, faithfully: learns from pixels alone, without a discriminator.",
    paper="Lim et al. 2017, Enhanced Deep Residual Networks for Single Image Super-Resolution, arXiv:1707.02921",
    parameters=1_517_571,
)
def edsr(
    image_shape: tuple[int | None, ...] = (None, None, 3),
    scale: int = 4,
    width: int = 64,
    blocks: int = 16,
    residual_scale: float = 1.0,
    pixel: str = "l1",
    learning_rate: float = 1e-4,
    decay_steps: int | None = None,
    ema: float | None = 0.999,
    seed: int | None = None,
) -> "SuperResolution":
    """Build and compile EDSR.

    Args:
        image_shape: Tuple `(height, width, channels)` of large images. Only the number of channels matters: height and width
            are free. Defaults to `(None, None, 3)`.
        scale: Integer, how many times as high and wide as its input an output is: 2, 3, 4 or 8. Defaults to 4.
        width: Integer, number of feature maps. Defaults to 64, the paper's baseline; its final model has 256.
        blocks: Integer, number of residual blocks. Defaults to 16, the paper's baseline; its final model has 32.
        residual_scale: Float by which the output of each residual block is multiplied. Defaults to 1; 0.1 for the paper's final
            model, which is too wide to train without (section 3.3).
        pixel: String, the loss of pixels: `"l1"` (default), `"l2"` or `"charbonnier"`.
        learning_rate: Float, Adam learning rate. Defaults to 1e-4.
        decay_steps: Integer, number of steps over which the learning rate decays to 0 on a cosine. None (default) keeps it
            constant; the authors halve it every 200,000 steps.
        ema: Float, decay of the generator's moving average; None for no average. Defaults to 0.999.
        seed: Integer seed of the model, or None (default). Initial weights depend on `keras.utils.set_random_seed`.

    Returns:
        A compiled `keras_gans.SuperResolution` without a discriminator.

    Raises:
        ValueError: If the scale or another number is out of range.
    """
    import keras

    from keras_gans import SuperResolution

    from .networks import build_generator

    rate: Any = learning_rate
    if decay_steps is not None:
        rate = keras.optimizers.schedules.CosineDecay(rate, decay_steps)
    model = SuperResolution(build_generator(image_shape[-1] or 3, scale, width, blocks, residual_scale), seed=seed)
    model.compile(keras.optimizers.Adam(rate), pixel=pixel, ema=ema)
    return model
