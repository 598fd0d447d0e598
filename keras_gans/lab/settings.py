"""What a lab trains, and the commands that its page sends. Nothing here imports Keras: the server checks with it, too."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

from keras_gans.errors import check_count, no_such

# Models on the page, with arguments for points. Rates are constant, so that they can be changed, and samples come from the
# generator itself. The other numbers are those of `keras-gans benchmark modes`.
MODELS: dict[str, dict[str, Any]] = {
    "gan": {"width": 64, "learning_rate": 3e-4},
    "wgan": {"width": 64, "learning_rate": 1e-3, "critic_steps": 2, "thorough": 5, "clip": 0.1},
    "wgan_gp": {"width": 32, "learning_rate": 2e-3, "critic_steps": 2, "penalty_weight": 0.1},
    "r3gan": {"width": 16, "learning_rate": 3e-3, "gamma": 0.05, "ema": None},
}
DRAWN = "drawn"
DATA = ("ring", "grid", "blobs", "lines", DRAWN)
LOSSES = ("hinge", "least_squares", "minimax", "non_saturating", "relativistic", "relativistic_average", "wasserstein")
PENALTIES = ("none", "gradient_penalty", "dragan", "r1", "r2", "r1+r2")
NETWORKS = ("both", "discriminator", "generator")
RUNS = (0, 1)  # the first one, and the one beside it
MOST_DRAWN = 4096  # points
_LARGEST_SEED = 2**31 - 1
_MOST_STEPS = 10**9


@dataclasses.dataclass(frozen=True)
class Setup:
    """What is fixed while a lab trains.

    Attributes:
        model: Registered name of a model that makes points.
        data: One of `DATA`.
        seed: Integer seed of initial weights, training noise and the order of the data, from 0 to 2^31 - 1.
        batch_size: Points per training step, from 2 to 1,024.
        latent_dim: Length of a latent vector, from 1 to 256.
        ema: Decay of the generator's moving average, below 1, from which samples then come; 0 for samples of the generator
            itself.
        points: Drawn points, pairs of numbers in [-1, 1]; empty unless `data` is `"drawn"`.

    Raises:
        ValueError: If a value is out of range.
    """

    model: str = "gan"
    data: str = "ring"
    seed: int = 0
    batch_size: int = 128
    latent_dim: int = 2
    ema: float = 0.0
    points: Sequence[Sequence[float]] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.model, str) or not self.model.isidentifier():
            raise ValueError(no_such("model for points", str(self.model)[:50], list(MODELS)))
        if self.data not in DATA:
            raise ValueError(no_such("data of the lab", str(self.data)[:50], list(DATA)))
        for name, least, most in (("seed", 0, _LARGEST_SEED), ("batch_size", 2, 1024), ("latent_dim", 1, 256)):
            if check_count(name, getattr(self, name), least) > most:
                raise ValueError(f"{name} must be at most {most:,}; received {getattr(self, name):,}.")
        _number(0, 0.99999)("ema", self.ema)
        if (self.data == DRAWN) != bool(self.points):
            raise ValueError("Drawn points and data='drawn' go together: draw at least two points.")
        if self.points:
            _check_points(self.points)

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of the model's builder, apart from the seed."""
        own = {"image_shape": [2], "latent_dim": self.latent_dim, **MODELS.get(self.model, {})}
        return own | ({"ema": self.ema} if self.ema else {})

    def to_dict(self) -> dict[str, Any]:
        """Return the setup as JSON stores it."""
        return dataclasses.asdict(self) | {"points": [list(point) for point in self.points]}


def check_command(content: Any) -> dict[str, Any]:
    """Return a command of the page, checked and without anything unknown.

    Args:
        content: Decoded JSON: an object whose `do` is `play` (with `until`, a step, or None), `pause`, `step` (with
            `network`, and `parts` to be told what a slow-motion view of it needs), `speed` (with `steps_per_second`, a number
            or None for no limit), `change` (with some of `loss`, `generator_rate`, `discriminator_rate`, `critic_steps`,
            `penalty`, `penalty_weight`), `probe` (with `x` and `y`, a point of the plane, or None), `reset` (with some of the
            attributes of `Setup`), `beside` (the same, and `changes`, as those of `change`; and `until`, as that of `play`,
            or `wait`), which starts a second run, or `alone`, which ends it. All but the last two have `run`, 0 or 1; without
            it, they are for both runs.

    Raises:
        ValueError: If it is anything else, saying what is accepted.
    """
    if not isinstance(content, Mapping) or not isinstance(content.get("do"), str):
        raise ValueError('A command is a JSON object with `do`, such as {"do": "play"}.')
    given = dict(content)
    verb = given.pop("do")
    if verb not in _CHECKS:
        raise ValueError(no_such("command", verb[:50], list(_CHECKS)))
    unknown = [str(name)[:50] for name in given if name not in _CHECKS[verb]]
    if unknown:
        raise ValueError(no_such(f"argument of '{verb}'", unknown[0], list(_CHECKS[verb])))
    checked = {name: _CHECKS[verb][name](name, value) for name, value in given.items()}
    if verb == "step":
        checked.setdefault("network", "both")
    if verb in ("reset", "beside"):
        others = {name: checked.pop(name) for name in ("run", "changes", "until", "wait") if name in checked}
        checked = {**Setup(**checked).to_dict(), **others}
    return {"do": verb, **checked}


def setup_of(command: Mapping[str, Any]) -> Setup:
    """Return the setup in a checked command `reset` or `beside`."""
    return Setup(**{field.name: command[field.name] for field in dataclasses.fields(Setup)})


def _number(least: float, most: float, optional: bool = False) -> Any:
    def check(name: str, value: Any) -> float | None:
        if optional and value is None:
            return None
        fits = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        if not fits or not least <= value <= most:
            raise ValueError(f"{name} must be a number from {least:g} to {most:g}; received {str(value)[:50]}.")
        return float(value)

    return check


def _whole(least: int, most: int, optional: bool = False) -> Any:
    number = _number(least, most, optional)

    def check(name: str, value: Any) -> int | None:
        found = number(name, value)
        return None if found is None else check_count(name, int(found) if found == int(found) else value, least)

    return check


def _one_of(names: Sequence[str]) -> Any:
    def check(name: str, value: Any) -> str:
        if value not in names:
            raise ValueError(no_such(name, str(value)[:50], list(names)))
        return value

    return check


def _as_given(name: str, value: Any) -> Any:
    return value


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{name} must be true or false; received {str(value)[:50]}.")
    return value


def _check_changes(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping) or "run" in value:
        raise ValueError(f'{name} must be a JSON object with arguments of \'change\', such as {{"loss": "hinge"}}.')
    checked = check_command({"do": "change", **value})
    return {name: each for name, each in checked.items() if name != "do"}


def _check_points(points: Any) -> None:
    if not isinstance(points, Sequence) or not 2 <= len(points) <= MOST_DRAWN:
        raise ValueError(f"points must be a list of 2 to {MOST_DRAWN:,} pairs of numbers.")
    for point in points:
        pair = isinstance(point, Sequence) and not isinstance(point, str) and len(point) == 2
        if not pair or not all(isinstance(x, (int, float)) and -1 <= x <= 1 for x in point):
            raise ValueError(f"Drawn points are pairs of numbers from -1 to 1; received {str(point)[:50]}.")


_RUN = {"run": _whole(RUNS[0], RUNS[-1])}
_SETUP = {field.name: _as_given for field in dataclasses.fields(Setup)}
_UNTIL = {"until": _whole(0, _MOST_STEPS, optional=True)}
_CHECKS: dict[str, dict[str, Any]] = {
    "play": {**_UNTIL, **_RUN},
    "pause": _RUN,
    "step": {"network": _one_of(NETWORKS), "parts": _flag, **_RUN},
    "speed": {"steps_per_second": _number(0.1, 10_000, optional=True), **_RUN},
    "change": {
        "loss": _one_of(LOSSES),
        "generator_rate": _number(0, 10),
        "discriminator_rate": _number(0, 10),
        "critic_steps": _whole(1, 100),
        "penalty": _one_of(PENALTIES),
        "penalty_weight": _number(0, 10_000),
        **_RUN,
    },
    "probe": {"x": _number(-2, 2, optional=True), "y": _number(-2, 2, optional=True), **_RUN},
    "reset": {**_SETUP, **_RUN},
    "beside": {**_SETUP, **_UNTIL, "changes": _check_changes, "wait": _flag},
    "alone": {},
}
