"""How a model of the lab trains: read from it, and changed while it keeps what its optimizers have learned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from keras import ops

from keras_gans import penalties

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel


def read_rules(model: AdversarialModel) -> dict[str, Any]:
    """Return the rules of a compiled model, under the names of the command `change`; None for what has no single number."""
    weights = {penalty.weight for penalty in model.penalties if isinstance(penalty.weight, (int, float))}
    rates = {
        f"{optimizer.name}_rate": float(f"{float(ops.convert_to_numpy(optimizer.learning_rate)):.7g}")
        for optimizer in model.optimizer.optimizers
    }
    return {
        "loss": model.adversarial_loss.registered_name,
        **rates,
        "critic_steps": model.critic_steps,
        "penalty": "+".join(str(penalty.registered_name) for penalty in model.penalties) or "none",
        "penalty_weight": weights.pop() if len(weights) == 1 else None,
    }


def needs_compilation(changes: Mapping[str, Any]) -> bool:
    """Whether changes need another training step, and not only other rates."""
    return any(not name.endswith("_rate") for name in changes)


def apply_rules(model: AdversarialModel, changes: Mapping[str, Any]) -> None:
    """Change how a model trains from its next step on; moments and step counts of both optimizers stay as they are.

    Args:
        model: A compiled model.
        changes: Values by name, as `keras_gans.lab.settings.check_command` returns them.
    """
    if needs_compilation(changes):
        arguments = {name: changes[name] for name in ("loss", "critic_steps") if name in changes}
        if "penalty" in changes or "penalty_weight" in changes:
            names = changes.get("penalty", read_rules(model)["penalty"])
            weight = changes.get("penalty_weight", read_rules(model)["penalty_weight"])
            arguments["penalties"] = [make_penalty(name, weight) for name in names.split("+") if name != "none"]
        state = [ops.convert_to_numpy(variable) for variable in model.optimizer.variables]
        model.compile_with(**arguments)
        for variable, value in zip(model.optimizer.variables, state, strict=True):
            variable.assign(value)
    for optimizer in model.optimizer.optimizers:
        if f"{optimizer.name}_rate" in changes:
            optimizer.learning_rate = changes[f"{optimizer.name}_rate"]


def make_penalty(name: str, weight: float | None) -> penalties.Penalty:
    """Return a penalty by name; with its own weight if `weight` is None."""
    penalty = penalties.get(name)
    return penalty if weight is None else type(penalty)(weight)
