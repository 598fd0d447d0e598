"""All attacks on one model."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_gans.audit import attacks
from keras_gans.audit.attacks import Candidates
from keras_gans.audit.rates import area_under_curve, found_at

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel

TITLES = {
    "discriminator": "discriminator's score",
    "likelihood": "likelihood",
    "nearest": "nearest sample",
    "calibrated": "nearest sample, calibrated",
    "monte_carlo": "Monte Carlo",
}
# Shares of others that an attacker may take for members.
FALSE_ALARMS = (0.01, 0.001)


def audit(
    model: AdversarialModel,
    members: Candidates,
    others: Candidates,
    generated: np.ndarray,
    reference: np.ndarray | None = None,
    progress: Callable[[str], object] | None = None,
) -> dict[str, Any]:
    """Attack a model: tell samples that it was trained on from others.

    Args:
        model: The model.
        members: Training samples.
        others: As many samples of the same kind that it was not trained on.
        generated: Features of generated samples, float32 `(m, d)`.
        reference: Features of further samples that it was not trained on, none of which is among `others`; None leaves out the
            calibrated attack.
        progress: Is called with a line of text before each attack; or None.

    Returns:
        A dict that JSON can hold: `members` (how many, and as many others), `generated`, `reference`, and `attacks`, a list of
        dicts with `name`, `title`, `auc` (`value`, `low`, `high`) and `rates` (each with `false_alarms`, `value`, `low`,
        `high`). Intervals are of 95 %: DeLong's for the AUC, Clopper and Pearson's for shares.

    Raises:
        ValueError: If there are not as many others as members, or fewer than two.
    """
    if len(members) != len(others) or len(members) < 2:
        raise ValueError(
            f"An audit compares as many members as others, at least two each; received {len(members)} and {len(others)}."
        )
    count = len(members)
    both = _join(members, others)
    scores: dict[str, np.ndarray] = {}

    def tell(name: str) -> None:
        if progress is not None:
            progress(f"attack: {TITLES[name]}")

    if members.samples is not None:
        tell("discriminator")
        scores["discriminator"] = attacks.by_discriminator(model, both)
        if hasattr(model, "token_log_probabilities"):
            tell("likelihood")
            scores["likelihood"] = attacks.by_likelihood(model, both)
    tell("nearest")
    scores["nearest"], _ = attacks.by_nearest(both, generated)
    if reference is not None:
        tell("calibrated")
        scores["calibrated"], _ = attacks.by_nearest_calibrated(scores["nearest"], both, reference)
    tell("monte_carlo")
    scores["monte_carlo"] = attacks.by_monte_carlo(both, generated, float(np.median(-scores["nearest"])))
    return {
        "members": count,
        "generated": len(generated),
        "reference": 0 if reference is None else len(reference),
        "attacks": [_result(name, each[:count], each[count:]) for name, each in scores.items()],
    }


def _result(name: str, members: np.ndarray, others: np.ndarray) -> dict[str, Any]:
    return {
        "name": name,
        "title": TITLES[name],
        "auc": area_under_curve(members, others),
        "rates": [found_at(members, others, share) for share in FALSE_ALARMS],
    }


def _join(one: Candidates, other: Candidates) -> Candidates:
    samples = None if one.samples is None else np.concatenate([one.samples, other.samples])
    conditions = {name: np.concatenate([one.conditions[name], other.conditions[name]]) for name in one.conditions}
    return Candidates(np.concatenate([one.features, other.features]), samples, conditions)
