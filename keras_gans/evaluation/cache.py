"""A cache for the features of real samples."""

from __future__ import annotations

import contextlib
import hashlib
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from keras_gans.evaluation.extractors import Features
from keras_gans.files import cache_folder, replacing


def remembered(key: Mapping[str, Any], compute: Callable[[], Features]) -> Features:
    """Return the cached features of a key, or compute and cache them.

    A file holds its key, too, so a file of another key, or a damaged one, is never used. Nothing is cached in a read-only
    folder.

    Args:
        key: Everything that the features depend on, as JSON can hold it; samples and extractor by their SHA-256.
        compute: Returns the `Features`.
    """
    text = json.dumps(key, sort_keys=True)
    path = cache_folder("features") / f"{hashlib.sha256(text.encode()).hexdigest()}.npz"
    features = _read(path, text)
    if features is None:
        features = compute()
        arrays = {"values": features.values, "key": np.array(text)}
        if features.probabilities is not None:
            arrays["probabilities"] = features.probabilities
        with contextlib.suppress(OSError), replacing(path) as temporary:
            np.savez(temporary, allow_pickle=False, **arrays)
    return features


def _read(path: Path, text: str) -> Features | None:
    try:
        # Opened here, because NumPy leaves files that are damaged open.
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as stored:
            if str(stored["key"]) != text:
                return None
            return Features(stored["values"], stored.get("probabilities"))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
