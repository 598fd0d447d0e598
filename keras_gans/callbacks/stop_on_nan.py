import math
from collections.abc import Mapping
from typing import Any

import keras


class StopOnNaN(keras.callbacks.Callback):
    """Ends training with an error at the first step whose loss is NaN or infinite.

    Unlike Keras' `TerminateOnNaN` it raises, so that no later callback overwrites good weights with bad ones, and it names the
    network whose loss it was.

    Raises:
        FloatingPointError: From `fit`, naming the step (counted from 1) and the loss.
    """

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        assert logs is not None
        if math.isfinite(float(logs["loss"])):
            return
        bad = [name for name in ("d_loss", "g_loss") if name in logs and not math.isfinite(float(logs[name]))]
        raise FloatingPointError(
            f"{' and '.join(bad) or 'loss'} became NaN or infinite in step {batch + 1} of epoch {self._epoch + 1}. The data "
            "of that step may hold NaN; if not, try a lower learning rate."
        )
