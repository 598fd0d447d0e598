"""Functions of one sample, on JAX, applied to all samples of a batch."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend.core import Literal, primitives

# The gradient of a kernel with more positions than these is left to XLA.
_MOST_POSITIONS = 128


def per_sample(function: Callable[[Any, Any], Any], shared: Any, example: Any) -> Callable[[Any, Any], Any]:
    """Return a function of many samples, which applies a function of one sample to each.

    It does what `jax.vmap` does. Where each sample has a convolution of its own, with its own image and its own kernel, as in
    the gradient of a kernel, `jax.vmap` makes one grouped convolution of them, which XLA computes slowly on CPUs. There, these
    become products of matrices.

    Args:
        function: Maps `(shared, sample)` to arrays.
        shared: A structure of arrays that all samples share.
        example: One sample, a structure of arrays.

    Returns:
        A function of the shared arrays and of samples, which have one more axis in front.
    """
    mapped = jax.vmap(function, (None, 0))
    if jax.default_backend() != "cpu":
        return mapped
    closed, shape = jax.make_jaxpr(function, return_shape=True)(shared, example)
    structure = jax.tree.structure(shape)

    def one(shared: Any, sample: Any) -> Any:
        outputs = _evaluate(closed.jaxpr, closed.consts, jax.tree.leaves((shared, sample)))
        return jax.tree.unflatten(structure, outputs)

    return jax.vmap(one, (None, 0))


def _evaluate(jaxpr: Any, consts: Any, arguments: Any) -> list[Any]:
    """Evaluate a program of JAX, with its convolutions replaced by `_convolution`."""
    values: dict[Any, Any] = dict(zip([*jaxpr.constvars, *jaxpr.invars], [*consts, *arguments], strict=True))

    def read(atom: Any) -> Any:
        return values[atom] if _is_read(atom) else atom.val

    for equation in jaxpr.eqns:
        given = [read(atom) for atom in equation.invars]
        inner = equation.params.get("jaxpr", equation.params.get("call_jaxpr"))
        if equation.primitive is primitives.conv_general_dilated_p:
            outputs = [_convolution(equation)(*given)]
        elif equation.primitive.name in ("jit", "pjit", "closed_call") and inner is not None:
            outputs = _evaluate(inner.jaxpr, inner.consts, given)
        else:
            outputs = _bind(equation.primitive, equation.params, given)
        values.update(zip(equation.outvars, outputs, strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def _is_read(atom: Any) -> bool:
    """Whether an input of an equation is a variable, not a number."""
    return not isinstance(atom, Literal)


def _bind(primitive: Any, parameters: Any, given: list[Any]) -> list[Any]:
    """Apply a primitive."""
    found = primitive.get_bind_params(parameters)
    functions, parameters = found if isinstance(found, tuple) else ((), found)  # a pair up to JAX 0.8 or so
    outputs = primitive.bind(*functions, *given, **parameters)
    return outputs if primitive.multiple_results else [outputs]


def _convolution(equation: Any) -> Callable[[Any, Any], Any]:
    """Return the convolution of an equation, with a rule of its own for many images with a kernel each."""
    parameters = equation.params

    def plain(image: Any, kernel: Any) -> Any:
        return primitives.conv_general_dilated_p.bind(image, kernel, **parameters)

    if not _has_rule(equation):
        return plain
    convolution = jax.custom_batching.custom_vmap(plain)
    size = equation.outvars[0].aval.shape

    @convolution.def_vmap
    def rule(axis_size: int, batched: list[bool], images: Any, kernels: Any) -> tuple[Any, bool]:
        if all(batched):
            return _many_convolutions(images, kernels, parameters, size), True
        axes = tuple(0 if each else None for each in batched)
        return jax.vmap(plain, axes)(images, kernels), True

    return convolution


def _has_rule(equation: Any) -> bool:
    parameters = equation.params
    spatial = [equation.outvars[0].aval.shape[axis] for axis in parameters["dimension_numbers"].out_spec[2:]]
    ones = (1,) * len(spatial)
    return (
        parameters["feature_group_count"] == parameters["batch_group_count"] == 1
        and tuple(parameters["lhs_dilation"]) == ones
        and 0 < math.prod(spatial) <= _MOST_POSITIONS
    )


def _many_convolutions(images: Any, kernels: Any, parameters: Any, size: tuple[int, ...]) -> Any:
    """Convolve each of many batches of images with a kernel of its own, as products of matrices.

    Args:
        images: `(many, *image_shape)`.
        kernels: `(many, *kernel_shape)`.
        parameters: Those of the primitive `conv_general_dilated`.
        size: Shape of one result.
    """
    numbers = parameters["dimension_numbers"]
    strides, dilation = parameters["window_strides"], parameters["rhs_dilation"]
    # Batch, places and channels of images; inputs, places and outputs of kernels.
    images = jnp.moveaxis(
        images, [1 + axis for axis in (numbers.lhs_spec[0], *numbers.lhs_spec[2:], numbers.lhs_spec[1])], range(1, images.ndim)
    )
    kernels = jnp.moveaxis(
        kernels,
        [1 + axis for axis in (*numbers.rhs_spec[2:], numbers.rhs_spec[1], numbers.rhs_spec[0])],
        range(1, kernels.ndim),
    )
    reach = kernels.shape[1:-2]
    pads = [(0, 0, 0), (0, 0, 0), *((before, behind, 0) for before, behind in parameters["padding"]), (0, 0, 0)]
    images = lax.pad(images, jnp.zeros((), images.dtype), pads)
    counts = [size[axis] for axis in numbers.out_spec[2:]]
    windows = []
    for position in itertools.product(*map(range, counts)):
        begins = [place * stride for place, stride in zip(position, strides, strict=True)]
        steps = zip(begins, reach, dilation, strict=True)
        places = tuple(slice(begin, begin + (length - 1) * step + 1, step) for begin, length, step in steps)
        windows.append(images[(slice(None), slice(None), *places)])
    many, batch = images.shape[:2]
    stacked = jnp.stack(windows, 2).reshape(many, batch * len(windows), -1)
    products = lax.dot_general(
        stacked,
        kernels.reshape(many, -1, kernels.shape[-1]),
        (((2,), (1,)), ((0,), (0,))),
        precision=parameters["precision"],
        preferred_element_type=parameters["preferred_element_type"],
    )
    products = products.reshape(many, batch, *counts, kernels.shape[-1])
    order = [1, products.ndim - 1, *range(2, 2 + len(counts))]  # batch, outputs, places: as `out_spec` lists them
    return jnp.moveaxis(products, order, [1 + axis for axis in numbers.out_spec])
