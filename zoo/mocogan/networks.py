"""The generator of `mocogan`. Its discriminators are those of `video_gan`, with means over time.

Reference: Tulyakov et al. 2018, section 3.1 and figure 2 (content, and motion by a GRU over noise).
"""

import keras
from keras import layers

from keras_gans._typing import Tensor
from keras_gans.layers import ConditionalBatchNormalization, MergeFrames, RepeatFrames, SplitFrames

from ..dcgan.networks import batch_norm, generator_body


def build_generator(
    shape: tuple[int, ...],
    num_classes: int | None,
    content_dim: int,
    motion_dim: int,
    width: int,
    kernel_size: int,
    embedding_dim: int,
) -> keras.Model:
    """Latents `(batch, content_dim + (frames + 1) * motion_dim)`, and labels if there are classes -> clips in [-1, 1].

    Latents hold the content, the initial state of the motion, and the noise of each frame.
    """
    frames = shape[0]
    latents = keras.Input((content_dim + (frames + 1) * motion_dim,), name="latents")
    content, state = _part(latents, 0, content_dim), _part(latents, content_dim, motion_dim)
    noise = layers.Reshape((frames, motion_dim))(_part(latents, content_dim + motion_dim, frames * motion_dim))
    inputs, known, repeated = [latents], content, None
    if num_classes is not None:
        labels = keras.Input((), dtype="int32", name="labels")
        inputs.append(labels)
        known = layers.Concatenate()([content, layers.Embedding(num_classes, embedding_dim)(labels)])
        repeated = RepeatFrames(frames, name="labels_of_frames")(labels)
    # Unrolled: exports have no loops.
    motion = layers.GRU(motion_dim, return_sequences=True, unroll=True, name="motion")(noise, initial_state=state)
    x = layers.Concatenate()([RepeatFrames(frames)(known), MergeFrames()(motion)])

    def normalize(features: Tensor) -> Tensor:
        if num_classes is None:
            return batch_norm()(features)
        return ConditionalBatchNormalization(num_classes, momentum=0.9, epsilon=1e-5)([features, repeated])

    images = generator_body(x, shape[1:], width, kernel_size, normalize)
    return keras.Model(inputs, SplitFrames(frames, dtype="float32", name="clips")(images), name="generator")


def _part(vectors: Tensor, start: int, count: int) -> Tensor:
    """Return `count` numbers of each vector, by a layer, which exports can copy."""
    total = vectors.shape[-1]
    cut = layers.Cropping1D((start, total - start - count))(layers.Reshape((total, 1))(vectors))
    return layers.Reshape((count,))(cut)
