"""The three classic failures of adversarial training: how to tell each from healthy training, a description, and remedies.

Each diagnosis sees the numbers of a few hundred steps at a time: the means of what a training step logs, under the names of
the logs, and those of `Diversity`. The thresholds lie between the values of healthy runs and of provoked failures (the zoo's
models on points, digits and MNIST).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar

import keras
import numpy as np
from keras import ops

from keras_gans import losses

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel

# With both accuracies above this, the discriminator is saturated. On digits and MNIST, healthy runs exceed it, too (0.99 and
# above early in training), so saturation alone is not a failure.
_SATURATED = 0.98
# The norm of the generator's gradient as a fraction of the usual one. Healthy runs stayed above 0.04, mostly above 0.2; under a
# saturated discriminator, the minimax loss falls to 0.011 within a hundred steps, and to 0.001 soon after.
_VANISHED = 0.01
# The usual norm is this quantile of all windows so far. Unlike a mean, it does not follow gradients that fade slowly; unlike a
# maximum, it is not raised by a few outliers.
_USUAL_QUANTILE = 0.75

# A loss or a gradient norm this many times the usual value has exploded. Healthy runs, and Wasserstein critics without a
# Lipschitz constraint, stayed below 20; runs that diverged exceeded it at the first check, and 10,000 soon after.
_EXPLODED = 1_000.0
# The usual value is the median of this many windows. The losses of a Wasserstein critic grow by orders of magnitude in a long
# run, but not within this many.
_RECENT = 50
# The usual value is at least this: a discriminator that recovers from saturation raises its loss and its gradient a
# thousandfold, from next to nothing.
_LEAST_USUAL = 1.0
# Loss scaling starts at 2^15 and halves the scale at each overflow. Below this, gradients overflow whatever the scale.
_LEAST_SCALE = 2.0**-10

# Diversity relative to that of real samples below which it is too low. Healthy runs: pairwise distances from 0.19 (points) and
# 0.2 (images) after a few hundred steps, later above 0.7; nearest distances from 0.23. Collapsed: 0 to 0.15, and 0 to 0.1.
TOO_LITTLE = {"pairwise_distance": 0.15, "nearest_distance": 0.1, "classes": 0.4}
# The samples of an untrained generator are all alike (DCGAN: 0.001 to 0.02), which is not a failure. It is one if diversity
# falls to this fraction of its maximum so far,
_FALLEN = 0.5
# or if, after this many steps, it is at most this fraction of the threshold and has not grown by this factor in the last half
# of these steps. A DCGAN whose weights hardly move keeps a pairwise distance of 0.13 to 0.17.
_PATIENT_STEPS, _STUCK, _SPREADING = 1_000, 0.5, 1.2

Numbers = Mapping[str, float]


def is_scaled(optimizer: keras.optimizers.Optimizer) -> bool:
    """Whether an optimizer scales the loss, as it does for float16, and skips the steps whose gradients overflow."""
    return isinstance(optimizer, keras.optimizers.LossScaleOptimizer)


def is_separated_by_zero(loss: losses.AdversarialLoss) -> bool:
    """Whether a loss makes real scores positive and generated ones negative, so that accuracies have a meaning."""
    return isinstance(loss, losses.NonSaturating | losses.Minimax | losses.Hinge)


class Diagnosis:
    """One failure of training.

    Args:
        model: The model, compiled.

    Attributes:
        name: The name of the failure.
        patience: The number of consecutive checks that must show it.
    """

    name: ClassVar[str] = ""
    patience: ClassVar[int] = 1

    def __init__(self, model: AdversarialModel):
        pass

    @classmethod
    def applies_to(cls, model: AdversarialModel) -> bool:
        """Whether a model can fail like that."""
        return True

    def symptoms(self, numbers: Numbers, step: int) -> dict[str, float] | None:
        """Return the numbers that show the failure after a training step, or None."""
        raise NotImplementedError

    def restore(self, measured: Numbers) -> None:
        """Restore what was usual from the numbers of a finding."""

    def words(self, measured: Numbers) -> str:
        """Return a sentence or two that describe the symptoms."""
        raise NotImplementedError

    def advice(self, model: AdversarialModel) -> Iterator[str]:
        """Yield remedies, the most promising first."""
        raise NotImplementedError


class Divergence(Diagnosis):
    """Losses or gradients explode, or become NaN.

    With loss scaling (float16), steps whose gradients overflow are skipped. They are not a failure unless the scale falls to
    nothing.
    """

    name = "divergence"

    def __init__(self, model: AdversarialModel):
        self._usual: dict[str, list[float]] = {}
        self._scaled = any(map(is_scaled, model.optimizer.optimizers))

    def symptoms(self, numbers: Numbers, step: int) -> dict[str, float] | None:
        if self._scaled:
            if numbers.get("loss_scale", 1.0) < _LEAST_SCALE:
                return {"loss_scale": numbers["loss_scale"]}
            numbers = {name: value for name, value in numbers.items() if math.isfinite(value) or not _is_norm(name)}
        bad = {name: value for name, value in numbers.items() if not math.isfinite(value)}
        if bad:
            return bad
        watched = {name: abs(value) for name, value in numbers.items() if name.endswith("_loss") or _is_norm(name)}
        exploded: dict[str, float] = {}
        for name, value in watched.items():
            before = self._usual.setdefault(name, [])
            usual = max(_LEAST_USUAL, float(np.median(before)) if before else 0.0)
            if value > _EXPLODED * usual:
                exploded |= {name: numbers[name], f"usual_{name}": usual}
            else:
                before.append(value)
                del before[:-_RECENT]
        return exploded or None

    def restore(self, measured: Numbers) -> None:
        self._usual = {key.removeprefix("usual_"): [value] for key, value in measured.items() if key.startswith("usual_")}

    def words(self, measured: Numbers) -> str:
        if "loss_scale" in measured:
            return (
                f"Training has diverged: the loss scale has fallen to {measured['loss_scale']:.2g}, because gradients overflow "
                "float16 at every scale."
            )
        exploded = [
            f"{_spoken(name)} is {value:.3g}, over {_EXPLODED:,.0f} times the usual value ({measured[f'usual_{name}']:.2g})"
            for name, value in measured.items()
            if f"usual_{name}" in measured
        ]
        if exploded:
            return f"Training is diverging: {_listed(exploded)}."
        return f"Training has diverged: {_listed(map(_spoken, measured))} became NaN or infinite."

    def advice(self, model: AdversarialModel) -> Iterator[str]:
        generator, discriminator = learning_rates(model)
        yield f"a lower learning rate: --learning_rate={max(generator, discriminator) / 10:.2g}"
        if model.adversarial_loss.registered_name == "wasserstein":
            yield "a Lipschitz constraint on the critic (weight clipping or a gradient penalty), which wasserstein requires"
        if any(layer.compute_dtype == "float16" for layer in model.generator.layers):
            yield "--precision=mixed_bfloat16 or float32: the largest float16 is 65,504"
        yield f"gradient clipping: model.compile(keras.optimizers.Adam({generator:.2g}, clipnorm=1.0), ...)"
        yield "checking the data, if it recurs at the same step: they may contain NaN or values far outside [-1, 1]"


class VanishingGradients(Diagnosis):
    """The discriminator is saturated, and the generator's gradient is next to nothing.

    A strong discriminator alone is not a failure: with the non-saturating loss, the generator keeps learning. For losses
    whose real and generated scores are not separated by zero (Wasserstein, least squares, relativistic, custom losses), the
    gradient alone decides.

    Reference: Arjovsky and Bottou 2017, "Towards principled methods", theorem 2.4; Goodfellow et al. 2014, section 3.
    """

    name = "vanishing_gradients"
    patience = 2

    def __init__(self, model: AdversarialModel):
        self._accuracies_tell = is_separated_by_zero(model.adversarial_loss)
        self._norms: list[float] = []

    def symptoms(self, numbers: Numbers, step: int) -> dict[str, float] | None:
        norm = numbers.get("g_grad")
        if norm is None or not math.isfinite(norm):
            return None
        usual = float(np.quantile(self._norms, _USUAL_QUANTILE)) if self._norms else norm
        if norm >= _VANISHED * usual:
            self._norms.append(norm)
            return None
        accuracies = {name: numbers[name] for name in ("d_real", "d_fake")}
        if self._accuracies_tell and min(accuracies.values()) < _SATURATED:
            return None
        measured = {"g_grad": norm, "usual_g_grad": usual}
        return measured | (accuracies if self._accuracies_tell else {})

    def restore(self, measured: Numbers) -> None:
        self._norms = [measured["usual_g_grad"]]

    def words(self, measured: Numbers) -> str:
        norm, usual = measured["g_grad"], measured["usual_g_grad"]
        subject = "The generator"
        if "d_real" in measured:
            real, fake = measured["d_real"], measured["d_fake"]
            subject = f"The discriminator is right on {real:.0%} of real and {fake:.0%} of generated samples, and the generator"
        return f"{subject} has almost stopped learning: the norm of its gradient is {norm:.2g}; {usual:.2g} is usual."

    def advice(self, model: AdversarialModel) -> Iterator[str]:
        name = model.adversarial_loss.registered_name
        generator, discriminator = learning_rates(model)
        if name == "minimax":
            yield "--set=loss=non_saturating: with minimax, the generator learns least when the discriminator is most certain"
        elif name == "wasserstein":
            yield "a gradient penalty instead of weight clipping, or a larger bound"
        else:
            yield f"another loss: --set=loss={'relativistic' if name != 'relativistic' else 'hinge'}"
        yield (
            "a lower learning rate for the discriminator: model.compile(discriminator_optimizer=keras.optimizers.Adam("
            f"{discriminator / 4:.2g}), ...)"
        )
        if model.critic_steps > 1 and name != "wasserstein":
            yield "model.compile(critic_steps=1, ...)"
        yield f"a lower learning rate, if samples saturate at -1 or 1: --learning_rate={generator / 4:.2g}"
        yield "regularizing the discriminator: dropout, keras.layers.SpectralNormalization, label smoothing, augmentation"
        yield "returning to earlier weights, if it happened suddenly: what the discriminator has forgotten does not come back"


class ModeCollapse(Diagnosis):
    """Samples from different latents become alike, or there are only a few kinds of them."""

    name = "mode_collapse"
    patience = 3

    def __init__(self, model: AdversarialModel):
        # By name, then by step: the numbers of all checks so far.
        self._levels: dict[str, dict[int, float]] = {name: {} for name in TOO_LITTLE}

    def symptoms(self, numbers: Numbers, step: int) -> dict[str, float] | None:
        found: dict[str, float] = {}
        for name, least in TOO_LITTLE.items():
            if name not in numbers:
                continue
            level, before = numbers[name], self._levels[name]
            fallen = level < least and level <= _FALLEN * max(before.values(), default=0.0)
            # A classifier assigns the noise of early training to one class, so that few classes count only if there were more.
            stuck = name != "classes" and level <= _STUCK * least and self._is_stuck(level, before, step)
            if fallen or stuck:
                found[name] = level
            before[step] = level
        return found or None

    @staticmethod
    def _is_stuck(level: float, before: Mapping[int, float], step: int) -> bool:
        if not before or step - min(before) < _PATIENT_STEPS:
            return False
        then = max(earlier for earlier in before if earlier <= step - _PATIENT_STEPS / 2)
        return level <= _SPREADING * before[then]

    def restore(self, measured: Numbers) -> None:
        # Samples were more diverse once, or had enough time to become so.
        for name in measured:
            self._levels[name] = {0: 1.0}

    def words(self, measured: Numbers) -> str:
        likenesses = " and ".join(_LIKENESS[name].format(value) for name, value in measured.items())
        return f"The generator's samples are too similar: {likenesses}."

    def advice(self, model: AdversarialModel) -> Iterator[str]:
        generator, discriminator = learning_rates(model)
        yield f"a lower learning rate: --learning_rate={max(generator, discriminator) / 4:.2g}"
        batch_size = getattr(model.data, "batch_size", None)
        yield f"larger batches: --batch_size={2 * batch_size}" if batch_size else "larger batches"
        if model.critic_steps == 1:
            yield "more discriminator steps per generator step: model.compile(critic_steps=3, ...)"
        name = model.adversarial_loss.registered_name
        yield f"another loss: --set=loss={'relativistic' if name != 'relativistic' else 'hinge'}"
        if model.ema_decay is None:
            yield "--ema=0.999, if the generator moves from one kind of sample to another: its moving average covers several"
        yield "a discriminator that compares the samples of a batch (minibatch standard deviation)"
        yield "returning to earlier weights: a collapsed generator seldom recovers"


_LIKENESS = {
    "pairwise_distance": "the mean distance between two of them is {:.1%} of that between real ones",
    "nearest_distance": "the mean distance to the nearest neighbour is {:.1%} of that among real ones",
    "classes": "they cover {:.0%} as many classes as real ones",
}


def _is_norm(name: str) -> bool:
    return name.endswith("_grad")


def _listed(parts: Iterable[str]) -> str:
    """Join parts of a sentence: one, two and three."""
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last


_SPOKEN = {
    "d_loss": "the discriminator's loss",
    "g_loss": "the generator's loss",
    "d_grad": "the discriminator's gradient norm",
    "g_grad": "the generator's gradient norm",
}


def _spoken(name: str) -> str:
    """Return a name of the logs as written in a sentence."""
    return _SPOKEN.get(name, name.replace("_", " "))


def learning_rates(model: AdversarialModel) -> tuple[float, float]:
    """Return the current learning rates of generator and discriminator."""

    def rate(optimizer: keras.optimizers.Optimizer) -> float:
        return float(np.asarray(ops.convert_to_numpy(optimizer.learning_rate)))

    return rate(model.optimizer.generator), rate(model.optimizer.discriminator)
