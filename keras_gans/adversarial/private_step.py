"""The step of private training, and what cannot be trained privately.

Only one thing that has seen real samples leaves a step: the noisy sum of clipped gradients, which updates the discriminator.
The generator learns from that discriminator, on samples whose number and classes do not depend on the data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import ops

from keras_gans._typing import Conditions, Tensor
from keras_gans.adversarial.noise import Noise
from keras_gans.adversarial.sample_gradients import clipped_sum, is_known
from keras_gans.backend import apply_gradients, clipped_gradients
from keras_gans.conditions import Classes
from keras_gans.data.poisson_batches import INCLUDED
from keras_gans.penalties.base import CriticBatch

if TYPE_CHECKING:
    from keras_gans.adversarial.step import AdversarialStep
    from keras_gans.augmentation import Augmentation
    from keras_gans.losses import AdversarialLoss
    from keras_gans.penalties import Penalty

# By how much the counters of random seeds advance in a step, whose samples draw fewer numbers than that many times.
_DRAWS = 256
# Tells the seeds of samples from each other: the odd number next to 2^32 divided by the golden ratio.
_SPREAD = 0x9E3779B1

# The hooks through which real samples would reach the generator, or a step other than this one would be taken.
_HOOKS = (
    "adversarial_step",
    "update_players",
    "update_discriminator",
    "_update_discriminator",
    "update_generator",
    "begin_generator",
    "generate_with_loss",
    "generate_for",
    "judged_losses",
    "comparison_loss",
)


def private_step(model: AdversarialStep, data: Any) -> None:
    """Update the discriminator privately, then if it is due the generator.

    Args:
        model: A model that is compiled with `privacy`.
        data: A batch of `PoissonBatches`.
    """
    samples, conditions = data
    included = conditions[INCLUDED]
    real, conditions = model.unpack((samples, {name: values for name, values in conditions.items() if name != INCLUDED}))
    update_discriminator(model, real, conditions, included)
    due = model.critic_schedule.is_due(model.critic_steps_done)
    model.run_if(due, lambda: update_generator(model, real))


def update_discriminator(model: AdversarialStep, real: Tensor, conditions: Conditions, included: Tensor) -> None:
    """Take one private step of the discriminator: each sample's gradient is that of its loss with one generated partner."""
    ledger: Any = model.ledger
    rows = ops.shape(real)[0]
    partners = ops.stop_gradient(_partners(model, real, conditions, rows))
    seeds = [*_layer_seeds(model.discriminator), model.noise_seed]
    batch = {
        "real": real,
        "generated": partners,
        "conditions": dict(conditions),
        "seeds": [_seed_of_each(seed.state, rows) for seed in seeds],
    }

    def loss_of_pair(one: Any) -> Tensor:
        for seed, value in zip(seeds, one["seeds"], strict=True):
            seed.state.assign(value[0])
        real, generated = model._augmented(one["real"]), model._augmented(one["generated"])
        loss, real_scores, generated_scores = model.discriminator_loss(real, generated, one["conditions"])
        for penalty in model.penalties:
            loss = loss + penalty(
                CriticBatch(
                    score=lambda samples: model.score(samples, one["conditions"], training=True),
                    real=real,
                    fake=generated,
                    real_logits=real_scores,
                    fake_logits=generated_scores,
                    noise=Noise(model.noise_seed),
                    step=model.optimizer.iterations,
                )
            )
        # Losses of layers, such as the weights' decay, which are the same for each sample.
        return loss + sum(model.discriminator.losses)

    def loss_of_pairs(pairs: Any) -> Tensor:
        return model.discriminator_loss(pairs["real"], pairs["generated"], pairs["conditions"])[0]

    variables, clip = model.discriminator_variables, ledger.settings.clip
    if _takes_whole_batches(model):
        sums, _ = clipped_sum(model.discriminator, loss_of_pairs, variables, batch, included, clip)
    else:
        sums, _ = clipped_gradients(loss_of_pair, variables, batch, included, clip)
    norm = apply_gradients(model.optimizer.discriminator, ledger.noisy_mean(sums), variables)
    for seed in seeds:
        seed.state.assign(_seed_after(seed.state))
    _update_statistics(model, real)
    model.optimizer.iterations.assign_add(1)
    model.means.update_state(d_grad=norm)


def _takes_whole_batches(model: AdversarialStep) -> bool:
    """Whether no sample's loss depends on the others of a batch, as far as it is known, so that one pass will do for all.

    Passes of one sample each make sure of that, whatever a model, its loss or its layers do.
    """
    from keras_gans.adversarial.step import AdversarialStep

    scoring = (AdversarialStep.discriminator_loss, AdversarialStep.score, AdversarialStep.judge)
    own = any(getattr(type(model), each.__name__) is not each for each in scoring)
    known_loss = type(model.adversarial_loss).__module__.startswith("keras_gans.losses.")
    simple = model.augmentation is None and not model.penalties and not own
    return simple and known_loss and is_known(model.discriminator)


def update_generator(model: AdversarialStep, real: Tensor) -> None:
    """Take one step of the generator on as many samples as a batch has on average; only the shape of `real` is read."""
    placeholder = ops.zeros((model.ledger_batch_size, *real.shape[1:]), real.dtype)
    _, finish = model.begin_generator(placeholder, random_conditions(model, model.ledger_batch_size))
    model._track_generator(*finish())


def random_conditions(model: AdversarialStep, count: int) -> Conditions:
    """Return classes of a number of samples, each as likely as any other: how many samples of each there are is private."""
    found = {}
    classes: Any  # `check_private` has made sure of it
    for name, classes in model.conditions.items():
        share = Noise(model.noise_seed).uniform((count,))
        found[name] = ops.minimum(ops.cast(share * float(classes.count), "int32"), classes.count - 1)
    return found


def _partners(model: AdversarialStep, real: Tensor, conditions: Conditions, rows: Tensor) -> Tensor:
    """Return a generated sample for each real one, which depends on that sample's conditions at most."""
    if conditions or not coupling_layer(model.generator):
        return model.generate_for(real, conditions, model.noise_seed, training=True)
    # The statistics of batch normalisation must not depend on how many samples there are.
    placeholder = ops.zeros((model.ledger_batch_size, *real.shape[1:]), real.dtype)
    generated = model.generate_for(placeholder, {}, model.noise_seed, training=True)
    share = Noise(model.noise_seed).uniform((rows,))
    chosen = ops.minimum(ops.cast(share * float(model.ledger_batch_size), "int32"), model.ledger_batch_size - 1)
    return ops.take(generated, chosen, axis=0)


def _update_statistics(model: AdversarialStep, real: Tensor) -> None:
    """Let layers of the discriminator change what they change in training, such as the vectors of spectral normalisation."""
    seeds = {id(seed.state) for seed in _layer_seeds(model.discriminator)}
    if all(id(variable) in seeds for variable in model.discriminator.non_trainable_variables):
        return
    placeholder = ops.zeros((1, *real.shape[1:]), real.dtype)
    conditions = random_conditions(model, 1)
    generated = model.generate_for(placeholder, conditions, model.noise_seed)
    model.score(ops.stop_gradient(generated), conditions, training=True)


def _layer_seeds(network: keras.Model) -> list[keras.random.SeedGenerator]:
    return [seed for layer in network._flatten_layers() for seed in getattr(layer, "_seed_generators", ())]


def _seed_of_each(state: keras.Variable, rows: Tensor) -> Tensor:
    """Return a state of a seed generator for each sample, whose numbers differ."""
    here = ops.convert_to_tensor(state)
    offsets = ops.cast(ops.arange(rows), here.dtype) * ops.cast(np.int64(_SPREAD), here.dtype)
    return here[None] + ops.stack([offsets, ops.zeros_like(offsets)], axis=1)


def _seed_after(state: keras.Variable) -> Tensor:
    here = ops.convert_to_tensor(state)
    return here + ops.cast(np.array([0, _DRAWS]), here.dtype)


def coupling_layer(network: keras.Model) -> str | None:
    """Return the name of a layer that makes what a network returns for one sample depend on the others; None for none."""
    for layer in network._flatten_layers():
        if isinstance(layer, keras.layers.BatchNormalization) or getattr(layer, "couples_samples", False):
            return layer.name
    return None


def check_private(
    model: Any,
    loss: AdversarialLoss,
    penalties: tuple[Penalty, ...],
    augmentation: Augmentation | None,
    feature_matching: float,
    steps_per_execution: int,
) -> None:
    """Check that private training can keep its promise for a model, as `compile` is told to train it.

    Raises:
        ValueError: If it cannot, saying why and what to do instead.
    """
    from keras_gans.adversarial.step import AdversarialStep

    layer = coupling_layer(model.discriminator)
    if layer is not None:
        raise ValueError(
            f"Private training limits what each sample contributes, but the discriminator's layer '{layer}' mixes samples. "
            "Leave it out, or use group or layer normalisation; models of the zoo may have an argument for it, such as "
            "normalization='none'."
        )
    own = next((name for name in _HOOKS if getattr(type(model), name) is not getattr(AdversarialStep, name)), None)
    if own is not None or model.more_metrics:
        raise ValueError(
            f"{type(model).__name__} cannot be trained privately, because its generator or its step uses real samples "
            f"({own or ', '.join(model.more_metrics)}). GAN, ConditionalGAN, ACGAN, WGAN and WGANGP can."
        )
    if loss.needs_real:
        raise ValueError(
            f"The loss '{loss.registered_name}' shows real samples to the generator, which private training cannot permit. Use "
            "non_saturating, hinge, least_squares or wasserstein."
        )
    if feature_matching:
        raise ValueError(
            "feature_matching shows real samples to the generator, which private training cannot permit: leave it out."
        )
    for penalty in penalties:
        if getattr(penalty, "couples_samples", False):
            raise ValueError(
                f"The penalty '{penalty.registered_name}' depends on all samples of a batch together, so that no sample's "
                "share can be limited. Use gradient_penalty, r1 or r2, or none."
            )
    if augmentation is not None and augmentation.needs_sign:
        raise ValueError(
            "Adaptive augmentation adapts to the scores of real samples, which private training cannot permit. Use "
            "diff_augment, or none."
        )
    others = [name for name, condition in model.conditions.items() if not isinstance(condition, Classes)]
    if others:
        raise ValueError(
            f"Private training draws the generator's conditions at random, which it can for classes, not for '{others[0]}'."
        )
    layer = coupling_layer(model.generator)
    if layer is not None and model.conditions:
        raise ValueError(
            f"The generator's layer '{layer}' mixes the classes of a batch, so that no sample's share can be limited. Use "
            "group or layer normalisation, or none; models of the zoo may have an argument for it: normalization='none'."
        )
    if any(each.compute_dtype == "float16" for each in model.discriminator.layers):
        raise ValueError("Private training needs float32 or bfloat16: in float16, the loss is scaled.")
    if steps_per_execution > 1:
        raise ValueError("Private training ends when its budget is spent: leave steps_per_execution at 1.")
