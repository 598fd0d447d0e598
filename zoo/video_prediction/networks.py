"""The networks of `video_prediction`: a U-Net of the frames before, side by side, and the discriminators of `video_gan`.

Reference: Ravuri et al. 2021, "Skilful precipitation nowcasting using deep generative models of radar", Methods (latents where
the map is smallest; a discriminator of frames, and one of clips that sees the frames before); Zhang et al. 2023, "Skilful
nowcasting of extreme precipitation with NowcastNet" (a network that carries the last frame along a flow, within a GAN);
Ronneberger et al. 2015, "U-Net".
"""

import keras
from keras import layers

from keras_gans._typing import Tensor
from keras_gans.errors import check_count
from keras_gans.layers import CarriedFrames, PixelShuffle

from ..video_gan.networks import clip_logits, frame_logits

# Feature maps, as multiples of the width, have at most this factor.
_WIDEST = 4
# Where the shares of new values start, before the sigmoid: nine tenths of a pixel are carried along the flow.
_CLOSED = -2.2


def build_generator(
    shape: tuple[int, ...], given: int, latent_dim: int, width: int, depth: int, blocks: int, fastest: float
) -> keras.Model:
    """Frames `(batch, given, height, width, channels)` and latents -> the clips that follow, `(batch, *shape)` in [-1, 1].

    Latents are a map `(height / 2^depth, width / 2^depth, latent_dim)`. It joins the smallest map of the U-Net, and larger ones
    as noise: each quarter of its channels becomes one of twice the sides.

    A steady flow carries the last given frame into all predicted ones. There, a pixel is a mixture of what the flow brings and
    of a new value, in a share that is also predicted. The flow starts at 0: before training, a prediction is nearly the last
    frame.

    Args:
        shape: Frames, height, width and channels to predict; height and width multiples of 2^depth.
        given: Frames before them.
        latent_dim: Channels of the latents.
        width: Feature maps at the size of a frame, doubled with each halving, up to four times.
        depth: Halvings.
        blocks: Residual blocks at the smallest size.
        fastest: Largest speed of the flow along each axis, in pixels a frame.

    Raises:
        ValueError: If a number is out of range.
    """
    frames, height, side, channels = shape
    width, latent_dim, blocks = (
        check_count("width", width),
        check_count("latent_dim", latent_dim),
        check_count("blocks", blocks, 0),
    )
    before = keras.Input((given, height, side, channels), name="frames")
    noise = latents = keras.Input((height >> depth, side >> depth, latent_dim), name="latents")
    widths = [min(2**level, _WIDEST) * width for level in range(depth + 1)]
    x = layers.Reshape((height, side, given * channels))(layers.Permute((2, 3, 1, 4))(before))
    x, skips = _convolve(x, widths[0]), []
    for filters in widths[1:]:
        skips.append(x)
        x = _convolve(_convolve(x, filters, 4, 2), filters)
    x = _convolve(layers.Concatenate()([x, latents]), widths[-1])
    for _ in range(blocks):
        x = layers.Add()([x, _convolve(_convolve(x, widths[-1]), widths[-1])])
    velocity = None
    for filters, skip in zip(widths[-2::-1], skips[::-1], strict=True):
        joined = [_convolve(layers.UpSampling2D()(x), filters), skip]
        if noise.shape[-1] % 4 == 0:
            noise = PixelShuffle(2)(noise)
            joined.append(noise)
        x = _convolve(layers.Concatenate()(joined), filters)
        velocity = _velocity(x, fastest, height // x.shape[1]) if velocity is None else velocity
    new = _as_clip(x, shape, "tanh", 0.0, "new")
    share = _as_clip(x, shape, "sigmoid", _CLOSED, "share")
    last = layers.Cropping3D(((given - 1, 0), (0, 0), (0, 0)), dtype="float32", name="last")(before)
    last = layers.Reshape((height, side, channels), dtype="float32")(last)
    carried = CarriedFrames(frames, name="carried")([last, velocity])
    change = layers.Subtract(dtype="float32")([new, carried])
    change = layers.Multiply(dtype="float32", name="change")([share, change])
    return keras.Model([latents, before], layers.Add(dtype="float32", name="clips")([carried, change]), name="generator")


def _velocity(x: Tensor, fastest: float, factor: int) -> Tensor:
    """Return velocities in pixels a frame, down and to the right, enlarged by a factor: a smooth flow."""
    x = layers.Conv2D(2, 3, padding="same", kernel_initializer="zeros")(x)
    x = layers.Rescaling(fastest, dtype="float32")(layers.Activation("tanh", dtype="float32")(x))
    return layers.UpSampling2D(factor, interpolation="bilinear", dtype="float32", name="velocity")(x) if factor > 1 else x


def _convolve(x: Tensor, filters: int, kernel_size: int = 3, strides: int = 1) -> Tensor:
    x = layers.Conv2D(filters, kernel_size, strides, "same", kernel_initializer="he_normal")(x)
    return layers.LeakyReLU(0.2)(x)


def _as_clip(x: Tensor, shape: tuple[int, ...], activation: str, bias: float, name: str) -> Tensor:
    """Return feature maps as clips of a shape in float32."""
    frames, *size, channels = shape
    x = layers.Conv2D(frames * channels, 3, padding="same", bias_initializer=keras.initializers.Constant(bias))(x)
    x = layers.Permute((3, 1, 2, 4))(layers.Reshape((*size, frames, channels))(x))
    return layers.Activation(activation, dtype="float32", name=name)(x)


def build_discriminator(
    shape: tuple[int, ...], given: int, width: int, kernel_size: int, frames_seen: int, seed: int | None
) -> keras.Model:
    """Clips `(batch, *shape)` and the frames before them -> logits of frames, `(batch, frames_seen, 1)`, and of clips.

    The first ones score random frames of the clip by themselves. The others, `(batch, 1)`, score it after the frames before.

    Args:
        shape: Frames, height, width and channels.
        given: Frames before them.
        width: Channels next to a frame.
        kernel_size: Side of the kernels.
        frames_seen: Frames of each clip that the discriminator of frames sees.
        seed: Seed of their choice.
    """
    samples = keras.Input(shape, name="samples")
    before = keras.Input((given, *shape[1:]), name="frames")
    frames = frame_logits(samples, None, None, width, kernel_size, min(frames_seen, shape[0]), seed)
    clips = clip_logits(layers.Concatenate(axis=1)([before, samples]), None, None, width, kernel_size, any_length=False)
    return keras.Model([samples, before], [frames, clips], name="discriminator")
