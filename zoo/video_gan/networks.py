"""The networks of `video_gan`. Convolutions are two-dimensional everywhere: over frames, or over time.

Reference: Saito et al. 2017, "Temporal Generative Adversarial Nets with Singular Value Clipping", section 3 (latents of frames
from one of the clip); Tulyakov et al. 2018, "MoCoGAN", section 3 (discriminators of frames and of clips); Tran et al. 2018, "A
Closer Look at Spatiotemporal Convolutions", section 3.5 ((2+1)-D convolutions); Miyato et al. 2018, "Spectral Normalization for
Generative Adversarial Networks"; Miyato and Koyama 2018, "cGANs with Projection Discriminator", equation 3.
"""

import keras
from keras import layers

from keras_gans._typing import Tensor
from keras_gans.layers import (
    ConditionalBatchNormalization,
    MergeFrames,
    RandomFrames,
    RepeatFrames,
    SpectralConv2D,
    SplitFrames,
)

from ..dcgan.networks import batch_norm, count_halvings, generator_body, initializer, logits_layer

# Times by which the latents of frames are doubled, and the time that a convolution over latents spans.
_DOUBLINGS, _SPAN = 2, 3
# Down to about so many frames, the discriminator of clips halves them with each halving of the resolution.
_LEAST = 4


def build_generator(
    shape: tuple[int, ...],
    num_classes: int | None,
    latent_dim: int,
    motion_dim: int,
    width: int,
    kernel_size: int,
    embedding_dim: int,
) -> keras.Model:
    """Latents `(batch, latent_dim)`, and labels `(batch,)` if there are classes -> clips `(batch, *shape)` in [-1, 1]."""
    frames = shape[0]
    latents = keras.Input((latent_dim,), name="latents")
    inputs, known, repeated = [latents], latents, None
    if num_classes is not None:
        labels = keras.Input((), dtype="int32", name="labels")
        inputs.append(labels)
        known = layers.Concatenate()([latents, layers.Embedding(num_classes, embedding_dim)(labels)])
        repeated = RepeatFrames(frames, name="labels_of_frames")(labels)
    motion = MergeFrames()(frame_latents(known, frames, motion_dim))
    x = layers.Concatenate()([RepeatFrames(frames)(known), motion])

    def normalize(features: Tensor) -> Tensor:
        if num_classes is None:
            return batch_norm()(features)
        return ConditionalBatchNormalization(num_classes, momentum=0.9, epsilon=1e-5)([features, repeated])

    images = generator_body(x, shape[1:], width, kernel_size, normalize)
    return keras.Model(inputs, SplitFrames(frames, dtype="float32", name="clips")(images), name="generator")


def frame_latents(known: Tensor, frames: int, motion_dim: int) -> Tensor:
    """Return a latent vector for each frame, made from what is known of the clip: `(batch, frames, motion_dim)` in [-1, 1]."""
    start = -(-frames // 2**_DOUBLINGS)
    x = layers.Dense(start * motion_dim, use_bias=False, kernel_initializer=initializer())(known)
    x = layers.Reshape((start, 1, motion_dim))(x)
    x = layers.ReLU()(batch_norm()(x))
    for _ in range(_DOUBLINGS):
        x = layers.UpSampling2D((2, 1))(x)
        x = layers.Conv2D(motion_dim, (_SPAN, 1), padding="same", use_bias=False, kernel_initializer="he_normal")(x)
        x = layers.ReLU()(batch_norm()(x))
    x = layers.Conv2D(motion_dim, (_SPAN, 1), padding="same", kernel_initializer="glorot_normal", activation="tanh")(x)
    surplus = start * 2**_DOUBLINGS - frames
    x = layers.Cropping2D(((surplus // 2, surplus - surplus // 2), (0, 0)))(x) if surplus else x
    return layers.Reshape((frames, motion_dim))(x)


def build_discriminator(
    shape: tuple[int, ...],
    num_classes: int | None,
    width: int,
    kernel_size: int,
    frames_seen: int,
    seed: int | None,
    any_length: bool = False,
) -> keras.Model:
    """Clips `(batch, *shape)`, and labels `(batch,)` if there are classes -> logits of frames and of clips.

    Those of frames have the shape `(batch, frames_seen, 1)`, that of a clip `(batch, 1)`.

    Args:
        shape: Frames, height, width and channels.
        num_classes: Number of classes, or None.
        width: Channels next to a frame.
        kernel_size: Side of the kernels of frames.
        frames_seen: Frames of each clip that the discriminator of frames sees.
        seed: Seed of their choice.
        any_length: Whether the weights fit clips of any length, whose features are then means over time.
    """
    samples = keras.Input(shape, name="samples")
    labels = None if num_classes is None else keras.Input((), dtype="int32", name="labels")
    frames = frame_logits(samples, labels, num_classes, width, kernel_size, min(frames_seen, shape[0]), seed)
    clips = clip_logits(samples, labels, num_classes, width, kernel_size, any_length)
    return keras.Model([samples] if labels is None else [samples, labels], [frames, clips], name="discriminator")


def frame_logits(
    samples: Tensor, labels: Tensor | None, num_classes: int | None, width: int, kernel_size: int, count: int, seed: int | None
) -> Tensor:
    """Return the logits of `count` random frames of each clip: `(batch, count, 1)`."""
    x = MergeFrames()(RandomFrames(count, seed, name="random_frames")(samples))
    for halving in range(count_halvings(tuple(samples.shape[2:]))):
        x = layers.LeakyReLU(0.2)(_convolution(width << halving, kernel_size, 2)(x))
    told = None if labels is None else RepeatFrames(count)(labels)
    return SplitFrames(count, dtype="float32", name="frame_scores")(_logits(x, told, num_classes, "frame"))


def clip_logits(
    samples: Tensor, labels: Tensor | None, num_classes: int | None, width: int, kernel_size: int, any_length: bool
) -> Tensor:
    """Return the logits of whole clips: `(batch, 1)`."""
    frames, x = samples.shape[1], MergeFrames()(samples)
    for halving in range(count_halvings(tuple(samples.shape[2:]))):
        filters = width << halving
        x = layers.LeakyReLU(0.2)(_convolution(filters, kernel_size, 2)(x))
        # Over time, with pixels side by side.
        height, side = x.shape[1:3]
        x = layers.Reshape((frames, height * side, filters))(SplitFrames(frames)(x))
        stride = 2 if frames > _LEAST else 1
        x = layers.LeakyReLU(0.2)(_convolution(filters, (_SPAN, 1), (stride, 1))(x))
        frames = x.shape[1]
        x = MergeFrames()(layers.Reshape((frames, height, side, filters))(x))
    x = layers.Reshape((frames, height * side * filters))(SplitFrames(frames)(x))
    x = layers.GlobalAveragePooling1D()(x) if any_length else x
    return _logits(x, labels, num_classes, "clip")


def _logits(x: Tensor, labels: Tensor | None, num_classes: int | None, name: str) -> Tensor:
    features = layers.Flatten(dtype="float32")(x)
    logits = logits_layer(name=f"logits_of_{name}s")(features)
    if labels is None:
        return logits
    embedding = layers.Embedding(num_classes, features.shape[-1], embeddings_initializer=initializer(), dtype="float32")
    return layers.Add(name=f"projected_{name}s")([logits, layers.Dot(1)([features, embedding(labels)])])


def _convolution(filters: int, kernel_size: int | tuple[int, int], strides: int | tuple[int, int]) -> SpectralConv2D:
    return SpectralConv2D(filters, kernel_size, strides=strides, padding="same", kernel_initializer="he_normal")
