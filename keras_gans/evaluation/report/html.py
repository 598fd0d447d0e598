"""The report of an evaluation: one HTML file without scripts, which needs no network and no other file."""

from __future__ import annotations

import base64
import io
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from keras_gans._typing import PathLike
from keras_gans._version import __version__
from keras_gans.errors import in_words
from keras_gans.evaluation.base import evaluator_of
from keras_gans.evaluation.metric_choice import Metric
from keras_gans.evaluation.report.charts import COLOURS, FAINT, INK, arrow, curve_charts
from keras_gans.evaluation.report.extra import import_extra
from keras_gans.evaluation.report.rows import Row, Sentence
from keras_gans.evaluation.wording import summary, with_spread
from keras_gans.files import replacing
from keras_gans.media.pictures import as_pillow

# The figures in the order of the report: heading, and what to look for.
SECTIONS = {
    "samples": (
        "Generated samples",
        "Not picked by hand. Look for samples that resemble each other (mode collapse), and for flaws that all of them share.",
    ),
    "real_samples": ("Real samples", "The generated samples are compared with these."),
    "neighbours": (
        "Nearest neighbours",
        "Each row shows a generated sample and the training samples nearest to it, with their distances. A sample that equals "
        "its neighbour except for small changes was memorised. In simple data, some samples are this close by chance.",
    ),
    "interpolations": (
        "Interpolations",
        "From one latent to another. Samples should change smoothly and look real all the way. A sudden jump, or two samples "
        "faded into each other, is a sign of memorised samples.",
    ),
    "traversals": (
        "Latent traversals",
        "The sample in the middle is moved to both sides along single directions of the latents. The numbers are standard "
        "deviations. Where nothing changes, the generator ignores the direction.",
    ),
    "inputs": (
        "Inputs and samples",
        "Each row begins with the input of the model, followed by samples for it. Samples should look real and fit their "
        "input. Where several are equal, the generator ignores its latents.",
    ),
    "classes": (
        "Classes",
        "Each row is a class, each column a latent. Rows should show their class, and samples within a row should differ.",
    ),
}
# Those of text.
TEXT_SECTIONS = {
    "sentences": ("Generated sentences", "Not picked by hand, and not edited."),
    "real_sentences": ("Real sentences", "Training sentences, drawn at random."),
    "passages": (
        "Copied passages",
        "The longest runs of words that a generated sentence shares with a training sentence, which stands below it. Short "
        "runs are common in any text: the table says how long those of real sentences are.",
    ),
}
# Small images are enlarged to about this side on the page, by whole pixels; large ones are reduced to that.
_SMALL_TILE, _LARGE_TILE = 56, 112
# A row that is one picture shows it larger.
_LONE_TILE = 256
# A picture of more bytes is stored reduced and compressed: hundreds of large ones would make a file too large to send.
_LARGEST_PNG = 40_000
_COLUMNS = 16
_GAP = 4


def write_report(
    path: PathLike,
    results: Mapping[str, Any],
    *,
    metrics: Mapping[str, Metric],
    figures: Mapping[str, Sequence[Row]] | None = None,
    texts: Mapping[str, Sequence[Sentence]] | None = None,
    curves: Mapping[str, Sequence[float]] | None = None,
    findings: Sequence[str | Mapping[str, Any]] | None = None,
) -> None:
    """Write the report of an evaluation. A file that exists is replaced as a whole.

    The page has the sections whose content is given. The same arguments give the same bytes.

    Args:
        path: An `.html` file.
        results: What an evaluation returned: `name`, `protocol`, `seeds`, `metrics` and `real`.
        metrics: Name -> `Metric`. A metric that is missing here is shown by its name.
        figures: Name of a section -> list of `figures.Row`; the names are the keys of `SECTIONS`.
        texts: Name of a section of text -> list of `rows.Sentence`; the names are the keys of `TEXT_SECTIONS`.
        curves: What `read_curves` returns.
        findings: What `TrainingDoctor` found: its `findings`, the lines of its log, or plain sentences. An empty list means
            that it found nothing.

    Raises:
        ImportError: If the extra `reports` is not installed.
        ValueError: If a section of `figures` or `texts` is unknown.
    """
    figures, texts = figures or {}, texts or {}
    for given, known, what in ((figures, SECTIONS, "figures"), (texts, TEXT_SECTIONS, "texts")):
        if unknown := [name for name in given if name not in known]:
            raise ValueError(f"The report has no section {unknown[0]!r}; its {what} are: {', '.join(known)}.")
    page = template("report.html.jinja").render(
        results=results,
        summary=summary(results),
        version=__version__,
        protocol=_protocol_in_words(results),
        details=_protocol_details(results["protocol"]),
        has_real=any(value is not None for value in (results.get("real") or {}).values()),
        table=[_table_row(name, results, metrics) for name in results["metrics"]],
        sections=[
            {"id": name, "heading": heading, "text": text, **_layout(figures[name])}
            for name, (heading, text) in SECTIONS.items()
            if figures.get(name)
        ],
        texts=[
            {"id": name, "heading": heading, "text": text, "lines": texts[name]}
            for name, (heading, text) in TEXT_SECTIONS.items()
            if texts.get(name)
        ],
        charts=[
            {"heading": heading, "svg": inline(svg, f"chart{number}")}
            for number, (heading, svg) in enumerate(curve_charts(curves, metrics).items())
        ]
        if curves
        else [],
        findings=None if findings is None else [_finding(finding) for finding in findings],
    )
    with replacing(path) as temporary:
        # File names may contain bytes that are not Unicode.
        temporary.write_text(page, encoding="utf-8", errors="backslashreplace")


def template(name: str, *folders: Path) -> Any:
    """Return a template of a page: of this folder, whose style pages share, or of others."""
    jinja2 = import_extra("jinja2")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([*folders, Path(__file__).parent]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


# Words and numbers


def _protocol_in_words(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the protocol as parts of sentences; the hashes are among the details."""
    protocol = results["protocol"]
    seeds = [str(seed) for seed in results.get("seeds") or ()]
    resize = protocol.get("resize")
    return {
        # What was measured without a feature extractor is said by its evaluator.
        "sentence": None if "extractor" in protocol else evaluator_of(protocol).describe(protocol),
        "fake": _count(protocol.get("fake")),
        "real": _count(protocol.get("real")),
        "dataset": protocol.get("dataset"),
        "split": protocol.get("split"),
        "shape": " \N{MULTIPLICATION SIGN} ".join(str(side) for side in protocol.get("image_shape") or ()),
        "extractor": protocol.get("extractor"),
        "biased": protocol.get("biased"),
        "resize": None if resize in (None, "none") else resize,
        "held_out": _count(protocol.get("held_out")) if protocol.get("held_out") else None,
        "seeds": in_words(seeds),
        "several": len(seeds) > 1,
    }


def _count(number: Any) -> str:
    return f"{number:,}" if isinstance(number, int) else str(number)


def _protocol_details(protocol: Mapping[str, Any]) -> list[tuple[str, str, str | None]]:
    """Return `(name, value, whole value)` of every field; hashes are abbreviated in the first."""
    fields = []
    for name, value in protocol.items():
        items = value.items() if isinstance(value, dict) else [("", value)]
        for key, part in items:
            whole = ", ".join(map(str, part)) if isinstance(part, list | tuple) else str(part)
            is_hash = re.fullmatch("[0-9a-f]{32,}", whole) is not None
            label = f"{name} {key}".strip().replace("_", " ")
            fields.append((label, f"{whole[:12]}\N{HORIZONTAL ELLIPSIS}" if is_hash else whole, whole if is_hash else None))
    return fields


def _table_row(name: str, results: Mapping[str, Any], metrics: Mapping[str, Metric]) -> dict[str, Any]:
    metric, measured = metrics.get(name), results["metrics"][name] or {}
    better = None if metric is None else metric.higher_is_better
    values = list(measured.get("values") or ())
    real = (results.get("real") or {}).get(name)
    mean, spread = with_spread(measured.get("mean"), measured.get("std") if len(values) > 1 else None)
    return {
        "title": getattr(metric, "title", None) or name,
        "name": name,
        "arrow": arrow(metric),
        "as_real": metric is not None and better is None and real is not None,
        "better": None if better is None else f"{'higher' if better else 'lower'} is better",
        "reference": getattr(metric, "reference", None),
        "mean": mean,
        "spread": spread,
        "real": with_spread(real, None)[0],
        "values": [with_spread(value, None)[0] for value in values],
    }


def _finding(finding: str | Mapping[str, Any]) -> dict[str, Any]:
    finding = {"message": finding} if isinstance(finding, str) else finding
    gone = "It has gone away again." if finding.get("state") == "gone" else ""
    times = [(name, finding[name]) for name in ("epoch", "step") if finding.get(name) is not None]
    advice = finding.get("advice") or []
    return {
        "failure": str(finding.get("failure") or "").replace("_", " ").capitalize(),
        "when": ", ".join(f"{name} {_count(number)}" for name, number in times),
        "message": finding.get("message") or gone,
        "advice": [advice] if isinstance(advice, str) else advice,
    }


# Pictures


def _layout(rows: Sequence[Row]) -> dict[str, Any]:
    """Return the pictures of a section as the template takes them, and their width."""
    height, width = rows[0].pictures.shape[1:3]
    columns = min(_COLUMNS, max(len(row.pictures) for row in rows))
    tile = _tile_width(height, width, alone=columns == 1)
    return {
        "tile": tile,
        "pixelated": tile > width,
        "row_width": columns * (tile + _GAP) - _GAP,
        "rows": [{"label": row.label, "tiles": _tiles(row)} for row in rows],
    }


def _tiles(row: Row) -> list[dict[str, str]]:
    captions = row.captions or [""] * len(row.pictures)
    return [{"uri": data_uri(image), "caption": text} for image, text in zip(row.pictures, captions, strict=True)]


def _tile_width(height: int, width: int, alone: bool) -> int:
    """Return the width of a picture in CSS pixels."""
    largest = _LONE_TILE if alone else _LARGE_TILE
    return min(largest, width) if width > _SMALL_TILE else width * math.ceil(_SMALL_TILE / max(height, width))


def data_uri(image: np.ndarray) -> str:
    """Return a picture as a data URI: PNG, or WebP where PNG is large.

    Args:
        image: uint8 array of shape `(height, width, 1, 3 or 4)`.
    """
    opened, buffer, kind = as_pillow(np.asarray(image)), io.BytesIO(), "png"
    opened.save(buffer, "PNG", optimize=True)
    if buffer.tell() > _LARGEST_PNG:
        opened.thumbnail((_LONE_TILE, _LONE_TILE))
        buffer, kind = io.BytesIO(), "webp"
        opened.save(buffer, "WEBP", quality=90)
    return f"data:image/{kind};base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"


def inline(svg: str, prefix: str) -> str:
    """Return an SVG as part of the page: without header, with unique ids, in the page's colours. Its text is escaped."""
    svg = svg[svg.index("<svg") :].strip()
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<svg [^>]*(viewBox="[^"]*")[^>]*>', r'<svg \1 aria-hidden="true">', svg, count=1)
    svg = re.sub(r'\bid="', f'id="{prefix}-', svg)
    svg = re.sub(r'(url\(#|href="#)', rf"\g<1>{prefix}-", svg)
    for number, colour in enumerate((INK, FAINT, *COLOURS)):
        svg = svg.replace(colour, f"var(--chart{number}, {colour})")
    return svg
