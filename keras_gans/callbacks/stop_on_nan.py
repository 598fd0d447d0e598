import math

import keras


class StopOnNaN(keras.callbacks.Callback):
    """Ends training with an error at the first step whose loss is NaN or infinite.

    Keras' `TerminateOnNaN` works, too; this one raises, so that nothing after it overwrites good weights with bad ones, and
    says which player's loss it was.

    Raises:
        FloatingPointError: From `fit`, naming the step (counted from 1) and the loss.
    """

    def on_epoch_begin(self, epoch, logs=None):
        self._epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if math.isfinite(float(logs["loss"])):
            return
        bad = [name for name in ("d_loss", "g_loss") if not math.isfinite(float(logs[name]))]
        raise FloatingPointError(
            f"{' and '.join(bad) or 'loss'} became NaN or infinite in step {batch + 1} of epoch {self._epoch + 1}. The data "
            "of that step may hold NaN; if not, try a lower learning rate."
        )
