"""How surely the watermark of a text model is found, how often it is found in other text, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_gans import Watermark, find_watermark, presets
from keras_gans.evaluation.progress import Progress
from keras_gans.gans import SequenceGAN
from keras_gans.verification.text_watermark import read_sentences

_STRENGTHS = (2, 4, 6, 8)
_TOGETHER = 5  # sentences that are tested as one text


def measure(names: Sequence[str], num: int, keys: int, text: str | None, progress: Progress) -> list[dict[str, Any]]:
    """Measure text models at several strengths.

    Args:
        names: Names or folders of presets of text.
        num: Number of sentences for each key.
        keys: Number of keys.
        text: File of text that people wrote, a sentence in each line; None for none.
        progress: Is called with a line of text before each strength.

    Returns:
        A row for each preset and strength: its `name`, `strength`, number of `texts` of five sentences, share of `found` marks,
        median `z`, share of `false_alarms` in unmarked text of the model and `false_alarms_real` in the file, `cost` in nats
        a token (how much less probable marked text is to the unmarked model than its own), and its standard `error` over keys.

    Raises:
        ValueError: If a preset does not make text, or takes contexts.
    """
    lines = [] if text is None else [line for line in read_sentences(text) if line.strip()]
    rows = []
    for name in names:
        model = presets.find_preset(name).load()
        if not isinstance(model, SequenceGAN) or model.generator.context_length:
            raise ValueError(f"{name} takes contexts, or is not a text model: give others, such as next_token_gan_coco.")
        labels = model.class_labels(num)
        plain = model.generate(num, seed=0, labels=labels)
        own, base = model.medium.to_file(plain), model.mean_nll(plain, labels)
        for strength in _STRENGTHS:
            progress(f"{name}: strength {strength}")
            costs, tests, others, real = [], [], [], []
            for key in range(keys):
                mark = Watermark(f"key number {key} of the table", strength)
                tokens = model.generate(num, seed=1 + key, labels=labels, watermark=mark)
                costs.append(model.mean_nll(tokens, labels) - base)
                tests += _tests(model.medium.to_file(tokens), mark, model)
                others += _tests(own, mark, model)
                real += _tests(lines, mark, model)
            row = {"name": name, "strength": strength, "texts": len(tests), "found": _share(tests)}
            row |= {"z": float(np.median([test.z for test in tests])), "false_alarms": _share(others)}
            row |= {"false_alarms_real": _share(real) if real else None, "cost": float(np.mean(costs))}
            rows.append({**row, "error": float(np.std(costs, ddof=1) / np.sqrt(keys)) if keys > 1 else None})
    return rows


def describe(row: Mapping[str, Any]) -> str:
    """Return a row as a line of text."""
    real = "" if row["false_alarms_real"] is None else f", {row['false_alarms_real']:.2%} in text that people wrote"
    error = "" if row["error"] is None else f" ± {row['error']:.3f}"
    found = f"found in {row['found']:.2%} of {row['texts']} texts (median z {row['z']:.1f})"
    return (
        f"{row['name']}, strength {row['strength']}: {found}, "
        f"false alarms in {row['false_alarms']:.2%} of its unmarked text{real}, {row['cost']:+.3f}{error} nats a token"
    )


def _tests(lines: Sequence[str], mark: Watermark, model: SequenceGAN) -> list[Any]:
    starts = range(0, len(lines) - _TOGETHER + 1, _TOGETHER)
    return [find_watermark(lines[start : start + _TOGETHER], mark, model.medium) for start in starts]


def _share(tests: Sequence[Any]) -> float:
    return float(np.mean([test.marked for test in tests])) if tests else 0.0
