"""How far the layers and operations of Keras look.

Each rule takes a call and the place of its inputs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from keras_gans.applying.effects import Effect, Place, channels_of, sees_all, unknown
from keras_gans.applying.graph import Call


def _pointwise(call: Call, place: Place) -> Effect:
    """Return the place of the inputs, unless a constant differs from pixel to pixel."""
    given = [*call.arguments[0], *call.arguments[1].values()]
    for value in given:
        shape = tuple(getattr(value, "shape", ()))
        if not hasattr(value, "_keras_history") and len(shape) > 2 and any(size != 1 for size in shape[-3:-1]):
            return sees_all(call, place, "its constant differs from pixel to pixel")
    return Effect(place)


def _is_last(axis: Any, rank: int) -> bool:
    axes = axis if isinstance(axis, list | tuple) else [axis]
    return all(each in (-1, rank - 1) for each in axes)


def _rank(call: Call) -> int:
    """Return the rank of the first input: 4 for images, 3 for sequences."""
    given = [*call.arguments[0], *call.arguments[1].values()]
    first = next(value for value in given if hasattr(value, "shape") or isinstance(value, list | tuple))
    return len((first if hasattr(first, "shape") else first[0]).shape)


def _over_channels(call: Call, place: Place) -> Effect:
    """Return the place of the inputs if the operation's `axis` is that of channels."""
    axis = getattr(call.operation, "axis", None)
    kept = place if len(call.shapes[0]) == _rank(call) else None
    return Effect(kept) if kept and _is_last(axis, _rank(call)) else sees_all(call, kept, "it works along rows or columns")


def _normalization(call: Call, place: Place) -> Effect:
    """Return the place of the inputs, which are normalized over channels alone, or over the whole image."""
    return (
        Effect(place)
        if _is_last(call.operation.axis, _rank(call))
        else sees_all(call, place, "it normalizes over the whole image")
    )


def _over_image(call: Call, place: Place) -> Effect:
    return sees_all(call, place, "it normalizes over the whole image")


def _pooled_image(call: Call, place: Place) -> Effect:
    return sees_all(call, None, "it pools the whole image")


def _slopes(call: Call, place: Place) -> Effect:
    shape = tuple(call.operation.alpha.shape)
    varies = any(size != 1 for size in shape[:2])
    return sees_all(call, place, "its slopes differ from pixel to pixel") if varies else Effect(place)


def _first_only(operation: Any) -> bool:
    return getattr(operation, "data_format", "channels_last") == "channels_first"


def _pairs(value: Any) -> tuple[int, int]:
    """Return the numbers for rows and columns; those of sequences, which have one axis, twice."""
    pair = (value, value) if isinstance(value, int) else tuple(value)
    return pair * 2 if len(pair) == 1 else pair


def _convolved(call: Call, place: Place) -> Effect:
    layer = call.operation
    if layer.padding not in ("same", "valid") or _first_only(layer):
        return unknown(call, place, f"padding={layer.padding!r} and {layer.data_format} are not supported")
    sizes, strides, dilations = _pairs(layer.kernel_size), _pairs(layer.strides), _pairs(layer.dilation_rate)
    same = layer.padding == "same"
    rows, columns = (place[i].convolved(sizes[i], strides[i], dilations[i], same) for i in (0, 1))
    return Effect((rows, columns))


def _transposed(call: Call, place: Place) -> Effect:
    layer = call.operation
    if _first_only(layer) or layer.output_padding is not None:
        return unknown(call, place, "its output_padding or data_format is not supported")
    sizes, strides, dilations = _pairs(layer.kernel_size), _pairs(layer.strides), _pairs(layer.dilation_rate)
    same = layer.padding == "same"
    rows, columns = (place[i].transposed(sizes[i], strides[i], dilations[i], same) for i in (0, 1))
    return Effect((rows, columns))


def _pooled(call: Call, place: Place) -> Effect:
    layer = call.operation
    if _first_only(layer):
        return unknown(call, place, "channels_first is not supported")
    sizes, strides = _pairs(layer.pool_size), _pairs(layer.strides or layer.pool_size)
    rows, columns = (place[i].convolved(sizes[i], strides[i], same=layer.padding == "same") for i in (0, 1))
    return Effect((rows, columns))


# Pixels on either side that each interpolation reads.
_INTERPOLATIONS = {"nearest": 0, "bilinear": 1, "bicubic": 2, "lanczos3": 3, "lanczos5": 5}


def _enlarged(call: Call, place: Place) -> Effect:
    reach = _INTERPOLATIONS.get(call.operation.interpolation)
    if reach is None or _first_only(call.operation):
        return unknown(call, place, "its interpolation or data_format is not supported")
    rows, columns = (place[i].resampled(Fraction(_pairs(call.operation.size)[i]), reach) for i in (0, 1))
    return Effect((rows, columns))


def _zero_padded(call: Call, place: Place) -> Effect:
    (top, bottom), (left, right) = call.operation.padding
    return Effect((place[0].padded(top, bottom), place[1].padded(left, right)))


def _cropped(call: Call, place: Place) -> Effect:
    (top, bottom), (left, right) = call.operation.cropping
    return Effect((place[0].padded(-top, -bottom), place[1].padded(-left, -right)))


def _padded(call: Call, place: Place) -> Effect:
    widths, mode = call.operation.pad_width, call.operation.mode
    if len(widths) != 4 or any(widths[0]) or mode == "wrap":
        return unknown(call, place, "it wraps around, or pads every axis")
    repeating = mode != "constant"
    (top, bottom), (left, right) = widths[1:3]
    return Effect((place[0].padded(top, bottom, repeating), place[1].padded(left, right, repeating)), repeats=repeating)


def _shuffled(call: Call, place: Place) -> Effect:
    """Return the place after channels have become pixels, or pixels channels; the layer's shapes say how many."""
    channels = channels_of(call)
    try:
        made = call.operation.compute_output_shape((1, 5040, 5040, channels[0]))
        factors = Fraction(made[1], 5040), Fraction(made[2], 5040)
    except Exception:
        return unknown(call, place, "the size of its output is unknown")
    return Effect((place[0].resampled(factors[0]), place[1].resampled(factors[1])))


def _blocks(up: bool) -> Callable[[Call, Place], Effect]:
    def rule(call: Call, place: Place) -> Effect:
        size = call.operation.block_size
        factor = Fraction(size) if up else Fraction(1, size)
        return Effect((place[0].resampled(factor), place[1].resampled(factor)))

    return rule


def _sliced(call: Call, place: Place) -> Effect:
    """Return the place of the inputs if all rows and columns are kept."""
    key = call.arguments[0][1] if len(call.arguments[0]) > 1 else call.arguments[1].get("key")
    whole, rank = slice(None), _rank(call)
    keys = key if isinstance(key, tuple) else (key,)
    if (keys[0] is Ellipsis and len(keys) == 2) or (len(keys) == rank and all(each == whole for each in keys[:-1])):
        return Effect(place if len(call.shapes[0]) == rank else None)
    return sees_all(call, None, "it takes a part of the image")


_OPERATIONS: dict[str, Callable[[Call, Place], Effect]] = {
    **dict.fromkeys(
        # Operations on each number alone.
        (
            *("Absolute", "Abs", "Add", "Average", "BroadcastTo", "Cast", "Ceil", "Celu", "Clip", "Cos", "Divide"),
            *("DivideNoNan", "Elu", "Equal", "Erf", "Exp", "Expm1", "Floor", "Gelu", "Greater", "GreaterEqual", "HardShrink"),
            *("HardSigmoid", "HardSilu", "HardTanh", "LeakyRelu", "Less", "LessEqual", "Log", "Log1p", "LogSigmoid", "Maximum"),
            *(
                "Minimum",
                "Mod",
                "Multiply",
                "NanToNum",
                "Negative",
                "OnesLike",
                "Power",
                "Reciprocal",
                "Relu",
                "Relu6",
                "Round",
            ),
            *("Rsqrt", "SaturateCast", "Selu", "Sigmoid", "Sign", "Silu", "Sin", "SoftShrink", "Softplus", "Softsign", "Sqrt"),
            *("Square", "Squareplus", "StopGradient", "Subtract", "Tanh", "TanhShrink", "Threshold", "TrueDivide", "Where"),
            "ZerosLike",
        ),
        _pointwise,
    ),
    **dict.fromkeys(
        (
            "Concatenate",
            "Glu",
            "LogSoftmax",
            "Max",
            "Mean",
            "Min",
            "Normalize",
            "Prod",
            "Softmax",
            "Split",
            "Std",
            "Sum",
            "Var",
        ),
        _over_channels,
    ),
    "GetItem": _sliced,
    **dict.fromkeys(("Pad", "ReflectionPadding2D"), _padded),
    "DepthToSpace": _blocks(up=True),
    "SpaceToDepth": _blocks(up=False),
    # Layers of other packages by their usual names.
    "PixelShuffle": _shuffled,
    "PixelUnshuffle": _shuffled,
}


def rule_of(operation: Any) -> Callable[[Call, Place], Effect] | None:
    """Return the rule of a layer or an operation; None for an unknown one."""
    return _rule_of_layer(operation) or _OPERATIONS.get(type(operation).__name__)


def _rule_of_layer(operation: Any) -> Callable[[Call, Place], Effect] | None:
    """Return the rule of a Keras layer, or of a class derived from one."""
    from keras import layers

    if isinstance(operation, layers.SpectralNormalization):  # which changes the weights of the layer in it alone
        inner = rule_of(operation.layer)
        return inner and (lambda call, place: inner(dataclasses.replace(call, operation=operation.layer), place))
    rules: list[tuple[tuple[type, ...], Callable[[Call, Place], Effect]]] = [
        ((layers.Conv2DTranspose,), _transposed),
        ((layers.Conv2D, layers.DepthwiseConv2D, layers.SeparableConv2D), _convolved),
        ((layers.Conv1D, layers.DepthwiseConv1D), _convolved),
        ((layers.MaxPooling2D, layers.AveragePooling2D), _pooled),
        ((layers.UpSampling2D,), _enlarged),
        ((layers.ZeroPadding2D,), _zero_padded),
        ((layers.Cropping2D,), _cropped),
        ((layers.Concatenate, layers.Softmax), _over_channels),
        (
            (layers.BatchNormalization, layers.LayerNormalization, layers.UnitNormalization, layers.RMSNormalization),
            _normalization,
        ),
        ((layers.GroupNormalization,), _over_image),
        ((layers.GlobalAveragePooling2D, layers.GlobalMaxPooling2D), _pooled_image),
        ((layers.PReLU,), _slopes),
        (
            (
                *(layers.Activation, layers.ActivityRegularization, layers.Dense, layers.ELU, layers.Identity),
                *(layers.LeakyReLU, layers.ReLU, layers.Rescaling),
                *(layers.Add, layers.Average, layers.Maximum, layers.Minimum, layers.Multiply, layers.Subtract),
                # Without effect in inference.
                *(layers.AlphaDropout, layers.Dropout, layers.GaussianDropout, layers.GaussianNoise, layers.SpatialDropout2D),
            ),
            _pointwise,
        ),
    ]
    return next((rule for kinds, rule in rules if isinstance(operation, kinds)), None)
