"""Stores EfficientNet-Lite0 as `keras_gans.imagenet` bundles it: without the classifier, in half the space.

    python -m tools.pack_imagenet weights.npz photographs/ --output=keras_gans/imagenet/efficientnet_lite0/weights.npz

`weights.npz` holds float32 arrays `NAME/kernel` and `NAME/bias`, with batch normalization folded in and kernels in TensorFlow's
order. `photographs/` is a folder of images with folders of images, of which 40 are used; TensorFlow's flower_photos were.
Afterwards, put the printed SHA-256 into `keras_gans/imagenet/weights.py`.

Kernels of more than 10,000 numbers become 16-bit integers with one scale per output channel. Small kernels stay float32: most
of them are near the input, where rounding matters most. What rounding adds to the mean of a channel is taken from its bias.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from absl import flags
from PIL import Image

from keras_gans.files import kilobytes, read_npz, replacing, sha256

from .common import program

if TYPE_CHECKING:
    from keras_gans._typing import Tensor

_OUTPUT = flags.DEFINE_string("output", None, "The file to write, .npz.")

_SMALL = 10_000
_PHOTOGRAPHS, _SIDE = 40, 224
_SUFFIXES = (".jpg", ".jpeg", ".png")


def pack(weights: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return float32 weights in about half the space."""
    from keras_gans.imagenet.weights import SCALE

    packed = {}
    for name, values in weights.items():
        if not name.endswith("kernel") or values.size <= _SMALL:
            packed[name] = values
            continue
        axes = (0, 1, 3) if "depthwise" in name else (0, 1, 2)
        scale = np.abs(values).max(axes, keepdims=True) / np.iinfo("int16").max
        scale[scale == 0] = 1
        packed[name], packed[name + SCALE] = np.round(values / scale).astype("int16"), scale.astype("float32")
    return packed


def correct_biases(exact: Mapping[str, np.ndarray], rounded: dict[str, np.ndarray], images: np.ndarray) -> None:
    """Change biases so that each channel of each convolution keeps its mean over images in spite of rounded kernels.

    Args:
        exact: Weights before rounding.
        rounded: Weights after rounding, whose biases are replaced.
        images: float32 in [-1, 1], shape `(n, height, width, 3)`.

    Reference: Nagel et al. 2019, "Data-Free Quantization Through Weight Equalization and Bias Correction", section 4.2, with
    means over images (appendix D).
    """
    from keras import ops

    from keras_gans.imagenet.network import convolve, traverse

    def both(x: Tensor, name: str, stride: int) -> Tensor:
        """Convolve two batches in one: the first by the exact kernel, the second by the rounded one."""
        first, second = ops.split(x, 2)
        first, second = convolve(exact, first, name, stride), convolve(rounded, second, name, stride)
        change = np.asarray(ops.mean(first - second, axis=(0, 1, 2)))
        rounded[f"{name}/bias"] = rounded[f"{name}/bias"] + change
        return ops.concatenate([first, second + change])

    traverse(np.concatenate([images, images]), both, (), True)


def read_photographs(folder: Path) -> np.ndarray:
    """Return photographs at even distances in the order of their names: float32 in [-1, 1]."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES)
    if len(paths) < _PHOTOGRAPHS:
        raise ValueError(f"{folder} holds {len(paths)} photographs; {_PHOTOGRAPHS} are needed ({', '.join(_SUFFIXES)}).")
    step = len(paths) // _PHOTOGRAPHS
    chosen = paths[step // 2 :: step][:_PHOTOGRAPHS]
    pictures = [Image.open(path).convert("RGB").resize((_SIDE, _SIDE), Image.Resampling.BICUBIC) for path in chosen]
    return np.stack([np.asarray(picture, "float32") for picture in pictures]) / np.float32(127.5) - 1


def main(arguments: list[str]) -> None:
    """Pack the weights and write them."""
    if len(arguments) != 2 or not _OUTPUT.value:
        raise ValueError("Give WEIGHTS.npz, a folder of photographs, and --output.")
    program.import_keras()
    from keras_gans.imagenet.weights import unpack

    exact = {name: values for name, values in read_npz(arguments[0])[1].items() if not name.startswith("logits/")}
    packed = pack(exact)
    rounded = unpack(packed)
    correct_biases(exact, rounded, read_photographs(Path(arguments[1])))
    packed |= {name: values for name, values in rounded.items() if name.endswith("/bias")}
    with replacing(_OUTPUT.value) as temporary:
        np.savez(temporary, allow_pickle=False, **packed)
    print(f"{_OUTPUT.value}: {kilobytes(_OUTPUT.value):,.0f} kB, SHA-256 {sha256(_OUTPUT.value)}")


if __name__ == "__main__":
    program.run(main)
