"""How the metrics of clips respond to real clips that were made wrong, each in one way."""

from __future__ import annotations

from typing import Any

from keras_gans.evaluation.progress import Progress
from keras_gans.video.corruptions import CORRUPTIONS

METRICS = (
    "kvd_content",
    "kvd_motion",
    "fvd_content",
    "fvd_motion",
    "frame_agreement",
    "jitter",
    "speed_distance",
    "frozen",
    "flicker",
)


def measure(dataset: str, num: int, progress: Progress) -> dict[str, dict[str, float | None]]:
    """Return the metrics of held-out real clips, as they are and made wrong: by way, then by metric.

    Args:
        dataset: A source of clips.
        num: Maximum number of clips.
        progress: Told what is measured.

    Raises:
        ValueError: If the source holds no clips.
    """
    from keras_gans.data import load_data
    from keras_gans.data.registry import find_loader
    from keras_gans.evaluation import VideoEvaluator
    from keras_gans.media import Video

    data = load_data(dataset)
    if not isinstance(data.medium, Video):
        raise ValueError(f"{dataset} holds {data.medium.name}: this benchmark is for clips.")
    test = getattr(find_loader(dataset), "held_out", None)
    held_out: Any = load_data(dataset, split=test) if test else "half"
    metrics = [name for name in METRICS if name != "frame_agreement" or data.class_names]
    evaluator = VideoEvaluator(data, metrics, num, held_out=held_out)
    found = {"real": evaluator.real_row}
    for name, corrupt in CORRUPTIONS.items():
        progress(f"clips: {name}")
        found[name] = evaluator.measure(corrupt(evaluator.held_out_samples), evaluator.held_out_labels)
    return found


def describe(found: dict[str, dict[str, float | None]]) -> str:
    """Return results as a table in Markdown."""
    names = list(found["real"])
    lines = ["| clips | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for way, numbers in found.items():
        values = ["" if numbers[name] is None else f"{numbers[name]:.3g}" for name in names]
        lines.append(f"| {way} | " + " | ".join(values) + " |")
    return "\n".join(lines)
