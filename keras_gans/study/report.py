"""The report of a study: numbers, a page with a chart, and the answers as CSV."""

from __future__ import annotations

import csv
import dataclasses
import io
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from keras_gans._typing import PathLike
from keras_gans._version import __version__
from keras_gans.files import replacing
from keras_gans.study.answers import COLUMNS, Answer, Answers
from keras_gans.study.folder import load_study
from keras_gans.study.results import summarise
from keras_gans.study.wording import SCORES, cells, interval, number, protocol_in_words

# Where a score says that raters cannot tell, by protocol.
_REFERENCES = {"real_or_generated": (0.5, "cannot tell"), "a_or_b": (0.0, "mean of all")}


def read_results(folder: PathLike) -> tuple[dict[str, Any], list[Answer], dict[int, str]]:
    """Read the answers of a study and return its results.

    Args:
        folder: The study's folder. It may be served meanwhile.

    Returns:
        What `summarise` returns, the answers, and the completion codes by participant.

    Raises:
        FileNotFoundError: If there is no study, or nobody has taken part.
        ValueError: If the study was changed, or the answers are those of another one.
    """
    study = load_study(folder)
    answers = Answers(study, read_only=True)
    try:
        given = answers.all()
        codes = {rater: answers.completion_code(rater) for rater in answers.participants()}
    finally:
        answers.close()
    return summarise(study, given), given, codes


def write_csv(path: PathLike, answers: Sequence[Answer], codes: Mapping[int, str]) -> None:
    """Write all answers, also those of raters who are left out: one line each.

    Args:
        path: The file.
        answers: The answers.
        codes: Completion codes by participant, to pay by.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*COLUMNS, "completion_code"])
    writer.writerows([*dataclasses.astuple(answer), codes.get(answer.participant, "")] for answer in answers)
    with replacing(path) as temporary:
        temporary.write_text(text.getvalue(), encoding="utf-8")


def write_report(path: PathLike, results: Mapping[str, Any], name: str = "Study") -> None:
    """Write the results as one HTML file without scripts, which needs no network and no other file.

    Args:
        path: An `.html` file.
        results: What `summarise` returned.
        name: Heading of the page.

    Raises:
        ImportError: If the extra `reports` is not installed.
    """
    from keras_gans.evaluation.report.html import inline, template

    protocol = results["protocol"]["protocol"]
    heading, meaning = SCORES[protocol]
    page = template("study.html.jinja", Path(__file__).parent).render(
        name=name,
        heading=heading,
        meaning=meaning,
        version=__version__,
        words=protocol_in_words(results["protocol"]),
        source=results["protocol"]["source"],
        details=[(key.replace("_", " "), value) for key, value in results["protocol"].items() if key != "source"],
        rows=[_row(row, protocol) for row in results["scores"]],
        differences=[
            {**each, "score": number(each["score"], protocol), "interval": interval(each["interval"], protocol)}
            for each in results["differences"]
        ],
        raters=results["raters"],
        dots=any(row.get("values") for row in results["scores"]),
        counted=results["counted"],
        chart=inline(chart(results), "chart") if any(row["score"] is not None for row in results["scores"]) else "",
    )
    with replacing(path) as temporary:
        temporary.write_text(page, encoding="utf-8", errors="backslashreplace")


def _row(row: Mapping[str, Any], protocol: str) -> dict[str, Any]:
    return {
        "name": row["name"],
        "score": number(row["score"], protocol),
        "interval": interval(row["interval"], protocol),
        "more": cells(row, protocol),
        "raters": row["raters"],
        "answers": f"{row['answers']:g}",
    }


def chart(results: Mapping[str, Any]) -> str:
    """Draw the scores with their intervals as SVG; small dots are single raters.

    Args:
        results: What `summarise` returned.

    Raises:
        ImportError: If the extra `reports` is not installed.
    """
    from keras_gans.evaluation.report.charts import COLOURS, FAINT, INK, as_svg, drawing

    protocol = results["protocol"]["protocol"]
    rows = [row for row in results["scores"] if row["score"] is not None]
    scale = 100 if protocol == "real_or_generated" else 1
    with drawing():
        from matplotlib.figure import Figure

        figure = Figure(figsize=(6.4, 1.2 + 0.6 * len(rows)), layout="constrained", facecolor="none")
        axes = figure.add_subplot(facecolor="none")
        for place, row in enumerate(rows):
            values = [scale * value for value in row.get("values", ())]
            axes.plot(values, [place + 0.25] * len(values), "o", markersize=3, color=FAINT)
            ends = row["interval"] or (row["score"], row["score"])
            axes.plot([scale * end for end in ends], [place] * 2, color=COLOURS[place % len(COLOURS)], linewidth=2)
            axes.plot(scale * row["score"], place, "o", markersize=8, color=COLOURS[place % len(COLOURS)])
        axes.set_yticks(range(len(rows)), [textwrap.fill(row["name"], 28) for row in rows])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.grid(visible=False, axis="y")
        unit = {"real_or_generated": ", %", "timed": ", ms"}.get(protocol, "")
        axes.set_xlabel(SCORES[protocol][0] + unit)
        if protocol in _REFERENCES:
            value, label = _REFERENCES[protocol]
            axes.axvline(scale * value, color=INK, linestyle="--", linewidth=1.2, label=label)
            figure.legend(loc="outside lower left")
        return as_svg(figure)
