"""The report of an evaluation: one HTML file that needs nothing else, no network and no script."""

import base64
import io
import math
import re
from pathlib import Path

import numpy as np

from keras_gans._version import __version__
from keras_gans.evaluation.report.charts import COLOURS, FAINT, INK, arrow, curve_charts
from keras_gans.files import replacing
from keras_gans.media.pictures import as_pillow

# The figures, in the report's order: heading, and what to look for.
SECTIONS = {
    "samples": (
        "Generated samples",
        "Not picked by hand. Look for samples that resemble each other (mode collapse), and for flaws that all share.",
    ),
    "real_samples": ("Real samples", "What the generated ones are compared with."),
    "neighbours": (
        "Nearest neighbours",
        "Each row is a generated sample and the training samples nearest to it, with their distances. A sample that equals its "
        "neighbour but for small changes was memorised, not invented; of simple data, some are close without that.",
    ),
    "interpolations": (
        "Interpolations",
        "The way from one latent to another. Samples should change smoothly and look real all the way; a sudden jump, or the "
        "same two samples faded into each other, speaks of memorised ones.",
    ),
    "traversals": (
        "Latent traversals",
        "One sample, in the middle, is moved to both sides along single directions of the latents; the numbers are standard "
        "deviations. Where nothing changes, the generator ignores the direction.",
    ),
    "inputs": (
        "Inputs and samples",
        "Each row begins with what the model was given; what it made of that follows. Samples should look real and fit their "
        "input; where several differ in nothing, the generator ignores its latents.",
    ),
    "classes": (
        "Classes",
        "Each row is a class, each place in it a latent. Rows should show their class, and samples within a row should differ.",
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


def write_report(path, results, *, metrics, figures=None, curves=None, findings=None) -> None:
    """Writes the report of an evaluation, replacing the file whole.

    A section is there where its content is given. The same arguments give the same bytes.

    Args:
        path: An `.html` file.
        results: What an evaluation returned: `name`, `protocol`, `seeds`, `metrics` and `real`.
        metrics: Name -> metric, with `title`, `higher_is_better` and `reference`; a name that is not there stands for itself.
        figures: Name of a section -> list of `figures.Row`; the names are the keys of `SECTIONS`.
        curves: What `read_curves` returns.
        findings: What `TrainingDoctor` found: its `findings`, or the lines of its log; plain sentences do as well. An empty
            list says that it found nothing.

    Raises:
        ValueError: If a section of `figures` is unknown.
    """
    figures = figures or {}
    unknown = [name for name in figures if name not in SECTIONS]
    if unknown:
        raise ValueError(f"The report has no section {unknown[0]!r}; its figures are: {', '.join(SECTIONS)}.")
    page = _template().render(
        results=results,
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
        charts=[
            {"heading": heading, "svg": _inline(svg, f"chart{number}")}
            for number, (heading, svg) in enumerate(curve_charts(curves, metrics).items())
        ]
        if curves
        else [],
        findings=None if findings is None else [_finding(finding) for finding in findings],
    )
    with replacing(path) as temporary:
        # Names of files may hold what is no Unicode.
        temporary.write_text(page, encoding="utf-8", errors="backslashreplace")


def _template():
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.jinja")


# Words and numbers


def _protocol_in_words(results):
    """Returns what was measured as parts of sentences; hashes are with the details."""
    protocol = results["protocol"]
    seeds = [str(seed) for seed in results.get("seeds") or ()]
    resize = protocol.get("resize")
    return {
        "fake": _count(protocol.get("fake")),
        "real": _count(protocol.get("real")),
        "dataset": protocol.get("dataset"),
        "split": protocol.get("split"),
        "shape": " \N{MULTIPLICATION SIGN} ".join(str(side) for side in protocol.get("image_shape") or ()),
        "extractor": protocol.get("extractor"),
        "resize": None if resize in (None, "none") else resize,
        "held_out": _count(protocol.get("held_out")) if protocol.get("held_out") else None,
        "seeds": f"{', '.join(seeds[:-1])} and {seeds[-1]}" if len(seeds) > 1 else "".join(seeds),
        "several": len(seeds) > 1,
    }


def _count(number):
    return f"{number:,}" if isinstance(number, int) else str(number)


def _protocol_details(protocol):
    """Returns `(name, value, whole value)` of every field; hashes are abbreviated in the first."""
    fields = []
    for name, value in protocol.items():
        items = value.items() if isinstance(value, dict) else [("", value)]
        for key, part in items:
            whole = ", ".join(map(str, part)) if isinstance(part, list | tuple) else str(part)
            is_hash = re.fullmatch("[0-9a-f]{32,}", whole) is not None
            label = f"{name} {key}".strip().replace("_", " ")
            fields.append((label, f"{whole[:12]}\N{HORIZONTAL ELLIPSIS}" if is_hash else whole, whole if is_hash else None))
    return fields


def _table_row(name, results, metrics):
    metric, measured = metrics.get(name), results["metrics"][name] or {}
    better = getattr(metric, "higher_is_better", None)
    values = list(measured.get("values") or ())
    real = (results.get("real") or {}).get(name)
    mean, spread = with_spread(measured.get("mean"), measured.get("std") if len(values) > 1 else None)
    return {
        "title": getattr(metric, "title", None) or name,
        "name": name,
        "arrow": arrow(metric),
        "as_real": metric is not None and better is None and real is not None,
        "better": {True: "higher is better", False: "lower is better"}.get(better),
        "reference": getattr(metric, "reference", None),
        "mean": mean,
        "spread": spread,
        "real": with_spread(real, None)[0],
        "values": [with_spread(value, None)[0] for value in values],
    }


def with_spread(mean, spread) -> tuple[str, str]:
    """Writes a mean and its spread with as many digits as the spread lets stand.

    Args:
        mean: A number, or None.
        spread: Its standard deviation, or None.

    Returns:
        Both as text: the spread to two significant digits, the mean to the same place; a mean without spread to four
        significant digits. What is None, NaN or infinite is a dash, its spread empty.
    """
    if mean is None or not math.isfinite(mean):
        return "\N{EN DASH}", ""
    if spread is None or not math.isfinite(spread):
        return _digits(mean, 4), ""
    if spread == 0:
        return _digits(mean, 4), "0"
    places = 1 - math.floor(math.log10(spread))
    if not 0 <= places <= 8:
        return f"{mean:.4g}", f"{spread:.2g}"
    return f"{mean:,.{places}f}", f"{spread:.{places}f}"


def _digits(number, significant):
    """Writes a number to a few significant digits, in full where that takes few characters."""
    if number == 0 or not 1e-4 <= abs(number) < 1e6:
        return f"{number:.{significant}g}"
    return f"{number:,.{max(0, significant - 1 - math.floor(math.log10(abs(number))))}f}"


def _finding(finding):
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


def _layout(rows):
    """Returns the pictures of a section as the template needs them, and how wide they are shown."""
    height, width = rows[0].pictures.shape[1:3]
    columns = min(_COLUMNS, max(len(row.pictures) for row in rows))
    tile = _tile_width(height, width, alone=columns == 1)
    return {
        "tile": tile,
        "pixelated": tile > width,
        "row_width": columns * (tile + _GAP) - _GAP,
        "rows": [{"label": row.label, "tiles": _tiles(row)} for row in rows],
    }


def _tiles(row):
    captions = row.captions or [""] * len(row.pictures)
    return [{"uri": data_uri(image), "caption": text} for image, text in zip(row.pictures, captions, strict=True)]


def _tile_width(height, width, alone):
    """Returns how wide a picture is shown, in CSS pixels."""
    largest = _LONE_TILE if alone else _LARGE_TILE
    return min(largest, width) if width > _SMALL_TILE else width * math.ceil(_SMALL_TILE / max(height, width))


def data_uri(image: np.ndarray) -> str:
    """Returns a uint8 picture of shape `(height, width, 1 or 3)` as the address of itself: PNG, or WebP where that is large."""
    opened, buffer, kind = as_pillow(np.asarray(image)), io.BytesIO(), "png"
    opened.save(buffer, "PNG", optimize=True)
    if buffer.tell() > _LARGEST_PNG:
        opened.thumbnail((_LONE_TILE, _LONE_TILE))
        buffer, kind = io.BytesIO(), "webp"
        opened.save(buffer, "WEBP", quality=90)
    return f"data:image/{kind};base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"


def _inline(svg, prefix):
    """Makes an SVG part of the page: without a header, with ids of its own, and in the page's colours; its text is escaped."""
    svg = svg[svg.index("<svg") :].strip()
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    width, height = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg).groups()
    svg = re.sub(r"<svg [^>]*>", f'<svg viewBox="0 0 {width} {height}" aria-hidden="true">', svg, count=1)
    svg = re.sub(r'\bid="', f'id="{prefix}-', svg)
    svg = re.sub(r'(url\(#|href="#)', rf"\g<1>{prefix}-", svg)
    for number, colour in enumerate((INK, FAINT, *COLOURS)):
        svg = svg.replace(colour, f"var(--chart{number}, {colour})")
    return svg
