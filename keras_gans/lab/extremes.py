"""The worst samples of a training run, and those nearest to its training samples, in a process of their own.

    python -m keras_gans.lab.extremes RUN

It prints a line of JSON: see `find_extremes`. Nothing in the run folder changes.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

_SAMPLES = 512  # generated; of these, the extreme ones are shown
_REAL = 20_000  # training samples that are searched, at most
SHOWN = 8
_SECONDS = 600  # that the process may take


class ExtremesJob:
    """Finds the extreme samples of a run when asked, once for each state of its weights.

    Args:
        folder: The run folder.
    """

    def __init__(self, folder: Path):
        self._folder = folder
        self._lock = threading.Lock()
        self._weights: int | None = None  # the time of the weights that were looked at
        self._result: dict[str, Any] = {"status": "none"}

    def start(self) -> dict[str, Any]:
        """Begin, unless it is under way or the weights are still the same; return what `result` returns."""
        with self._lock:
            weights = self._time()
            if self._result["status"] != "computing" and weights != self._weights:
                self._weights = weights
                self._result = {"status": "computing"}
                threading.Thread(target=self._compute, daemon=True).start()
        return self.result()

    def result(self) -> dict[str, Any]:
        """Return `{"status"}`, one of `none`, `computing`, `failed` with `error`, and `ready` with what was found."""
        with self._lock:
            return self._result

    def _time(self) -> int:
        try:
            return (self._folder / "model.weights.h5").stat().st_mtime_ns
        except OSError:
            return 0

    def _compute(self) -> None:
        command = [sys.executable, "-m", "keras_gans.lab.extremes", str(self._folder)]
        try:
            done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
            lines = done.stdout.decode().splitlines()
            result = json.loads(lines[-1]) if lines else {"error": f"exit status {done.returncode}"}
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            result = {"error": str(error)[:300]}
        with self._lock:
            self._result = {"status": "failed" if "error" in result else "ready", **result}


def find_extremes(folder: Path) -> dict[str, Any]:
    """Generate 512 samples of a run, and order them by the distance of their features from the nearest training sample.

    Returns:
        `{"count", "extractor", "worst", "nearest"}`; the last two are `{"picture", "distances", "indices"}` of eight samples:
        a PNG in base64, with the samples above their nearest training samples; the distances; and the numbers of the samples
        among those of `model.generate(512, seed=0)`.

    Raises:
        ValueError: If the run has no weights yet, or its samples are not drawn side by side.
    """
    import numpy as np

    import keras_gans
    from keras_gans.evaluation.evaluator import Evaluator
    from keras_gans.media.pictures import as_png, grid

    model = keras_gans.load_pretrained(folder)
    if not model.medium.pixels or model.latent_shape is None:
        raise ValueError(f"Samples of {model.medium.name} have no such pictures.")
    if set(model.conditions) - {"labels"}:
        raise ValueError("Only models without conditions, or of classes, are compared with their training samples.")
    preset = model.loaded_preset
    if preset is None or not preset.metadata.dataset:
        raise ValueError(f"{folder.name} does not say what it was trained on.")
    training = preset.metadata.training
    options = {name: value for name in ("crop", "background") if (value := getattr(training, name, None)) is not None}
    data = keras_gans.load_data(preset.metadata.dataset, model.data_shape, training.split or "train", **options)
    evaluator = Evaluator(data, num=_REAL)
    labels = model.class_labels(_SAMPLES) if "labels" in model.conditions else None
    samples = model.at_data_size(model.generate(_SAMPLES, seed=0, labels=labels))
    indices, distances = evaluator.nearest_real(samples, k=1)
    order = np.argsort(distances[:, 0], kind="stable")
    shown = model.medium.to_file(samples)

    def part(chosen: np.ndarray) -> dict[str, Any]:
        both = np.concatenate([shown[chosen], np.asarray(evaluator.real_samples)[indices[chosen, 0]]])
        return {
            "picture": base64.b64encode(as_png(grid(both, columns=SHOWN, scale=max(1, 64 // model.data_shape[0])))).decode(),
            "distances": [float(f"{distances[each, 0]:.4g}") for each in chosen],
            "indices": [int(each) for each in chosen],
        }

    found = {"worst": part(order[::-1][:SHOWN]), "nearest": part(order[:SHOWN])}
    return {"count": _SAMPLES, "extractor": evaluator.extractor.name, **found}


def main() -> None:
    """Print what was found, or why nothing was."""
    # What libraries print goes elsewhere.
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    try:
        found: dict[str, Any] = find_extremes(Path(sys.argv[1]))
    except Exception as error:
        found = {"error": " ".join(str(error).split())[:300] or type(error).__name__}
    output.write(json.dumps(found) + "\n")
    output.flush()


if __name__ == "__main__":
    main()
