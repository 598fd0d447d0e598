"""The weights of the network, as the library stores them."""

import functools
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from keras_gans.files import read_npz, sha256

FILE = Path(__file__).parent / "efficientnet_lite0" / "weights.npz"
SHA256 = "5ac5cded3b6267662a3df6f959fdad25015352ff10f5508d533c7ebe49b64f3f"

# Ends the name of the scales of a kernel that is stored as integers.
SCALE = "/scale"


@functools.cache
def load_weights() -> Mapping[str, np.ndarray]:
    """Return the float32 weights by name: `stem/kernel`, `block00/depthwise/bias` and so on.

    Raises:
        ValueError: If the file is missing or damaged.
    """
    digest = sha256(FILE) if FILE.is_file() else "of no file"
    if digest != SHA256:
        raise ValueError(f"{FILE} is missing or damaged (its SHA-256 should be {SHA256}): reinstall keras_gans.")
    _, stored = read_npz(FILE)
    return unpack(stored)


def unpack(packed: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return float32 weights, given kernels as integers with scales: see `tools/pack_imagenet.py`."""
    return {
        name: values * packed[name + SCALE] if name + SCALE in packed else values
        for name, values in packed.items()
        if not name.endswith(SCALE)
    }
