"""What the vocoders' builders have in common."""

from typing import Any

import keras


def optimizers(
    learning_rate: float, betas: tuple[float, float], weight_decay: float, decay_steps: int | None, pretrain_steps: int
) -> tuple[keras.optimizers.Optimizer, keras.optimizers.Optimizer]:
    """Return the optimizers of generator and discriminator.

    Args:
        learning_rate: Learning rate of both.
        betas: `beta_1` and `beta_2` of both.
        weight_decay: Weight decay of AdamW; 0 for Adam.
        decay_steps: Number of training steps after which both learning rates are 0; None for constant ones.
        pretrain_steps: Number of first steps in which the discriminator does not learn.
    """
    return (
        _optimizer(learning_rate, betas, weight_decay, decay_steps),
        _optimizer(learning_rate, betas, weight_decay, None if decay_steps is None else max(1, decay_steps - pretrain_steps)),
    )


def _optimizer(
    learning_rate: float, betas: tuple[float, float], weight_decay: float, decay_steps: int | None
) -> keras.optimizers.Optimizer:
    rate: Any = learning_rate
    if decay_steps is not None:
        rate = keras.optimizers.schedules.CosineDecay(rate, decay_steps)
    if not weight_decay:
        return keras.optimizers.Adam(rate, *betas)
    return keras.optimizers.AdamW(rate, weight_decay, *betas)
