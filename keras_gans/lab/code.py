"""The Python and the command line of what a lab shows."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from keras_gans.lab.settings import DRAWN, Setup

# Rules that the builders of models have arguments for, by model: all others have none.
_BUILDER_RULES: dict[str, dict[str, str]] = {
    "gan": {"loss": "loss"},
    "wgan": {"critic_steps": "critic_steps"},
    "wgan_gp": {"critic_steps": "critic_steps", "penalty_weight": "penalty_weight"},
    "r3gan": {"penalty_weight": "gamma"},
}


def as_python(setup: Setup, changes: Mapping[str, Any], steps: int) -> str:
    """Return a program that trains the same model for so many steps, with present rules from the first step on.

    Args:
        setup: What is trained.
        changes: The rules that were changed, as in the command `change`.
        steps: Training steps, at least 1.
    """
    arguments = ", ".join(f"{name}={value!r}" for name, value in setup.arguments().items())
    lines = ["import keras", "import keras_gans", ""]
    lines += [f"keras.utils.set_random_seed({setup.seed})"]
    lines += [f"model = keras_gans.create_model({setup.model!r}, {arguments}, seed={setup.seed})"]
    lines += _changes_in_python(changes)
    source = f"{DRAWN}.npz" if setup.data == DRAWN else setup.data
    name = f"npz:{source}" if setup.data == DRAWN else source
    lines += [f"data = keras_gans.load_data({name!r})"]
    lines += [f"batches = data.batches(batch_size={setup.batch_size}, seed={setup.seed})"]
    lines += [f"model.fit(batches, epochs={-(-steps // _steps_per_epoch(setup))})"]
    lines += ["points = model.generate(512, seed=0)"]
    return "\n".join(lines) + "\n"


def as_python_with(setup: Setup, changes: Mapping[str, Any], steps: int, data: str | None, count: int | None) -> str:
    """Return a program that trains a model at hand for so many steps, with present rules from the first step on.

    Args:
        setup: Batch size and seed.
        changes: The rules that were changed, as in the command `change`.
        steps: Training steps, at least 1.
        data: The name of the data as Python writes it; None for an array `points`.
        count: Number of points in the array.
    """
    lines = _changes_in_python(changes)
    lines += [f"data = keras_gans.load_data({data})" if data else 'data = keras_gans.Data("points", points)']
    lines += [f"batches = data.batches(batch_size={setup.batch_size}, seed={setup.seed})"]
    each = _steps_per_epoch(setup) if count is None else max(1, count // setup.batch_size)
    return "\n".join([*lines, f"model.fit(batches, epochs={-(-steps // each)})"]) + "\n"


def as_command(setup: Setup, changes: Mapping[str, Any], steps: int) -> str:
    """Return the command line that trains the same model, with those changes that it has flags for; see `as_python`."""
    known = _BUILDER_RULES.get(setup.model, {})
    settings = {name: value for name, value in setup.arguments().items() if name not in ("image_shape", "ema")}
    settings |= {known[name]: value for name, value in changes.items() if name in known}
    if changes.get("generator_rate") is not None and changes["generator_rate"] == changes.get("discriminator_rate"):
        settings["learning_rate"] = changes["generator_rate"]
    dataset = f"npz:{DRAWN}.npz" if setup.data == DRAWN else setup.data
    words = ["keras-gans", "train", setup.model, f"--dataset={dataset}", f"--batch_size={setup.batch_size}"]
    words += [f"--seed={setup.seed}", f"--ema={setup.ema:g}", *(f"--set={name}={value}" for name, value in settings.items())]
    words += [f"--epochs={-(-steps // _steps_per_epoch(setup))}", f"--run_dir=runs/{setup.model}_{setup.data}"]
    return shlex.join(words)


def as_code(setup: Setup, changes: Mapping[str, Any], steps: int) -> dict[str, str]:
    """Return `{"python", "command"}`: see `as_python` and `as_command`."""
    return {"python": as_python(setup, changes, steps), "command": as_command(setup, changes, steps)}


def _changes_in_python(changes: Mapping[str, Any]) -> list[str]:
    arguments = {name: changes[name] for name in ("loss", "critic_steps") if name in changes}
    lines = []
    texts = [f"{name}={value!r}" for name, value in arguments.items()]
    if "penalty" in changes:
        weight = changes.get("penalty_weight")
        texts.append(
            f"penalties=[{', '.join(_penalty(name, weight) for name in changes['penalty'].split('+') if name != 'none')}]"
        )
    if texts:
        lines.append(f"model.compile_with({', '.join(texts)})")
    rates = [network for network in ("generator", "discriminator") if f"{network}_rate" in changes]
    return lines + [f"model.optimizer.{network}.learning_rate = {changes[f'{network}_rate']!r}" for network in rates]


def _penalty(name: str, weight: float | None) -> str:
    classes = {"gradient_penalty": "GradientPenalty", "dragan": "DRAGAN", "r1": "R1", "r2": "R2"}
    return f"keras_gans.penalties.{classes[name]}({'' if weight is None else repr(weight)})"


def _steps_per_epoch(setup: Setup) -> int:
    return 16_384 // setup.batch_size
