"""What to change in a lab to follow a piece of the training doctor's advice."""

from __future__ import annotations

import re
from typing import Any

# Advice names flags of `keras-gans train` or arguments of `compile`: each with what it is called in a lab.
_FLAG = re.compile(
    r"--(?:set=)?(\w+)=([\w.+-]+)|\b(critic_steps)=(\d+)|(discriminator)_optimizer=keras\.optimizers\.Adam\(([\d.e-]+)"
)
_PENALTY = {"penalty": "gradient_penalty", "penalty_weight": 1.0}


def attempt(advice: str) -> dict[str, dict[str, Any]] | None:
    """Return `{"setup", "changes"}`: attributes of `Setup`, and arguments of the command `change`; None if there are none.

    Args:
        advice: An element of a finding's `advice`.
    """
    if advice.startswith("a Lipschitz constraint"):
        return {"setup": {}, "changes": _PENALTY}
    found = _FLAG.search(advice)
    if found is None:
        return None
    name, value = [each for each in found.groups() if each is not None]
    value = value.rstrip(".")
    if name in ("batch_size", "critic_steps"):
        number = int(value)
        return {"setup": {"batch_size": min(number, 1024)}, "changes": {}} if name == "batch_size" else _change(name, number)
    if name == "ema":
        return {"setup": {"ema": float(value)}, "changes": {}}
    if name == "loss":
        return _change("loss", value)
    if name == "learning_rate":
        return {"setup": {}, "changes": {"generator_rate": float(value), "discriminator_rate": float(value)}}
    return _change("discriminator_rate", float(value)) if name == "discriminator" else None


def _change(name: str, value: Any) -> dict[str, dict[str, Any]]:
    return {"setup": {}, "changes": {name: value}}
