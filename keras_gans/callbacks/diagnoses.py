"""The three classic failures of adversarial training: how each is told from healthy training, in words, and what to try.

Each diagnosis looks at numbers of a few hundred steps at a time: the means of what a training step logs, under the names of
the logs, and those of `Diversity`. Thresholds were set between what healthy runs and provoked failures showed (the zoo's models
on points, digits and MNIST).
"""

import math

import numpy as np
from keras import ops

from keras_gans import losses

# Both accuracies above this: the discriminator is sure of everything. On digits and MNIST those of healthy runs pass it, too
# (0.99 and above while the generator is young), so that saturation alone is no failure.
_SATURATED = 0.98
# The generator's gradient, as a share of what is usual for the run. Healthy runs stayed above 0.04, mostly above 0.2; under a
# saturated discriminator the minimax loss leaves 0.011 within a hundred steps, and 0.001 soon after.
_VANISHED = 0.01
# What is usual: this quantile of all windows before. Gradients that fade slowly do not take it along as they would a mean, and
# a few windows with outbreaks do not raise it as they would a maximum.
_USUAL_QUANTILE = 0.75

# A loss or a gradient norm this many times as large as is usual has exploded. Healthy runs, and Wasserstein critics without
# bound, stayed below 20; runs that diverged went past it at their first look, and past 10,000 soon after.
_EXPLODED = 1_000.0
# Windows whose median is usual. Losses of a Wasserstein critic grow by orders of magnitude in a long run, but not within this.
_RECENT = 50
# Nothing below this counts as usual: a discriminator that was saturated and comes back raises its loss and its gradient a
# thousandfold, from next to nothing.
_LEAST_USUAL = 1.0

# Diversity as a share of the real samples' below which it is too little. Healthy runs: pairwise distances from 0.19 (points)
# and 0.2 (images) after a few hundred steps, later above 0.7; nearest distances from 0.23. Collapsed: 0 to 0.15, and 0 to 0.1.
TOO_LITTLE = {"pairwise_distance": 0.15, "nearest_distance": 0.1, "classes": 0.4}
# An untrained generator makes samples that are all alike (DCGAN: 0.001 to 0.02), which is no failure. Failures are to fall to
# this share of the most diverse so far,
_FALLEN = 0.5
# or, after so many steps, to have no more than this share of what is too little, and not to have spread by this factor in the
# last half of so many. A DCGAN whose weights hardly move keeps a pairwise distance of 0.13 to 0.17.
_PATIENT_STEPS, _STUCK, _SPREADING = 1_000, 0.5, 1.2


class Divergence:
    """Losses or gradients explode, or become NaN."""

    name = "divergence"
    patience = 1  # the checks in a row that must show it

    def __init__(self, model):
        self._usual = {}

    def symptoms(self, numbers, step):
        """Returns the numbers that show the failure after a training step, or None."""
        bad = {name: value for name, value in numbers.items() if not math.isfinite(value)}
        if bad:
            return bad
        watched = {name: abs(value) for name, value in numbers.items() if name.endswith(("_loss", "_grad"))}
        exploded = {}
        for name, value in watched.items():
            before = self._usual.setdefault(name, [])
            usual = max(_LEAST_USUAL, float(np.median(before)) if before else 0.0)
            if value > _EXPLODED * usual:
                exploded |= {name: numbers[name], f"usual_{name}": usual}
            else:
                before.append(value)
                del before[:-_RECENT]
        return exploded or None

    def restore(self, measured):
        """Takes over what was usual from the numbers of a finding."""
        self._usual = {key.removeprefix("usual_"): [value] for key, value in measured.items() if key.startswith("usual_")}

    def words(self, measured):
        """Says in a sentence or two what the numbers mean."""
        exploded = [
            f"{_spoken(name)} is {value:.3g}, over {_EXPLODED:,.0f} times what is usual ({measured[f'usual_{name}']:.2g})"
            for name, value in measured.items()
            if f"usual_{name}" in measured
        ]
        if exploded:
            return f"Training diverges: {_listed(exploded)}."
        return f"Training has diverged: {_listed(map(_spoken, measured))} became NaN or infinite."

    def advice(self, model):
        """Returns what to try, the most promising first."""
        generator, discriminator = _rates(model)
        yield f"a lower learning rate: --learning_rate={max(generator, discriminator) / 10:.2g}"
        if model.adversarial_loss.registered_name == "wasserstein":
            yield "a critic with bounded slope (weight clipping or a gradient penalty): wasserstein needs one"
        if any(layer.compute_dtype == "float16" for layer in model.generator.layers):
            yield "--precision=mixed_bfloat16 or float32: float16 holds nothing above 65,504"
        yield f"gradients that are clipped: model.compile(keras.optimizers.Adam({generator:.2g}, clipnorm=1.0), ...)"
        yield "another look at the data, if it comes back at the same step: they may hold NaN or values far beyond [-1, 1]"


class VanishingGradients:
    """The discriminator is sure of everything, and the gradient that it leaves the generator is next to nothing.

    A strong discriminator alone is none: with the non-saturating loss the generator goes on learning. Where zero does not part
    real from generated scores (Wasserstein, least squares, relativistic, a user's own loss), the gradient alone tells.

    Reference: Arjovsky and Bottou 2017, "Towards principled methods", theorem 2.4; Goodfellow et al. 2014, section 3.
    """

    name = "vanishing_gradients"
    patience = 2

    def __init__(self, model):
        parted_by_zero = (losses.NonSaturating, losses.Minimax, losses.Hinge)
        self._accuracies_tell = isinstance(model.adversarial_loss, parted_by_zero)
        self._norms = []

    def symptoms(self, numbers, step):
        norm = numbers.get("g_grad")
        if norm is None:
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

    def restore(self, measured):
        self._norms = [measured["usual_g_grad"]]

    def words(self, measured):
        norm, usual = measured["g_grad"], measured["usual_g_grad"]
        sure = "The generator"
        if "d_real" in measured:
            real, fake = measured["d_real"], measured["d_fake"]
            sure = f"The discriminator is right on {real:.0%} of real and {fake:.0%} of generated samples, and the generator"
        return f"{sure} hardly learns any more: its gradient has the norm {norm:.2g}, where {usual:.2g} is usual."

    def advice(self, model):
        name = model.adversarial_loss.registered_name
        generator, discriminator = _rates(model)
        if name == "minimax":
            yield "--set=loss=non_saturating: minimax teaches the generator least where the discriminator is surest"
        elif name == "wasserstein":
            yield "a gradient penalty instead of weight clipping, or a larger bound"
        else:
            yield f"another loss: --set=loss={'relativistic' if name != 'relativistic' else 'hinge'}"
        yield (
            "a slower discriminator: model.compile(discriminator_optimizer=keras.optimizers.Adam("
            f"{discriminator / 4:.2g}), ...)"
        )
        if model.critic_steps > 1 and name != "wasserstein":
            yield "model.compile(critic_steps=1, ...)"
        yield f"a lower learning rate, if samples lie at the ends of [-1, 1]: --learning_rate={generator / 4:.2g}"
        yield "a less certain discriminator: dropout, keras.layers.SpectralNormalization, label smoothing, augmented images"
        yield "earlier weights, if it happened suddenly: what the discriminator has forgotten does not come back"


class ModeCollapse:
    """Samples from different latents become alike, or come in few kinds."""

    name = "mode_collapse"
    patience = 3

    def __init__(self, model):
        # By step: each number at the checks so far.
        self._levels = {name: {} for name in TOO_LITTLE}

    def symptoms(self, numbers, step):
        found = {}
        for name, least in TOO_LITTLE.items():
            if name not in numbers:
                continue
            level, before = numbers[name], self._levels[name]
            fallen = level < least and level <= _FALLEN * max(before.values(), default=0.0)
            # A classifier takes the grainy samples of a young generator for one class: few tell only where there were more.
            stuck = name != "classes" and level <= _STUCK * least and self._is_stuck(level, before, step)
            if fallen or stuck:
                found[name] = level
            before[step] = level
        return found or None

    @staticmethod
    def _is_stuck(level, before, step):
        if not before or step - min(before) < _PATIENT_STEPS:
            return False
        then = max(earlier for earlier in before if earlier <= step - _PATIENT_STEPS / 2)
        return level <= _SPREADING * before[then]

    def restore(self, measured):
        # They were more diverse once, or had time enough to become so.
        for name in measured:
            self._levels[name] = {0: 1.0}

    def words(self, measured):
        return (
            f"The generator's samples are too much alike: {' and '.join(_LIKENESS[n].format(v) for n, v in measured.items())}."
        )

    def advice(self, model):
        generator, discriminator = _rates(model)
        yield f"a lower learning rate: --learning_rate={max(generator, discriminator) / 4:.2g}"
        batch_size = getattr(model.data, "batch_size", None)
        yield f"larger batches: --batch_size={2 * batch_size}" if batch_size else "larger batches"
        if model.critic_steps == 1:
            yield "more steps of the discriminator for each of the generator: model.compile(critic_steps=3, ...)"
        name = model.adversarial_loss.registered_name
        yield f"another loss: --set=loss={'relativistic' if name != 'relativistic' else 'hinge'}"
        if model.ema_decay is None:
            yield "--ema=0.999, if samples wander from one kind to another: the average of their generators knows several"
        yield "a discriminator that compares the samples of a batch (minibatch standard deviation)"
        yield "earlier weights: a collapsed generator seldom recovers"


_LIKENESS = {
    "pairwise_distance": "two of them lie {:.1%} as far apart as two real ones",
    "nearest_distance": "the most similar ones lie {:.1%} as far apart as those among as many real ones",
    "classes": "they fall into {:.0%} as many classes as real ones",
}


def _listed(parts):
    """Returns parts of a sentence as a list of words: one, two and three."""
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last


_SPOKEN = {
    "d_loss": "the discriminator's loss",
    "g_loss": "the generator's loss",
    "d_grad": "the discriminator's gradient norm",
    "g_grad": "the generator's gradient norm",
}


def _spoken(name):
    """Returns a name of the logs as it stands in a sentence."""
    return _SPOKEN.get(name, name.replace("_", " "))


def _rates(model):
    """Returns the present learning rates of generator and discriminator."""
    players = (model.optimizer.generator, model.optimizer.discriminator)
    return tuple(float(np.asarray(ops.convert_to_numpy(player.learning_rate))) for player in players)
