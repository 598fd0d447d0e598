"""Weights files of less than half the size."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keras_gans._typing import PathLike

# What any HDF5 library reads, here in one piece. Small arrays grow by what it adds.
_COMPRESSED = {"compression": "gzip", "compression_opts": 9, "shuffle": True}
_WORTHWHILE = 4096  # values


def halve(path: PathLike) -> None:
    """Rewrite the float32 arrays of an HDF5 file as float16, and compress them.

    Loading converts them back, because variables keep their dtype. An array with a value beyond 65,504, the largest of float16,
    stays float32. Compression takes another eighth: signs and exponents, which stand together after shuffling, are much alike.

    Args:
        path: A `.weights.h5` file, which is replaced.
    """
    import h5py
    import numpy as np

    halved = Path(f"{path}.half")
    with h5py.File(path) as source, h5py.File(halved, "w") as target:

        def copy(name: str, item: Any) -> None:
            if isinstance(item, h5py.Group):
                made = target.require_group(name)
            else:
                values = item[()]
                if item.dtype == "float32" and np.abs(values).max(initial=0.0) <= np.finfo("float16").max:
                    values = values.astype("float16")
                options = {**_COMPRESSED, "chunks": values.shape} if values.size >= _WORTHWHILE else {}
                made = target.create_dataset(name, data=values, **options)
            made.attrs.update(item.attrs)

        target.attrs.update(source.attrs)
        source.visititems(copy)
    halved.replace(path)
