"""Gradients of single samples, of a whole batch at once, for networks of layers whose gradients have a closed form.

The gradient of one sample by a layer's weights is made of what goes into the layer and of the gradient by what comes out of
it, of that sample alone. One pass through the network gives both for all samples; neither each sample's gradient nor a pass
for each is needed to know the norms, and to sum the clipped gradients.

Reference: Goodfellow 2015, "Efficient Per-Example Gradient Computations"; Rochette et al. 2019, "Efficient Per-Example Gradient
Computations in Convolutional Neural Networks"; Bu et al. 2022, "Scalable and Efficient Training of Large Convolutional Neural
Networks with Differential Privacy", section 4 (for each layer the cheaper of two ways).
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
from keras import layers, ops

from keras_gans._typing import Tensor
from keras_gans.backend import gradients

_CONVOLUTIONS = (layers.Conv1D, layers.Conv2D, layers.Conv3D)
# A product of a pair of places costs as much time as so many numbers of a gradient (measured on a CPU).
_PAIRS = 16
_NORMALIZATIONS = (layers.GroupNormalization, layers.LayerNormalization)
# Layers without weights that treat each sample by itself, and alike whatever their number is. Exactly these classes: others
# derived from them may do anything.
_ROW_BY_ROW = (
    layers.Add,
    layers.AveragePooling1D,
    layers.AveragePooling2D,
    layers.Average,
    layers.Cropping1D,
    layers.Cropping2D,
    layers.Dot,
    layers.ELU,
    layers.Flatten,
    layers.GlobalAveragePooling1D,
    layers.GlobalAveragePooling2D,
    layers.GlobalMaxPooling1D,
    layers.GlobalMaxPooling2D,
    layers.InputLayer,
    layers.LeakyReLU,
    layers.MaxPooling1D,
    layers.MaxPooling2D,
    layers.Multiply,
    layers.Permute,
    layers.ReLU,
    layers.Rescaling,
    layers.Reshape,
    layers.Subtract,
    layers.UpSampling1D,
    layers.UpSampling2D,
    layers.ZeroPadding1D,
    layers.ZeroPadding2D,
)


def is_known(network: keras.Model) -> bool:
    """Whether all layers of a network are such that `clipped_sum` gives what a loop over samples gives."""
    return all(map(_is_known, _simple_layers(network))) and type(network).__module__.startswith("keras.") and not network.losses


def _simple_layers(network: keras.Model) -> list[layers.Layer]:
    return [layer for layer in network._flatten_layers() if not isinstance(layer, keras.Model)]


def _is_known(layer: layers.Layer) -> bool:
    if type(layer) is layers.Concatenate:
        return layer.axis != 0
    if type(layer) is layers.Activation:
        return (getattr(layer.activation, "__module__", None) or "").startswith("keras.")
    if type(layer) in _ROW_BY_ROW:
        return True
    if type(layer) is layers.Embedding:
        return not layer.mask_zero
    if type(layer) in _NORMALIZATIONS:
        return layer.axis in (-1, [-1]) and not getattr(layer, "rms_scaling", False)
    if type(layer) is layers.Dense:
        return layer.activation is keras.activations.linear
    if type(layer) in _CONVOLUTIONS:
        plain = layer.groups == 1 and layer.data_format == "channels_last" and layer.padding in ("same", "valid")
        return plain and layer.activation is keras.activations.linear
    return False


def clipped_sum(
    network: keras.Model,
    loss_fn: Callable[[Any], Tensor],
    variables: Sequence[keras.Variable],
    batch: Any,
    included: Tensor,
    clip: float,
) -> tuple[list[Tensor], Tensor]:
    """Return what `keras_gans.backend.clipped_gradients` returns, from one pass of the whole batch.

    Args:
        network: The network of the variables, for which `is_known` holds.
        loss_fn: Maps a batch to the mean over samples of a loss, which depends on that sample's row only. It calls the network
            with as many rows as the batch has.
        variables: Some or all trainable variables of the network.
        batch: A structure of tensors with one row for each sample.
        included: float32 `(rows,)`: 1 for the first rows, then 0 for rows that do not count.
        clip: The largest norm of a sample's gradient.

    Returns:
        `(sums, norms)`: the sum of the clipped gradients by each variable, and float32 `(rows,)`, the norms before clipping.
    """
    rows = ops.shape(included)[0]
    weighted = [layer for layer in _simple_layers(network) if layer.trainable_variables]
    with _recording(weighted) as calls:
        loss_fn(batch)  # for the shapes only: a compiled step leaves it out
        places = [ops.zeros((rows, *call.output.shape[1:]), call.output.dtype) for call in calls]

    def loss_of(added: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        with _recording(weighted, added) as calls:
            loss = loss_fn(batch)
        return loss * ops.cast(rows, loss.dtype), [call.inputs for call in calls]

    called = [call.layer for call in calls]
    slopes, inputs = gradients(loss_of, places)
    wanted = {id(variable) for variable in variables}
    shares = [
        share
        for layer in weighted
        for share in _shares(layer, [pair for other, *pair in zip(called, inputs, slopes, strict=True) if other is layer])
        if id(share.variable) in wanted
    ]
    counts = included > 0.0
    norms = ops.where(counts, ops.sqrt(sum(share.squares for share in shares)), 0.0)
    factors = ops.where(counts, ops.minimum(1.0, clip / ops.maximum(norms, 1e-30)), 0.0)
    sums = {id(share.variable): share.weighted_sum(factors) for share in shares}
    return [sums[id(variable)] for variable in variables], norms


@dataclasses.dataclass
class _Call:
    """A call of a layer: what went in, and what came out."""

    layer: layers.Layer
    inputs: Tensor
    output: Tensor


@contextlib.contextmanager
def _recording(recorded: Sequence[layers.Layer], added: Sequence[Tensor] | None = None) -> Iterator[list[_Call]]:
    """Record the calls of layers, and add something to what each of them returns."""
    calls: list[_Call] = []

    def call(layer: layers.Layer, own: Callable[..., Tensor], inputs: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        output = own(inputs, *args, **kwargs)
        if added is not None:
            output = output + added[len(calls)]
        calls.append(_Call(layer, inputs, output))
        return output

    for layer in recorded:
        layer.call = functools.partial(call, layer, layer.call)
    try:
        yield calls
    finally:
        for layer in recorded:
            del layer.call


@dataclasses.dataclass
class _Share:
    """The gradients of samples by a variable.

    Attributes:
        variable: The variable.
        squares: The square of each sample's norm, float32 `(rows,)`.
        weighted_sum: Maps a factor for each sample to the sum of their gradients, each times its factor.
    """

    variable: keras.Variable
    squares: Tensor
    weighted_sum: Callable[[Tensor], Tensor]


def _shares(layer: layers.Layer, pairs: Sequence[Sequence[Tensor]]) -> list[_Share]:
    """Return the gradients by a layer's variables.

    Args:
        layer: The layer.
        pairs: For each of its calls, what went in, and the gradients by what came out.
    """
    slopes = _joined([slope for _, slope in pairs])
    if isinstance(layer, layers.Embedding):
        numbers = ops.concatenate([_as_rows(number, 1)[..., 0] for number, _ in pairs], axis=1)
        return [_of_rows(layer.embeddings, numbers, slopes)]
    if isinstance(layer, _NORMALIZATIONS):
        # A pass without scale and shift.
        values = [(layer.gamma, ops.ones), (layer.beta, ops.zeros)]
        with keras.StatelessScope([(variable, make(variable.shape)) for variable, make in values if variable is not None]):
            normalized = _joined([layer.call(inputs) for inputs, _ in pairs])
        found = [] if layer.gamma is None else [_of_sums(layer.gamma, ops.sum(normalized * slopes, axis=1))]
        return found if layer.beta is None else [*found, _of_sums(layer.beta, ops.sum(slopes, axis=1))]
    windows = _windows if isinstance(layer, _CONVOLUTIONS) else lambda inputs, _: inputs
    found = [_of_products(layer.kernel, _joined([windows(inputs, layer) for inputs, _ in pairs]), slopes)]
    return found if layer.bias is None else [*found, _of_sums(layer.bias, ops.sum(slopes, axis=1))]


def _joined(parts: Sequence[Tensor]) -> Tensor:
    """Return the vectors of all places of all calls of each sample: float32 `(rows, places, size)`."""
    return ops.concatenate([_as_rows(ops.cast(part, "float32"), part.shape[-1]) for part in parts], axis=1)


def _as_rows(values: Tensor, size: int) -> Tensor:
    return ops.reshape(values, (-1, math.prod(values.shape[1:]) // size, size))


def _of_sums(variable: keras.Variable, each: Tensor) -> _Share:
    """Return the gradients by a vector, given that of each sample, `(rows, size)`."""
    return _Share(variable, ops.sum(ops.square(each), axis=1), lambda factors: ops.matmul(factors[None], each)[0])


def _of_products(variable: keras.Variable, inputs: Tensor, slopes: Tensor) -> _Share:
    """Return the gradients by a matrix: the sum over places of the products of two vectors, `(rows, places, size)` each."""
    if _PAIRS * inputs.shape[1] ** 2 < inputs.shape[2] * slopes.shape[2]:
        # Of the sum of products, only the norm, which the products of pairs of places give.
        squares = ops.sum(_pairs(inputs) * _pairs(slopes), axis=(1, 2))

        def weighted_sum(factors: Tensor) -> Tensor:
            scaled = slopes * factors[:, None, None]
            total = ops.tensordot(
                ops.reshape(inputs, (-1, inputs.shape[2])), ops.reshape(scaled, (-1, slopes.shape[2])), [[0], [0]]
            )
            return ops.reshape(total, variable.shape)

        # Rounding can make a small norm's square negative.
        return _Share(variable, ops.maximum(squares, 0.0), weighted_sum)
    each = ops.matmul(ops.transpose(inputs, (0, 2, 1)), slopes)
    each = ops.reshape(each, (-1, math.prod(variable.shape)))
    squares = ops.sum(ops.square(each), axis=1)
    return _Share(variable, squares, lambda factors: ops.reshape(ops.matmul(factors[None], each), variable.shape))


def _of_rows(variable: keras.Variable, numbers: Tensor, slopes: Tensor) -> _Share:
    """Return the gradients by a table, given the numbers of the rows taken, `(rows, places)`, and the gradients by these."""
    same = ops.cast(numbers[:, :, None] == numbers[:, None, :], "float32")
    squares = ops.maximum(ops.sum(same * _pairs(slopes), axis=(1, 2)), 0.0)

    def weighted_sum(factors: Tensor) -> Tensor:
        scaled = ops.reshape(slopes * factors[:, None, None], (-1, slopes.shape[2]))
        return ops.segment_sum(scaled, ops.reshape(numbers, (-1,)), variable.shape[0])

    return _Share(variable, squares, weighted_sum)


def _pairs(vectors: Tensor) -> Tensor:
    """Return the products of each two of a sample's vectors, `(rows, places, places)`."""
    return ops.matmul(vectors, ops.transpose(vectors, (0, 2, 1)))


def _windows(inputs: Tensor, layer: Any) -> Tensor:
    """Return what a convolution sees at each place: `(rows, *places, kernel size * channels)`, in the order of its kernel."""
    padding, phases, places, offsets = [], [], [], []
    for size, kernel, step, gap in zip(inputs.shape[1:-1], layer.kernel_size, layer.strides, layer.dilation_rate, strict=True):
        reach = (kernel - 1) * gap
        count = -(-size // step) if layer.padding == "same" else (size - reach - 1) // step + 1
        before = max(0, (count - 1) * step + reach + 1 - size) // 2 if layer.padding == "same" else 0
        length = -(-((count - 1) * step + reach + 1) // step) * step
        padding.append((before, max(0, length - before - size)))
        phases.append((length // step, step))
        places.append(count)
        offsets.append(range(0, reach + 1, gap))
    ends = [before + size + after for size, (before, after) in zip(inputs.shape[1:-1], padding, strict=True)]
    lengths = [math.prod(each) for each in phases]
    padded = ops.pad(inputs, [(0, 0), *padding, (0, 0)])
    if ends != lengths:  # a stride leaves out the last ones
        padded = padded[(slice(None), *(slice(length) for length in lengths), slice(None))]
    # Each stride's phases side by side, so that windows are made of parts that are whole in memory: many times faster.
    rank = len(phases)
    split = ops.reshape(padded, (-1, *itertools.chain.from_iterable(phases), inputs.shape[-1]))
    split = ops.transpose(split, (0, *range(2, 2 * rank + 1, 2), *range(1, 2 * rank, 2), 2 * rank + 1))
    parts = []
    for begins in itertools.product(*offsets):
        phase = [begin % step for begin, (_, step) in zip(begins, phases, strict=True)]
        starts = [begin // step for begin, (_, step) in zip(begins, phases, strict=True)]
        spans = [slice(start, start + count) for start, count in zip(starts, places, strict=True)]
        parts.append(split[(slice(None), *phase, *spans, slice(None))])
    return ops.concatenate(parts, axis=-1)
