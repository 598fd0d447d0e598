"""Makes a study: draws items of models and of real data, and encodes them alike."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from keras_gans._typing import PathLike
from keras_gans.errors import check_count
from keras_gans.files import refuse_existing, replacing, write_json
from keras_gans.media import Medium
from keras_gans.study.encoding import SUFFIXES, encode, scramble, spoil
from keras_gans.study.folder import DESCRIPTION, MEDIA, Item, Study
from keras_gans.study.plan import SPOILED
from keras_gans.study.protocols import REAL, STAIRCASES, Protocol, Staircase, find_protocol

_MASKS = 4  # after an image of the timed protocol: HYPE, section 3
_PRACTICE = 6  # trials
_SPOILED = 12  # samples that are spoiled for gold trials
_BREAK_EVERY = 50
CONSENT = """You take part in a study of how samples of generative models compare with real ones. It takes about {minutes} \
minutes.

Your answers are stored with the time that they took. Your name, address and e-mail are not asked for. The name by which \
you were invited is stored as a code alone.

You may stop at any time by closing this page, and go on later in the same browser."""
# What people who are sensitive to flicker must know about the timed protocol.
FLICKER = "Images appear for a moment and are followed by flickering patterns. Do not take part if flicker can harm you."


def create_study(
    folder: PathLike,
    models: Mapping[str, Any],
    real: Any,
    *,
    medium: Medium,
    protocol: str = "real_or_generated",
    dataset: str = "",
    num: int = 200,
    seed: int = 0,
    qualify_on: Mapping[str, Any] | None = None,
    overwrite: bool = False,
    staircase: str | Staircase = "balanced",
    consent: str | None = None,
    question: str | None = None,
    completion_code: str | None = None,
    **counts: int,
) -> Study:
    """Draw the items of a study and write its folder.

    Args:
        folder: The folder to write.
        models: What is studied, by name: each an `AdversarialModel`, an array of samples as models generate or files hold
            them, or a list of sentences.
        real: Real samples: a `Data`, an array, or a list of sentences.
        medium: The medium of all samples.
        protocol: A key of `PROTOCOLS`.
        dataset: Name of the real data, for the report.
        num: Number of items of each model, and of real ones, to draw trials from.
        seed: Seed of items and trials; each has numbers of its own.
        qualify_on: Easy models for the qualification, as `models`. None for no qualification.
        overwrite: Whether to replace a study that exists.
        staircase: How exposures of the protocol `timed` change: a key of `STAIRCASES`, or a `Staircase`.
        consent: What participants read before they begin; None for a text that says what is stored.
        question: What raters are asked; None for the protocol's question.
        completion_code: Code that all participants get at the end; None for one of each.
        **counts: For each participant: `trials`, `golds`, `repeats` (defaults: the protocol's), `practice` (6), `qualification`
            (100 if there is `qualify_on`), `break_every` (50).

    Returns:
        The study.

    Raises:
        ValueError: If samples are too few, have another shape, or cannot be shown by this protocol.
        FileExistsError: If the folder exists and `overwrite` is false.
    """
    refuse_existing(folder, overwrite)
    chosen, qualify_on = find_protocol(protocol), qualify_on or {}
    check_count("num", num)
    _check_names(chosen, medium, models, qualify_on)
    settled = _counts(chosen, qualify_on, counts)
    rng = np.random.default_rng([seed, 2])
    needed = _needed(chosen, settled, num, len(qualify_on))
    taken = iter(_split(_draw(REAL, real, medium, sum(needed.values()), seed), list(needed.values())))
    parts = dict(zip(needed, taken, strict=True))
    drawn: list[tuple[str, str, Any]] = [(REAL, "pool", parts["pool"])]
    half = settled["practice"] - settled["practice"] // 2
    for number, (name, samples) in enumerate(models.items()):
        share = _share(half, number, len(models)) if chosen.is_binary else 0
        own = _draw(name, samples, medium, num + share, seed)
        pool, practice = _split(own, [num, share])
        drawn += [(name, "pool", pool), (name, "practice", practice)]
    fakes = settled["qualification"] // 2
    for number, (name, samples) in enumerate(qualify_on.items()):
        drawn.append((name, "qualification", _draw(name, samples, medium, _share(fakes, number, len(qualify_on)), seed)))
    drawn += [(REAL, "practice", parts["practice"]), (REAL, "qualification", parts["qualification"])]
    if not chosen.is_binary and settled["practice"]:
        drawn.append((SPOILED, "practice", spoil(medium, parts["spoiled_practice"], rng)))
    if settled["golds"]:
        drawn.append((SPOILED, "gold", spoil(medium, parts["gold"], rng)))
        drawn += [(REAL, "gold", parts["gold_real"])] if chosen.is_pair else []
    encoded = [(source, role, content) for source, role, part in drawn for content in _encode_all(medium, part)]
    _check_alike(medium, drawn)
    if chosen.name == "timed":
        encoded += [(REAL, "mask", content) for content in _masks(medium, parts["pool"], rng)]
    order = rng.permutation(len(encoded))
    names = _names(len(encoded), rng)
    logs = _log_probabilities(models, encoded) if medium.name == "text" else {}
    items = [_item(name, encoded[index], medium, logs.get(int(index))) for name, index in zip(names, order, strict=True)]
    study = Study(
        protocol=chosen,
        models=tuple(models),
        dataset=dataset,
        medium=medium.name,
        seed=seed,
        items=tuple(items),
        staircase=STAIRCASES[staircase] if isinstance(staircase, str) else staircase,
        question=question or chosen.question,
        consent="",
        completion_code=completion_code,
        folder=Path(folder),
        **settled,
    )
    study = dataclasses.replace(study, consent=consent or _consent(study))
    _write(study, {name: encoded[index][2] for name, index in zip(names, order, strict=True)})
    return study


def _check_names(protocol: Protocol, medium: Medium, models: Mapping[str, Any], qualify_on: Mapping[str, Any]) -> None:
    if medium.name not in protocol.media:
        raise ValueError(
            f"The protocol {protocol.name} is for {' and '.join(protocol.media)}; these samples are {medium.name}."
        )
    if not models:
        raise ValueError("A study needs at least one model, or samples of one.")
    if taken := {REAL, SPOILED} & {*models, *qualify_on}:
        raise ValueError(f"A model must not be named '{taken.pop()}': that is what other items are called.")
    if both := set(models) & set(qualify_on):
        raise ValueError(f"{both.pop()} is studied: a qualification needs other samples, easy to tell from real ones.")
    if qualify_on and not protocol.is_binary:
        raise ValueError(f"Only real_or_generated and timed have a qualification; this study is {protocol.name}.")


def _counts(protocol: Protocol, qualify_on: Mapping[str, Any], given: Mapping[str, int]) -> dict[str, int]:
    """Return the numbers of trials."""
    settled = {
        "trials": protocol.trials,
        "golds": protocol.golds,
        "repeats": protocol.repeats,
        "practice": _PRACTICE,
        "qualification": 100 if qualify_on else 0,
        "break_every": _BREAK_EVERY,
    }
    if unknown := set(given) - set(settled):
        raise ValueError(f"A study has no {unknown.pop()}; numbers of trials are: {', '.join(settled)}.")
    for name, value in given.items():
        settled[name] = check_count(name, value, 1 if name in ("trials", "break_every") else 0)
    if settled["qualification"] and not qualify_on:
        raise ValueError("A qualification needs samples that are easy to tell from real ones: give them with qualify_on.")
    if not settled["qualification"] and qualify_on:
        raise ValueError("qualify_on is for a qualification, whose number of trials is 0.")
    return settled


def _needed(protocol: Protocol, settled: Mapping[str, int], num: int, qualifies: int) -> dict[str, int]:
    """Return how many real samples are needed, by what for."""
    practice, golds = settled["practice"], min(settled["golds"], _SPOILED)
    return {
        "pool": num,
        "practice": practice // 2 if protocol.is_binary else practice,
        "spoiled_practice": 0 if protocol.is_binary else practice,
        "qualification": settled["qualification"] - settled["qualification"] // 2 if qualifies else 0,
        "gold": golds,
        "gold_real": golds if protocol.is_pair else 0,
    }


def _share(count: int, number: int, of: int) -> int:
    """Return the part of a count that falls to one of several."""
    return count // of + (number < count % of)


def _split(samples: Any, counts: Sequence[int]) -> list[Any]:
    ends = np.cumsum([0, *counts]).tolist()
    return [samples[start:end] for start, end in itertools.pairwise(ends)]


def _draw(name: str, samples: Any, medium: Medium, count: int, seed: int) -> Any:
    """Return so many samples as files hold them, drawn by the seed and without replacement."""
    if hasattr(samples, "generate_batches"):
        if medium.name == "text":
            return samples.write(count, seed=seed, conditions=samples.conditions_for(count)) if count else []
        if not count:
            return medium.to_file(np.zeros((0, *medium.sample_shape), "float32"))
        generated = samples.generate(count, seed=seed, conditions=samples.conditions_for(count))
        return medium.to_file(np.asarray(samples.at_data_size(generated)))
    if len(samples) < count:
        raise ValueError(f"{name} has {len(samples):,} samples; {count:,} are needed. Give more, or fewer items (num).")
    chosen = np.random.default_rng([seed, 1]).permutation(len(samples))[:count]
    if medium.name == "text" and isinstance(samples, Sequence):
        return [samples[index] for index in chosen]
    if hasattr(samples, "source"):
        found = samples.source.read(np.sort(chosen))[0]
        found = np.asarray(found)[np.argsort(np.argsort(chosen))]
        return medium.to_file(found)
    return medium.to_file(np.asarray(samples)[chosen])


def _encode_all(medium: Medium, samples: Any) -> list[bytes]:
    return encode(medium, samples) if len(samples) else []


def _check_alike(medium: Medium, drawn: Sequence[tuple[str, str, Any]]) -> None:
    """Refuse samples that can be told apart by their size."""
    if medium.name == "text":
        return
    shapes = {source: np.shape(part)[1:] for source, _, part in drawn if len(part)}
    real = shapes[REAL]
    for source, shape in shapes.items():
        if shape != real and source != SPOILED:
            raise ValueError(f"Samples of {source} have the shape {shape}, real ones {real}: raters could tell them by that.")


def _masks(medium: Medium, samples: Any, rng: np.random.Generator) -> list[bytes]:
    """Return images that hide the afterimage: real ones whose small tiles change places."""
    chosen = rng.permutation(len(samples))[:_MASKS]
    return encode(medium, np.stack([scramble(medium.tiles(samples[[index]])[0], rng, tiles=32) for index in chosen]))


def _names(count: int, rng: np.random.Generator) -> list[str]:
    """Return sorted names that tell nothing, no two of them alike."""
    found: set[str] = set()
    while len(found) < count:
        found |= {rng.bytes(8).hex() for _ in range(count - len(found))}
    return sorted(found)


def _item(name: str, encoded: tuple[str, str, bytes], medium: Medium, logs: Mapping[str, float] | None) -> Item:
    source, role, content = encoded
    text = content.decode() if medium.name == "text" else None
    return Item(name, source, role, hashlib.sha256(content).hexdigest(), text, logs)


def _log_probabilities(models: Mapping[str, Any], encoded: Sequence[tuple[str, str, bytes]]) -> dict[int, dict[str, float]]:
    """Return how probable models find their own sentences and real ones, by place: see `huse`."""
    found: dict[int, dict[str, float]] = {}
    for name, model in models.items():
        # What a sentence was asked for is not known of real ones.
        if not hasattr(model, "token_log_probabilities") or model.conditional:
            continue
        places = [place for place, (source, role, _) in enumerate(encoded) if role == "pool" and source in (REAL, name)]
        lines = [encoded[place][2].decode() for place in places]
        logs, counted = model.token_log_probabilities(model.tokenizer.encode(lines, model.sample_shape[0])[0])
        for place, mean in zip(places, (logs * counted).sum(axis=1) / counted.sum(axis=1), strict=True):
            found.setdefault(place, {})[name] = float(mean)
    return found


_SECONDS = {"real_or_generated": 4, "timed": 6, "a_or_b": 5, "opinion": 10, "likert": 8}  # of a trial, about


def _consent(study: Study) -> str:
    trials = study.trials + study.golds + study.repeats + study.practice + study.qualification
    text = CONSENT.format(minutes=max(2, math.ceil(trials * _SECONDS[study.protocol.name] / 60)))
    return f"{text}\n\n{FLICKER}" if study.protocol.name == "timed" else text


def _write(study: Study, contents: Mapping[str, bytes]) -> None:
    assert study.folder is not None
    with replacing(study.folder) as temporary:
        (temporary / MEDIA).mkdir(parents=True)
        for item in study.items:
            if item.text is None:
                path = temporary / MEDIA / (item.name + SUFFIXES[study.medium])
                path.write_bytes(contents[item.name])
                os.utime(path, (0, 0))  # the time of a file would tell its place
        write_json(temporary / DESCRIPTION, study.to_dict())
