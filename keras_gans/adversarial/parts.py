"""What the parts of `AdversarialModel` know of the whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import keras

from keras_gans.adversarial.critic_schedule import CriticSchedule
from keras_gans.adversarial.optimizer import PlayersOptimizer
from keras_gans.adversarial.running_means import RunningMeans
from keras_gans.augmentation import Augmentation
from keras_gans.conditions import Condition
from keras_gans.losses import AdversarialLoss
from keras_gans.media import Medium
from keras_gans.penalties import Penalty
from keras_gans.privacy.ledger import Ledger

if TYPE_CHECKING:
    from keras import Model as _Base
else:
    _Base = object


class Part(_Base):
    """Base class of the parts that make up `AdversarialModel`; it declares the attributes that they share."""

    generator: keras.Model
    discriminator: keras.Model
    ema_generator: keras.Model | None
    conditions: dict[str, Condition]
    optimizer: PlayersOptimizer
    noise_seed: keras.random.SeedGenerator
    evaluation_seed: keras.random.SeedGenerator
    # Set by `compile`.
    adversarial_loss: AdversarialLoss
    critic_schedule: CriticSchedule
    penalties: tuple[Penalty, ...]
    augmentation: Augmentation | None
    feature_matching: float
    ema_decay: float | None
    means: RunningMeans
    ledger: Ledger | None
    # The expected size of a private batch, known once `fit` begins.
    ledger_batch_size: int
    # Names of the networks' inputs in order; None for a network that is called with a dict of all.
    _generator_inputs: tuple[str, ...] | None
    _discriminator_inputs: tuple[str, ...] | None
    # Names of further logs of a subclass.
    more_metrics: Sequence[str]
    # While `fit` runs: the batches, if their order is known.
    data: Any
    _medium: Medium | None
    seed: int | None
    entry: dict[str, Any] | None
