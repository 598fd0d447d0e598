"""Asks people about samples: makes a study, serves its page, reports its results, and simulates raters.

    keras-gans study create faces runs/a/best runs/b/best --dataset=folder:faces --num=200
    keras-gans study serve faces                          the page: http://127.0.0.1:8600/?participant=NAME
    keras-gans study report faces --html=faces.html       scores with intervals, and what the raters were like
    keras-gans study simulate --raters=30 --items=100 --scores=0.40,0.45

`create` draws items from models (presets, run folders, or folders and files of samples) and from real data, encodes all alike,
and writes them to a folder. `--protocol` is one of:

    real_or_generated   images without a time limit, as HYPE-infinity (the default)
    timed               images for a moment, as HYPE-time
    a_or_b              two images, of which one is preferred; real images take part
    opinion             sounds, from bad to excellent (mean opinion score)
    likert              sentences, from strong disagreement to strong agreement

`serve` stores answers in the folder; it may be stopped at any time. It listens on 127.0.0.1: to invite others, give --host and
--allowed_hosts, or put a server with TLS in front of it. `simulate` says how wide intervals will be, and how many raters are
needed to tell models apart. See docs/study.md.
"""

from __future__ import annotations

import importlib.util
import json
import logging
from typing import TYPE_CHECKING, Any

from absl import flags

from keras_gans import errors
from keras_gans.serving.settings import Settings
from keras_gans.study.protocols import PROTOCOLS, STAIRCASES, find_protocol

from .common import program

if TYPE_CHECKING:
    from keras_gans.media import Medium

    from .common.subjects import Subject

_PROTOCOL = flags.DEFINE_enum("protocol", "real_or_generated", list(PROTOCOLS), "How people are asked.")
_DATASET = flags.DEFINE_string("dataset", None, "create: real samples, such as mnist, folder:PATH, wav:PATH or text:PATH.")
_SPLIT = flags.DEFINE_string("split", None, "create: split of the real samples (default: train, all of a text).")
_NUM = flags.DEFINE_integer("num", 200, "create: items of each model, and of real ones, to draw trials from.", lower_bound=1)
_SEED = flags.DEFINE_integer("seed", 0, "create, simulate: seed of items, trials and raters.", lower_bound=0)
_TRIALS = flags.DEFINE_integer("trials", None, "create: trials of a participant that count.", lower_bound=1)
_GOLDS = flags.DEFINE_integer("golds", None, "create: trials with an obvious answer.", lower_bound=0)
_REPEATS = flags.DEFINE_integer("repeats", None, "create: trials that are shown twice.", lower_bound=0)
_PRACTICE = flags.DEFINE_integer("practice", None, "create: trials with feedback at the beginning.", lower_bound=0)
_QUALIFY_ON = flags.DEFINE_list(
    "qualify_on", [], "create: models or samples that are easy to tell from real ones, for a qualification (default: none)."
)
_QUALIFICATION = flags.DEFINE_integer("qualification", None, "create: trials of the qualification (100).", lower_bound=2)
_STAIRCASE = flags.DEFINE_enum(
    "staircase", "balanced", list(STAIRCASES), "create: how exposures of `timed` follow the answers."
)
_QUESTION = flags.DEFINE_string("question", None, "create: another question than the protocol's.")
_CONSENT = flags.DEFINE_string("consent", None, "create: a text file that participants read before they begin.")
_CODE = flags.DEFINE_string("completion_code", None, "create: code that all get at the end (default: one of each).")
_OVERWRITE = flags.DEFINE_boolean("overwrite", False, "create: replace a study that exists, with its answers.")
_HOST = flags.DEFINE_string("host", Settings.host, "serve: address to listen on; 0.0.0.0 accepts other machines.")
_PORT = flags.DEFINE_integer("port", 8600, "serve: port; 0 picks a free one.", lower_bound=0, upper_bound=65535)
_ALLOWED_HOSTS = flags.DEFINE_list("allowed_hosts", [], "serve: more names, separated by commas, that `Host` may have.")
_HTML = flags.DEFINE_string("html", None, "report: write the results to this page (needs the extra reports).")
_CSV = flags.DEFINE_string("csv", None, "report: write all answers to this file.")
_JSON = flags.DEFINE_boolean("json", False, "report, simulate: print JSON.")
_RATERS = flags.DEFINE_integer("raters", 30, "simulate: raters of a study.", lower_bound=2)
_ITEMS = flags.DEFINE_integer("items", None, "simulate: trials of each rater (default: the protocol's).", lower_bound=1)
_SCORES = flags.DEFINE_list(
    "scores", None, "simulate: the true score of each model: shares of errors, milliseconds, ratings, or logarithms of odds."
)
_CORRELATION = flags.DEFINE_float(
    "correlation", 0.02, "simulate: correlation of answers of one rater.", lower_bound=0.0, upper_bound=0.9
)
_CARELESS = flags.DEFINE_float("careless", 0.0, "simulate: share of raters who guess.", lower_bound=0.0, upper_bound=1.0)
_STUDIES = flags.DEFINE_integer("studies", 50, "simulate: number of studies.", lower_bound=1)

GROUPS = {
    "All": ["protocol", "seed", "json"],
    "Create": [
        *("dataset", "split", "num", "trials", "golds", "repeats", "practice", "qualify_on", "qualification", "staircase"),
        *("question", "consent", "completion_code", "overwrite"),
    ],
    "Serve": ["host", "port", "allowed_hosts"],
    "Report": ["html", "csv"],
    "Simulate": ["raters", "items", "scores", "correlation", "careless", "studies"],
}


def main(arguments: list[str]) -> None:
    """Run the action that the first argument names."""
    if not arguments:
        raise ValueError(f"an action is needed: {', '.join(_ACTIONS)}.")
    action, *rest = arguments
    if action not in _ACTIONS:
        raise ValueError(errors.no_such("action", action, list(_ACTIONS)))
    _ACTIONS[action](rest)


# Create


def _create(arguments: list[str]) -> None:
    if len(arguments) < 2:
        raise ValueError("create needs a folder and at least one model: keras-gans study create FOLDER MODEL --dataset=SOURCE.")
    folder, *names = arguments
    if _DATASET.value is None:
        raise ValueError("--dataset is missing: give the real samples, such as --dataset=mnist or folder:PATH.")
    if len(set(names)) < len(names):
        raise ValueError("Each model can be given once.")
    from keras_gans.files import refuse_existing

    refuse_existing(folder, _OVERWRITE.value)
    program.import_keras()
    from keras_gans.study import create_study

    from .common.subjects import find_subject

    subjects = {name: find_subject(name) for name in names}
    easy = {name: find_subject(name) for name in _QUALIFY_ON.value}
    medium, real = _real([*subjects.values(), *easy.values()])
    given = {flag.name: flag.value for flag in (_TRIALS, _GOLDS, _REPEATS, _PRACTICE, _QUALIFICATION) if flag.value is not None}
    study = create_study(
        folder,
        _samples(subjects),
        real,
        medium=medium,
        protocol=_PROTOCOL.value,
        dataset=_DATASET.value,
        num=_NUM.value,
        seed=_SEED.value,
        qualify_on=_samples(easy),
        overwrite=_OVERWRITE.value,
        staircase=_STAIRCASE.value,
        consent=_read_text(_CONSENT.value),
        question=_QUESTION.value,
        completion_code=_CODE.value,
        **given,
    )
    print(f"Wrote {folder}: {len(study.items):,} items. Each participant has {study.trials} trials that count.")
    print(f"Serve it with keras-gans study serve {folder}")


def _samples(subjects: dict[str, Subject]) -> dict[str, Any]:
    return {name: subject.samples if subject.model is None else subject.model for name, subject in subjects.items()}


def _real(subjects: list[Subject]) -> tuple[Medium, Any]:
    """Return the medium of all samples, and the real ones in it."""
    from keras_gans.data import load_data
    from keras_gans.data.registry import find_loader

    first = next((subject for subject in subjects if subject.model is not None), subjects[0])
    medium, source = first.medium, _DATASET.value
    assert source is not None
    if medium.name != find_protocol(_PROTOCOL.value).media[0]:
        return medium, None  # which create_study refuses
    if medium.name == "text":
        return medium, _real_sentences(first, source)
    loader = find_loader(source)
    options = {name: value for name, value in medium.source_options().items() if name in getattr(loader, "options", ())}
    data = load_data(source, medium.image_shape, _SPLIT.value or "train", **options)
    for subject in subjects:
        if subject.model is not None:
            subject.model.complete(data)
    return medium, data


def _real_sentences(subject: Subject, source: str) -> list[str]:
    """Return real sentences as the model would spell them: unknown words, case and spaces would give them away."""
    from keras_gans.data.text import read_sentences

    kind, _, path = source.partition(":")
    if kind != "text":
        raise ValueError(f"--dataset={source} does not hold sentences: give text:PATH.")
    lines = read_sentences(path, _SPLIT.value or "all").lines
    tokenizer = getattr(subject.medium, "tokenizer", None)
    if tokenizer is None:
        return lines
    return tokenizer.decode(tokenizer.encode(lines, subject.shape[0])[0])


def _read_text(path: str | None) -> str | None:
    if path is None:
        return None
    with open(path, encoding="utf-8") as file:
        return file.read().strip()


# Serve


def _serve(arguments: list[str]) -> None:
    folder = program.one_argument(arguments, "folder of a study")
    missing = [name for name in ("starlette", "uvicorn", "httptools", "orjson") if importlib.util.find_spec(name) is None]
    if missing:
        raise ImportError(f"{', '.join(missing)} missing: install the extra, pip install 'keras-gans[serve]'.")
    logging.basicConfig(format="%(asctime)s %(message)s", datefmt="%H:%M:%S", level=logging.WARNING)
    from keras_gans.study.server import serve_study

    serve_study(folder, _HOST.value, _PORT.value, _ALLOWED_HOSTS.value, _announce)


def _announce(url: str) -> None:
    print(f"Serving the study at {url}?participant=NAME ; Ctrl-C ends it.", flush=True)


# Report


def _report(arguments: list[str]) -> None:
    folder = program.one_argument(arguments, "folder of a study")
    if _HTML.value:
        from keras_gans.evaluation.report.extra import import_extra

        import_extra("jinja2", "matplotlib")
    from keras_gans.study import read_results, write_csv, write_report
    from keras_gans.study.wording import protocol_in_words, table

    results, answers, codes = read_results(folder)
    if _CSV.value:
        write_csv(_CSV.value, answers, codes)
    if _HTML.value:
        write_report(_HTML.value, results, folder)
    if _JSON.value:
        print(json.dumps(results, indent=2))
    else:
        print(f"{protocol_in_words(results['protocol'])}\n\n{table(results)}")


# Simulate

_EXAMPLES = {
    "real_or_generated": (0.4, 0.45),
    "timed": (300.0, 350.0),
    "a_or_b": (-1.0, -0.5),
    "opinion": (3.0, 3.2),
    "likert": (3.0, 3.2),
}


def _simulate(arguments: list[str]) -> None:
    if arguments:
        raise ValueError(f"simulate takes flags alone; {arguments[0]} was given.")
    from keras_gans.study import Truth, simulate_studies

    protocol = find_protocol(_PROTOCOL.value)
    scores = _EXAMPLES[protocol.name] if _SCORES.value is None else tuple(_number(score) for score in _SCORES.value)
    if protocol.name == "real_or_generated" and any(not 0 < score < 1 for score in scores):
        raise ValueError("--scores must be shares of errors between 0 and 1, such as 0.40,0.45.")
    truth = Truth(scores, _CORRELATION.value, _CARELESS.value)
    trials = protocol.trials if _ITEMS.value is None else _ITEMS.value
    raters = _RATERS.value * (len(scores) if protocol.between else 1)
    found = simulate_studies(protocol.name, truth, raters, trials, _STUDIES.value, _SEED.value)
    found["needed"] = _needed(protocol.name, scores, trials)
    if _JSON.value:
        print(json.dumps({"protocol": protocol.name, "scores": scores, "raters": raters, "trials": trials, **found}, indent=2))
        return
    print(_described(protocol.name, found, scores, trials))


def _needed(protocol: str, scores: tuple[float, ...], trials: int) -> dict[str, int]:
    """Return closed-form answers to "how many", for the first two models."""
    from keras_gans import study

    if protocol == "real_or_generated" and len(scores) > 1 and scores[0] != scores[1]:
        return {"raters_of_each_model": study.raters_to_distinguish(scores[0], scores[1], trials, _CORRELATION.value)}
    if protocol == "a_or_b" and len(scores) > 1 and scores[0] != scores[1]:
        import math

        return {"independent_pairs": study.pairs_to_distinguish(1 / (1 + math.exp(scores[1] - scores[0])))}
    if PROTOCOLS[protocol].is_rating:
        return {"votes_for_0.2": study.votes_for_width(0.2), "votes_for_0.1": study.votes_for_width(0.1)}
    return {}


def _described(protocol: str, found: dict[str, Any], scores: tuple[float, ...], trials: int) -> str:
    from keras_gans.study.wording import number

    of_each = " of each model" if PROTOCOLS[protocol].between and len(scores) > 1 else ""
    width = number(found["half_width"], protocol).lstrip("+")
    lines = [
        f"{_STUDIES.value} simulated studies ({protocol}): {_RATERS.value} raters{of_each}, {trials} trials each.",
        f"95 % interval: +- {width} on average; {100 * found['coverage']:.0f} % of the intervals hold the true score.",
    ]
    if found["told_apart"] is not None:
        pair = " and ".join(number(score, protocol) for score in scores[:2])
        lines.append(f"Models of {pair} are told apart in {100 * found['told_apart']:.0f} % of the studies.")
    words = {
        "raters_of_each_model": "Needed to tell them apart in 80 % of the studies: {:,} raters of each model.",
        "independent_pairs": "Needed to tell them apart in 80 % of the studies: {:,} comparisons of these two.",
        "votes_for_0.2": "Independent votes for +- 0.2 at a standard deviation of 1: {:,}.",
        "votes_for_0.1": "Independent votes for +- 0.1: {:,}.",
    }
    lines += [words[name].format(value) for name, value in found["needed"].items()]
    if found["left_out"]:
        lines.append(f"Raters left out: {100 * found['left_out']:.1f} %.")
    return "\n".join(lines)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise ValueError(f"--scores must be numbers separated by commas; received '{text}'.") from error


_ACTIONS = {"create": _create, "serve": _serve, "report": _report, "simulate": _simulate}


if __name__ == "__main__":
    program.run(main)
