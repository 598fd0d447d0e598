"""Results in words and in tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keras_gans.study.protocols import find_protocol

# Protocol -> heading of the score, and what it means.
SCORES = {
    "real_or_generated": (
        "HYPE score",
        "The share of images, real and generated, that were answered wrongly. 50 % means that raters cannot tell them apart, "
        "more that generated images look more real than real ones.",
    ),
    "timed": (
        "HYPE-time threshold",
        "The exposure that raters need to be right: the longer, the better the model.",
    ),
    "a_or_b": (
        "Bradley-Terry score",
        "The logarithm of the odds with which a source is preferred, compared with the mean of all. A source that is ahead by "
        "1.1 is preferred in three of four comparisons.",
    ),
    "opinion": ("Mean opinion score", "The mean rating from 1 (bad) to 5 (excellent), rater by rater."),
    "likert": (
        "Mean agreement",
        "The mean rating from 1 (strongly disagree) to 5 (strongly agree), rater by rater. HUSE is twice the error of telling "
        "a model's sentences from real ones by their ratings and by how probable the model finds them: 1 if that is "
        "impossible. Quality is the same by ratings alone; diversity is what the probabilities take away from 1.",
    ),
}


def number(value: float | None, protocol: str) -> str:
    """Return a score in words."""
    if value is None:
        return "-"
    if protocol == "real_or_generated":
        return f"{100 * value:.1f} %"
    if protocol == "timed":
        return f"{value:.0f} ms"
    return f"{value:+.2f}" if protocol == "a_or_b" else f"{value:.2f}"


def interval(ends: Any, protocol: str) -> str:
    """Return an interval in words; an empty string for None."""
    return "" if ends is None else f"[{number(ends[0], protocol)}, {number(ends[1], protocol)}]"


def protocol_in_words(protocol: Mapping[str, Any]) -> str:
    """Return what was done, in sentences."""
    name, chosen = protocol["protocol"], find_protocol(protocol["protocol"])
    trials = protocol["trials"]
    who = "saw samples of one model" if chosen.between else "saw samples of all models"
    sentences = [
        f'Raters were asked "{protocol["question"]}" ({name}).',
        f"Each {who} in {trials} trials that count, drawn from {protocol['pool']} of each source with seed {protocol['seed']}.",
    ]
    if chosen.is_binary:
        sentences.append("Half of the images were real, which raters knew.")
    if name == "real_or_generated":
        sentences.append("There was no time limit (HYPE-infinity).")
    if name == "timed":
        stairs = protocol["staircase"]
        sentences.append(
            f"Exposures began at {stairs['start']} ms and changed by {stairs['right']:+} ms after a right and "
            f"{stairs['wrong']:+} ms after a wrong answer, between {stairs['least']} and {stairs['most']} ms, in blocks of "
            f"{stairs['block']}; four masks followed. A rater's threshold is the mean over blocks of the commonest exposure."
        )
    if name == "a_or_b":
        sentences.append("Pairs and sides were drawn at random. Ties count as half a win for both.")
    if protocol["qualification"]:
        sentences.append(
            f"A qualification of {protocol['qualification']} images came first: at least 65 % right on real and on generated."
        )
    sentences.append(
        f"{protocol['golds']} trials with an obvious answer and {protocol['repeats']} repetitions, mixed in, do not count."
    )
    sentences.append("Intervals have 95 % confidence, by a bootstrap that draws raters.")
    sentences.append(f"Real data: {protocol['dataset'] or 'not named'}.")
    return " ".join(sentences)


def table(results: Mapping[str, Any]) -> str:
    """Return the results as text."""
    protocol = results["protocol"]["protocol"]
    heading = SCORES[protocol][0]
    rows = [("", heading, "95 % interval", *_MORE.get(protocol, {}), "Raters", "Answers")]
    rows += [
        (
            row["name"],
            number(row["score"], protocol),
            interval(row["interval"], protocol),
            *cells(row, protocol).values(),
            str(row["raters"]),
            f"{row['answers']:g}",
        )
        for row in results["scores"]
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines += [
        f"{each['of']} - {each['minus']}: {number(each['score'], protocol)} {interval(each['interval'], protocol)}"
        for each in results["differences"]
    ]
    lines.append(f"{results['counted']} of {len(results['raters'])} raters count.")
    lines += [f"Left out: rater {rater} {', '.join(reasons)}." for rater, reasons in results["left_out"].items()]
    return "\n".join(lines)


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f} %"


def _decimal(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


# Further columns of a table: heading -> what a row shows.
_MORE: dict[str, dict[str, Any]] = {
    "real_or_generated": {
        "Wrong on generated": lambda row: _percent(row["fake_error"]),
        "Wrong on real": lambda row: _percent(row["real_error"]),
        "d'": lambda row: _decimal(row.get("d_prime")),
    },
    "timed": {
        "Right": lambda row: _percent(row["right"]),
        "Exposures off by over a frame": lambda row: _percent(row["missed_exposures"]),
    },
    "a_or_b": {"Preferred in": lambda row: _percent(row["preferred"])},
    "opinion": {"Deviation": lambda row: _decimal(row["deviation"])},
    "likert": {
        "Deviation": lambda row: _decimal(row["deviation"]),
        "HUSE": lambda row: _decimal(row.get("huse")),
        "Quality": lambda row: _decimal(row.get("huse_q")),
        "Diversity": lambda row: _decimal(row.get("huse_d")),
    },
}


def cells(row: Mapping[str, Any], protocol: str) -> dict[str, str]:
    """Return the further columns of a row of results."""
    return {heading: cell(row) for heading, cell in _MORE.get(protocol, {}).items()}
