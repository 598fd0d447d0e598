"""What `fit` does for private training: it draws batches at random, and ends when the budget is spent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import keras

from keras_gans.data.batches import Batches
from keras_gans.data.poisson_batches import PoissonBatches

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel


class PrivacyLog(keras.callbacks.Callback):
    """Adds `epsilon`, what has been spent, to the logs of each epoch. It comes before all callbacks that read logs.

    When the budget is spent, it forgets the secret seeds, before the last checkpoint is made.
    """

    def __init__(self, batches: PoissonBatches):
        super().__init__()
        self.batches = batches

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if logs is not None:
            self.model.sync_state()
            logs["epsilon"] = self.model.ledger.epsilon()

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        if self.model.ledger.is_spent:
            self.model.ledger.renew_secret()
            self.batches.renew_secret()


class PrivacyLimit(keras.callbacks.Callback):
    """Ends training after the last step of the budget. It comes after callbacks that restore a model."""

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        ledger = self.model.ledger
        self._left = ledger.last - ledger.steps

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        if self._left <= 0:  # a run that was resumed after its end
            self.model.ledger.refuse_if_spent()

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        self._left -= 1
        if self._left <= 0:
            self.model.stop_training = True


def begin_privately(model: AdversarialModel, batches: Any, arguments: dict[str, Any]) -> PoissonBatches:
    """Return the batches to train on, and choose the noise.

    Args:
        model: A model that is compiled with `privacy`.
        batches: The ordered batches that `fit` was given, or None.
        arguments: `fit`'s arguments.

    Raises:
        ValueError: If the data cannot be drawn at random, a callback would publish what the noise is to hide, or the budget
            does not permit the training.
    """
    if not isinstance(batches, Batches):
        raise ValueError(
            "Private training draws each batch at random from all samples: pass an array, or "
            "keras_gans.load_data(...).batches(...) of data in memory or in a folder."
        )
    for callback in keras.tree.flatten(getattr(arguments["callbacks"], "callbacks", arguments["callbacks"]) or []):
        if getattr(callback, "publishes_real_data", False):
            raise ValueError(
                f"{type(callback).__name__} compares generated samples with real ones, and what it finds is not private: leave "
                "it out, and measure the trained model with data that may be published."
            )
    strategy = getattr(model, "distribute_strategy", None)
    if keras.distribution.distribution() is not None or (strategy is not None and strategy.num_replicas_in_sync > 1):
        raise ValueError("Private training runs on one device: leave the distribution out.")
    epochs = max(1, arguments["epochs"] - arguments["initial_epoch"])
    model.ledger.begin(len(batches.source), batches.batch_size, epochs * len(batches))
    model.ledger_batch_size = model.ledger.batch_size
    return PoissonBatches(batches)
