"""Model cards: what a preset is, how it was made and how good it is, in the fields that the Hugging Face hub reads.

A card is made from `preset.json` alone, so that it cannot say anything else (Mitchell et al. 2019, "Model Cards for Model
Reporting").
"""

import os
from pathlib import Path

from keras_gans.files import replacing
from keras_gans.presets import find_preset
from keras_gans.presets.hub import is_address
from keras_gans.registry import get_entry

CARD, INTERPOLATION, FAILURES = "README.md", "interpolation.png", "failures.png"
PICTURE = "samples.png"


def render(folder: str | os.PathLike) -> str:
    """Returns the card of a preset, as Markdown.

    Args:
        folder: A preset's folder or name.

    Raises:
        ValueError: If there is no such preset.
    """
    import jinja2

    preset = find_preset(folder)
    entry = get_entry(preset.config["model"])
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        autoescape=False,
    )
    environment.filters |= {"number": _number, "spread": _spread, "minutes": _minutes}
    metadata = preset.metadata
    return environment.get_template("model_card.md.jinja").render(
        name=preset.folder.resolve().name,
        entry=entry,
        config=preset.config,
        metadata=metadata,
        medium=preset.medium,
        labelled="num_classes" in preset.config["arguments"],
        bytes=preset.size,
        metrics=_metrics(),
        files={path.name for path in preset.folder.iterdir()},
        samples=[path for path in sorted(preset.folder.glob("samples.*")) if path.name != PICTURE],
        lines=_lines,
    )


def write(folder: str | os.PathLike) -> Path:
    """Writes the card of a preset into its folder, as `README.md`, and returns its path.

    Raises:
        ValueError: If the preset is elsewhere: the cache keeps what was downloaded as it came.
    """
    if is_address(folder):
        raise ValueError(f"A card is written into a folder on this computer, and {folder} is elsewhere.")
    path = find_preset(folder).folder / CARD
    with replacing(path) as temporary:
        temporary.write_text(render(folder), encoding="utf-8")
    return path


def _metrics():
    from keras_gans.evaluation import known_metrics

    return known_metrics()


def _lines(path):
    """Returns the lines of a text file; none of any other file."""
    return path.read_text(encoding="utf-8").splitlines() if path.suffix == ".txt" else []


def _number(value):
    return "" if value is None else f"{value:.3g}"


def _minutes(seconds):
    return f"{seconds / 60:.0f} minutes" if seconds >= 600 else f"{seconds / 60:.1f} minutes"


def _spread(values):
    """Returns a mean with its standard deviation."""
    if values is None or values["mean"] is None:
        return ""
    return _number(values["mean"]) + (f" ± {values['std']:.2g}" if values.get("std") is not None else "")
