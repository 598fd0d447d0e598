import time
from pathlib import Path

import keras
import numpy as np

from keras_gans.presets import save_preset
from keras_gans.state import capture_state, load_state, save_state

_STATE = Path("checkpoints", "state.npz")


class RunFolder(keras.callbacks.Callback):
    """Keeps a training run in a folder that is a preset, and from which the run can go on.

    After an epoch the folder holds the model's weights (`load_pretrained(folder)`) and the whole state of training. Short
    epochs are not all saved: saving takes at most `time_share` of the time, and the last epoch always is.

    A run that is stopped in the middle of an epoch (`interrupt`) keeps the weights of that moment and the state of the epoch's
    beginning (`saved_epochs`), where going on begins, so that the result is that of a run that was never stopped. A run whose
    weights became NaN ends with a FloatingPointError and keeps what was saved last.

    Args:
        folder: The run's folder.
        time_share: The share of training time that saving may take; infinity saves every epoch.
        **facts: What `save_preset` takes, such as `dataset`, `recipe` and `training`; training's `epochs_done` and `seconds`
            are kept up to date.
    """

    def __init__(self, folder, time_share=0.02, **facts):
        super().__init__()
        self.folder = Path(folder)
        self.facts = facts
        self.facts["training"] = {"epochs_done": 0, "seconds": 0.0, **facts.get("training", {})}
        self.time_share = time_share
        self.interrupted = False
        self.saved_epochs = 0
        self._last_saved, self._last_cost = 0.0, 0.0

    def resume(self, model) -> int:
        """Restores the state of training into a model built as the run's was; returns the number of epochs done.

        Raises:
            FileNotFoundError: If the folder holds no state.
            ValueError: If the state is damaged or another model's.
        """
        path = self.folder / _STATE
        if not path.is_file():
            raise FileNotFoundError(f"{self.folder} holds no run to resume: there is no {_STATE}.")
        facts = load_state(path, model)
        self.facts["training"].update(epochs_done=facts["epochs_done"], seconds=facts["seconds"])
        self.saved_epochs = facts["epochs_done"]
        return self.saved_epochs

    def interrupt(self):
        """Stops training after the current step, or the first one. May be called at any moment, from a signal handler too."""
        self.interrupted = True

    def on_train_begin(self, logs=None):
        self._resumed_seconds, self._began = self.facts["training"]["seconds"], time.perf_counter()
        self._epoch_end = None
        if self.facts["training"]["epochs_done"] == 0:
            self._remember()
            self._save()

    def on_train_batch_end(self, batch, logs=None):
        if self.interrupted:
            self.model.stop_training = True

    def on_epoch_end(self, epoch, logs=None):
        self.facts["training"]["seconds"] = round(self._resumed_seconds + time.perf_counter() - self._began, 1)
        if self.interrupted:
            _refuse_nan(self.model, f"epoch {epoch + 1}")
            self._write_state()
            save_preset(self.model, self.folder, **self.facts)
            return
        self.facts["training"]["epochs_done"] = epoch + 1
        self.facts["logs"] = {name: round(float(value), 6) for name, value in (logs or {}).items()}
        _refuse_nan(self.model, f"epoch {epoch + 1}")
        self._remember()
        if time.perf_counter() - self._last_saved >= self._last_cost / self.time_share:
            self._save()

    def on_train_end(self, logs=None):
        if not self.interrupted and self.saved_epochs != self.facts["training"]["epochs_done"]:
            self._save()

    def _remember(self):
        """Keeps the state of an epoch's end in memory: an interruption in a later epoch writes it."""
        training = self.facts["training"]
        self._epoch_end = capture_state(self.model, epochs_done=training["epochs_done"], seconds=training["seconds"])

    def _write_state(self):
        if self._epoch_end is not None:
            save_state(self.folder / _STATE, self._epoch_end)
            self.saved_epochs = self._epoch_end["facts"]["epochs_done"]

    def _save(self):
        began = time.perf_counter()
        self._write_state()
        save_preset(self.model, self.folder, **self.facts)
        self._last_saved = time.perf_counter()
        self._last_cost = self._last_saved - began


def _refuse_nan(model, when):
    """Raises FloatingPointError if weights or samples are NaN or infinite: the loss of the last step does not show it."""
    model.sync_state()
    values = [*model.generator.get_weights(), *model.discriminator.get_weights(), model.generate(16, seed=0)]
    if not all(np.isfinite(value).all() for value in values):
        raise FloatingPointError(f"weights or samples became NaN or infinite at the end of {when}. Try a lower learning rate.")
