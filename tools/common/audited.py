"""What `audit` attacks: candidates, generated samples and their features, by the evaluator of the medium."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from keras_gans.audit import Candidates

    from .subjects import Subject

_WIDTH = 2048  # of the features of sentences
_READ = 1000  # samples at a time


@dataclasses.dataclass(frozen=True)
class Parts:
    """What an audit compares.

    Attributes:
        members: Training samples.
        others: Held-out samples.
        reference: Further held-out samples, which are not candidates.
        generated: Generated samples.
        medium: What the samples are.
        left_out: Number of held-out samples that were left out because they are training samples, too.
    """

    members: Candidates
    others: Candidates
    reference: Candidates
    generated: Candidates
    medium: Any
    left_out: int = 0


def collect(evaluator: Any, model: Any, count: int, seed: int) -> Parts:
    """Return candidates and generated samples.

    Half of the held-out samples are candidates, the other half calibrates; members are as many as the former.

    Args:
        evaluator: An `Evaluator` or a `TextEvaluator`, with held-out samples.
        model: The model.
        count: Number of generated samples.
        seed: Seed of the choice and of the generated samples.

    Raises:
        ValueError: If the held-out samples may have been trained on, or there are too few.
    """
    collect_from = _sentences if evaluator.family == "sentences" else _samples
    real, held_out, generated, training = collect_from(evaluator, model, count, seed)
    unseen = _unseen(training, held_out)
    left_out = len(held_out) - len(unseen)
    if left_out and not len(unseen):
        raise ValueError(
            f"All {left_out:,} held-out samples are training samples, too: give samples that the model was not trained on with "
            "--held_out."
        )
    held_out = held_out.take(unseen)
    size = min(len(real), len(held_out) // 2)
    if size < 2:
        raise ValueError(
            f"There are {len(held_out)} held-out samples: an audit needs at least four, half of which calibrate it. Give more "
            "with --held_out or --num."
        )
    random = np.random.default_rng(seed)
    chosen, order = random.permutation(len(real))[:size], random.permutation(len(held_out))
    return Parts(
        real.take(np.sort(chosen)),
        held_out.take(np.sort(order[:size])),
        held_out.take(np.sort(order[size : 2 * size])),
        generated,
        model.medium,
        left_out,
    )


def _unseen(training: Iterable[np.ndarray], held_out: Candidates) -> np.ndarray:
    """Return the positions of held-out samples that do not occur among the training samples, to the last bit."""
    known = set(map(_digest, training))
    return np.flatnonzero([_digest(sample) not in known for sample in held_out.samples])


def _digest(sample: np.ndarray) -> bytes:
    return hashlib.blake2s(sample.tobytes()).digest()


def _all_samples(evaluator: Any) -> Iterator[np.ndarray]:
    """Yield every training sample as files hold it; of data that do not fit in memory, those that are compared."""
    from keras_gans.evaluation import samples

    if evaluator.data.streamed:
        yield from evaluator.real_samples
        return
    for start in range(0, len(evaluator.data), _READ):
        positions = np.arange(start, min(start + _READ, len(evaluator.data)))
        yield from samples.read(evaluator.data, positions, evaluator.medium)


def _samples(
    evaluator: Any, model: Any, count: int, seed: int
) -> tuple[Candidates, Candidates, Candidates, Iterable[np.ndarray]]:
    """Return real, held-out and generated samples to compare, and all training samples."""
    from keras_gans.audit import Candidates
    from keras_gans.conditions import LABELS

    if evaluator._held_out is None or evaluator._held_out is evaluator.data:
        raise ValueError(
            "An audit needs samples that the model was not trained on, and this data set has no split 'test': give them with "
            "--held_out (a split, folder:PATH or npz:PATH)."
        )
    told = evaluator.conditions_for(model, count)
    evaluator._tell(f"generating {count:,} samples")
    made = np.concatenate(list(map(model.at_data_size, model.generate_batches(count, seed, conditions=told))))
    generated = evaluator.medium.to_file(made)
    real, held_out = evaluator.real_samples, evaluator.held_out_samples
    labels = {LABELS: evaluator.real_labels}, {LABELS: evaluator.held_out_labels}
    taken = set(model.judged_conditions)
    known = [{name: values for name, values in each.items() if name in taken and values is not None} for each in labels]
    if set(known[0]) != taken or set(known[1]) != taken:
        missing = next(iter(taken - (set(known[0]) & set(known[1]))))
        raise ValueError(f"The discriminator takes the {missing} of samples, which the real or the held-out data lack.")
    return (
        Candidates(evaluator._real[1].values, real, known[0], real),
        Candidates(evaluator._held_out_features.values, held_out, known[1], held_out),
        Candidates(evaluator._extract(generated).values, None, {}, generated),
        _all_samples(evaluator),
    )


def _sentences(
    evaluator: Any, model: Any, count: int, seed: int
) -> tuple[Candidates, Candidates, Candidates, Iterable[np.ndarray]]:
    """Return the same of text."""
    from keras_gans.audit import Candidates
    from keras_gans.conditions import CONTEXT, LABELS
    from keras_gans.evaluation.text.splitting import split

    unknown = sorted(set(model.conditions) - {LABELS, CONTEXT})
    if unknown:
        raise ValueError(f"An audit of text models knows labels and contexts, not {unknown[0]}.")
    random = np.random.default_rng(evaluator.seed)
    lines = {"real": evaluator.training, "held out": evaluator.held_out}
    found = []
    for text in lines.values():
        order = random.permutation(len(text.lines))[: evaluator.num]
        chosen = [text.lines[index] for index in order]
        told = {LABELS: np.asarray(text.labels)[order]} if LABELS in model.conditions else {}
        if CONTEXT in model.conditions:
            contexts = [text.contexts[index] for index in order]
            told[CONTEXT] = model.tokenizer.encode_contexts(contexts, model.medium.context_length)[0]
        ids = model.tokenizer.encode(chosen, model.generator.length)[0]
        features = sentence_features(split(chosen, evaluator.measured_by))
        found.append(Candidates(features, ids, told, chosen))
    evaluator._tell(f"generating {count:,} sentences")
    told = evaluator.conditions_for(model, count)
    written = model.write(count, seed, conditions=told)
    generated = Candidates(sentence_features(split(written, evaluator.measured_by)), None, {}, list(written))
    return found[0], found[1], generated, model.tokenizer.encode(evaluator.training.lines, model.generator.length)[0]


def sentence_features(sentences: Iterable[Sequence[str]]) -> np.ndarray:
    """Return how often each word and each pair of neighbours is in a sentence, hashed to 2,048 numbers of norm 1.

    Nothing is learned from the sentences: a vocabulary or a language model of the training text would itself tell them from
    others.
    """
    sentences = list(sentences)
    features = np.zeros((len(sentences), _WIDTH), "float32")
    for row, words in enumerate(sentences):
        for gram in [*zip(words, strict=True), *itertools.pairwise(words)]:
            digest = hashlib.blake2s("\0".join(gram).encode(), digest_size=4).digest()
            features[row, int.from_bytes(digest, "little") % _WIDTH] += 1
    return features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)


def attack(parts: Parts, subject: Subject, evaluator: Any, progress: Callable[[str], object]) -> dict[str, Any]:
    """Return the result of all attacks, with what they compared."""
    from keras_gans.audit import audit

    result = audit(
        subject.model, parts.members, parts.others, parts.generated.features, parts.reference.features, progress=progress
    )
    protocol = (
        evaluator.protocol.to_dict() if hasattr(evaluator.protocol, "to_dict") else dataclasses.asdict(evaluator.protocol)
    )
    features = protocol.get("extractor") or f"counts of {protocol['measured_by']} and of pairs"
    held_out = protocol.get("held_out_dataset") or _name(evaluator._held_out)
    compared = {"dataset": protocol["dataset"], "held_out": held_out, "features": features}
    return {"model": subject.name, **compared, "left_out": parts.left_out, **result}


def _name(data: Any) -> str:
    return data.name if ":" in data.name or not data.split else f"{data.name} ({data.split})"


def most_exposed(parts: Parts, count: int) -> dict[str, list[int]]:
    """Return the positions of the most exposed members, and of what they resemble."""
    from keras_gans.audit import exposed

    return exposed(parts.members, parts.generated, parts.reference, count)


def table(result: dict[str, Any]) -> list[str]:
    """Return the lines of a table of the attacks."""
    rates = [f"found at {rate['false_alarms']:.1%} false alarms" for rate in result["attacks"][0]["rates"]]
    rows = [["attack", "AUC (95 %)", *rates]]
    for each in result["attacks"]:
        auc = each["auc"]
        shares = [f"{rate['value']:.1%} ({rate['low']:.1%} to {rate['high']:.1%})" for rate in each["rates"]]
        rows.append([each["title"], f"{auc['value']:.3f} ({auc['low']:.3f} to {auc['high']:.3f})", *shares])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    left_out = f" ({result['left_out']:,} more are training samples, too, and were left out)" if result["left_out"] else ""
    about = (
        f"{result['model']}: {result['members']:,} training samples of {result['dataset']} against as many of "
        f"{result['held_out']}{left_out}; {result['generated']:,} generated samples, {result['reference']:,} to calibrate, "
        f"features: {result['features']}"
    )
    return [about, "", *lines]


def listing(parts: Parts, positions: dict[str, list[int]]) -> list[str]:
    """Return the most exposed sentences beside what they resemble; none for other samples."""
    if not isinstance(parts.members.shown, list):
        return []
    lines = ["The most exposed training sentences:"]
    for member, made, other in zip(positions["members"], positions["generated"], positions["held_out"], strict=True):
        lines += [
            f"  training:  {parts.members.shown[member]}",
            f"  generated: {parts.generated.shown[made]}",
            f"  held out:  {parts.reference.shown[other]}",
            "",
        ]
    return lines[:-1]


def write_picture(path: Path, parts: Parts, positions: dict[str, list[int]]) -> None:
    """Write the picture of the most exposed members.

    Raises:
        ValueError: If the samples cannot be drawn.
    """
    from keras_gans.audit import draw_exposed
    from keras_gans.files import replacing
    from keras_gans.media.pictures import as_pillow

    if isinstance(parts.members.shown, list):
        raise ValueError("Sentences cannot be drawn: leave --picture out, and see the lines that are printed.")
    shown = {"members": parts.members.shown, "generated": parts.generated.shown, "held_out": parts.reference.shown}
    picture = draw_exposed(parts.medium, shown, positions)
    if picture is None:
        raise ValueError(f"{parts.medium.name.capitalize()} cannot be drawn: leave --picture out.")
    with replacing(path) as temporary:
        as_pillow(picture).save(temporary, format="PNG")
