"""Features of real samples, kept between runs."""

import contextlib
import hashlib
import json
import zipfile

import numpy as np

from keras_gans.evaluation.extractors import Features
from keras_gans.files import cache_folder, replacing


def remembered(key: dict, compute) -> Features:
    """Returns the features kept under a key, or computes and keeps them.

    The key is stored with them and compared, so that a file of another key, or a damaged one, is never used. A folder that
    cannot be written to is done without.

    Args:
        key: All that the features depend on, as JSON can hold it; the samples and the extractor by their SHA-256.
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
            np.savez(temporary, **arrays)
    return features


def _read(path, text):
    try:
        with np.load(path, allow_pickle=False) as stored:
            if str(stored["key"]) != text:
                return None
            return Features(stored["values"], stored.get("probabilities"))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
