"""The training samples that a model gives away most, beside what they resemble."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from keras_gans.audit import attacks
from keras_gans.audit.attacks import Candidates
from keras_gans.metrics.neighbours import nearest_neighbours

if TYPE_CHECKING:
    from keras_gans.media import Medium


def exposed(members: Candidates, generated: Candidates, reference: Candidates | None, count: int = 8) -> dict[str, list[int]]:
    """Return the members to which a generated sample is nearest, measured by how near a held-out sample is.

    Args:
        members: Training samples.
        generated: Generated samples.
        reference: Held-out samples; None to rank by the distance alone.
        count: Number of members.

    Returns:
        Positions: `members`, the most exposed first; of each the nearest sample in `generated`, and in `held_out`, which is
        empty without `reference`.
    """
    nearness, nearest = attacks.by_nearest(members, generated.features)
    ranked, others = nearness, np.zeros(0, "int64")
    if reference is not None:
        distances, others = nearest_neighbours(members.features, reference.features)
        # The ratio: copies of simple and of complicated samples rank alike.
        ranked = distances / np.maximum(-nearness, 1e-12)
    order = np.argsort(-ranked, kind="stable")[:count]
    found = {"members": order, "generated": nearest[order], "held_out": others[order] if len(others) else others}
    return {name: [int(position) for position in positions] for name, positions in found.items()}


def draw_exposed(medium: Medium, shown: dict[str, Any], positions: dict[str, list[int]]) -> np.ndarray | None:
    """Draw the most exposed members as a picture: a row has a member, the nearest generated and the nearest held-out sample.

    Args:
        medium: What the samples are.
        shown: Samples by the names of `positions`, as files hold them or floats in [-1, 1].
        positions: The result of `exposed`.

    Returns:
        A uint8 picture `(height, width, channels)`; None for samples that cannot be drawn, such as sentences.
    """
    names = [name for name in ("members", "generated", "held_out") if positions[name]]
    columns = [medium.to_float(np.asarray(shown[name][positions[name]])) for name in names]
    rows = np.stack(columns, axis=1)
    return medium.picture(rows.reshape(-1, *rows.shape[2:]), columns=len(columns))
