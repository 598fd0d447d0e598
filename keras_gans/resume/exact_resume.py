import contextlib
import time
import warnings

import keras

from keras_gans.distribution import agree
from keras_gans.resume.background_writer import BackgroundWriter
from keras_gans.resume.checkpoints import CheckpointFolder
from keras_gans.resume.folder_lock import FolderLock
from keras_gans.resume.run_identity import SEED, compile_config, data_facts, json_config, refuse_other
from keras_gans.resume.training_state import refuse_other_state, restore_state


class ExactResume(keras.callbacks.Callback):
    """Lets training that was killed at any moment go on, and end with the weights it would have had anyway.

    Run the same script again: `fit` then begins at the step of the newest checkpoint, and on a CPU the result is bit for bit
    that of a run that was never stopped. A checkpoint holds all variables of the model, seed generators included, those of
    its optimizer and metrics, and the position in the data. It is copied between two steps and written by a thread of its
    own. A folder belongs to one call of `fit`; asking that for more epochs goes on with it.

    An `AdversarialModel` that is trained on an array or on `keras_gans.load_data(...).batches(...)` goes on at any step, and so
    does any Keras model whose `fit` and `ExactResume(data=...)` get the same `keras_gans.data.Batches`. Of other data the
    order is not known: then checkpoints are made between epochs only, and going on is exact where an epoch's data do not
    depend on the epochs before. What other callbacks remember (`EarlyStopping` its best value, say) is not kept.

    A checkpoint that cannot be written (the disk is full, say) is a warning; training goes on, and the next is tried when due.

    Args:
        folder: The checkpoints' folder. Another process that wants to use it meanwhile is refused.
        every_steps: Steps between two checkpoints, or None.
        every_seconds: Seconds between two checkpoints, or None; whichever comes first.
        keep: How many of the newest checkpoints are kept.
        config: A dict that JSON can hold, of whatever else determines the run. Going on with another one is refused, as it is
            with other arguments of `compile`.
        data: The `Batches` that `fit` gets, for a model that is no `AdversarialModel`.
        time_share: The share of training time that checkpoints may take. They are rarer than asked for where that needs it;
            infinity makes each that is due.
        writes: Whether this process writes. Of several workers that train one model only the chief does; all of them read.

    Raises:
        RuntimeError: From `fit`, if another process uses the folder.
        ValueError: From `fit`, if the checkpoints are another model's, another configuration's, a newer version's, or all
            damaged. A damaged one is passed over, with a warning, for the one before.

    Example:

        resume = keras_gans.callbacks.ExactResume("checkpoints", config={"augment": "flip"})
        model.fit(images, batch_size=64, epochs=100, callbacks=[resume])
    """

    # Whether someone wants training to stop, and to go on later; whether it did so before an epoch's end. See RunFolder.
    interrupted = False
    _within_epoch = False

    def __init__(
        self, folder, *, every_steps=None, every_seconds=60, keep=3, config=None, data=None, time_share=0.02, writes=True
    ):
        super().__init__()
        if every_steps is None and every_seconds is None:
            raise ValueError("One of every_steps and every_seconds is needed: without them there are no checkpoints.")
        for name, value in (("every_steps", every_steps), ("keep", keep)):
            if value is not None and not (isinstance(value, int) and value >= 1):
                raise ValueError(f"{name} must be an integer of at least 1; received {value!r}.")
        for name, value in (("every_seconds", every_seconds), ("time_share", time_share)):
            if value is not None and not value > 0:
                raise ValueError(f"{name} must be a number above 0; received {value!r}.")
        self.checkpoints = CheckpointFolder(folder, keep)
        self.lock = FolderLock(folder)
        self.every_steps, self.every_seconds = every_steps, every_seconds
        self.config = json_config(config)
        self.time_share, self.writes = time_share, writes
        self._given_data = data
        self._writer = self._found = self._read = None

    @property
    def position(self):
        """Of the newest checkpoint that was found or written: (epochs done, steps done of the next), or None."""
        return (self._writer and self._writer.position) or self._found

    def find_position(self):
        """Reads the newest whole checkpoint, before `fit` does; returns `position`. What `fit` raises for it is raised then."""
        self._read = self.checkpoints.newest()
        self._found = (self._read[0]["epoch"], self._read[0]["step"]) if self._read else None
        return self._found

    @property
    def seconds(self):
        """Seconds of training so far, those of the processes before included."""
        return self._seconds_before + time.perf_counter() - self._began

    # A checkpoint at (epoch, step) holds what is there just before that step, after all that callbacks do before it. Hence
    # on_train_batch_begin makes it, and restores it. (A hook at the end of a batch would also make JAX wait for each step.)

    def on_train_begin(self, logs=None):
        self._began, self._seconds_before = time.perf_counter(), 0.0
        self._epoch = self._first_epoch = self._pending = None
        self._first_step, self._steps_since = 0, 0
        self._within_epoch = self._moved = False
        self._quiet = contextlib.ExitStack()
        self._prepare_model()
        self._compile_config = compile_config(self.model)
        # On JAX, Keras copies the whole state to the model whenever a callback says self.model: no step may.
        self._steps_per_execution = self.model.steps_per_execution
        if self.writes:
            self.lock.acquire()
            self.checkpoints.remove_leftovers()
            self._writer = BackgroundWriter(self.checkpoints, self.lock, self.time_share)
        if self._read is None:
            self.find_position()
        # Each worker reads, and none goes on before all have found the same.
        agree({"the checkpoint": self._found}, getattr(self.model, "distribute_strategy", None))
        found, self._read = self._read, None
        if found is not None:
            self._go_on(*found)

    def on_epoch_begin(self, epoch, logs=None):
        if self._first_epoch is None:
            self._first_epoch = epoch
        elif self._moved:
            self._moved, self._first_step = False, 0
            if self._is_adversarial and self._data is not None:
                self.model.start_at_first_step()
        if self._epoch_offset is None:
            self._epoch_offset = self._data.epoch - epoch
        self._epoch = epoch
        self.model._initial_epoch = None  # Keras has read it; another fit begins where it is told to

    def on_train_batch_begin(self, batch, logs=None):
        if self._first_step and self._data is not None and self._first_step + batch >= len(self._data):
            # Keras, which counts the steps of whole epochs, would begin a step that finds no data, and on TensorFlow moves
            # seeds on. To it this is the end of the data.
            raise StopIteration
        if self._pending is not None:
            # Once more, because Keras has reset the metrics, and callbacks may have changed learning rates a second time.
            restore_state(self.model, self._pending, tuple(self._pending))
            self._pending = None
        elif self._is_due(self._first_step + batch):
            self._checkpoint(self._epoch, self._first_step + batch)
        self._steps_since += self._steps_per_execution

    def on_epoch_end(self, epoch, logs=None):
        self._quiet.close()

    def on_train_end(self, logs=None):
        self.model._initial_epoch = None
        if self._steps_since and not self._within_epoch:
            # What another callback has stopped is finished.
            stopped = self.model.stop_training and not self.interrupted
            self._checkpoint(self._epoch + 1, 0, finished_epochs=self.params["epochs"] if stopped else self._epoch + 1)
        if self.writes:
            self._writer.finish()
            self.lock.release()

    # Parts of these.

    def _prepare_model(self):
        """Finds the data whose order is known, and makes the model have all its variables."""
        model = self.model
        self._is_adversarial = hasattr(model, "start_at")
        self._data = model.data if self._is_adversarial else self._given_data
        self._epoch_offset = getattr(model, "data_epoch_offset", 0) if self._data is None or self._is_adversarial else None
        if self._data is None:
            warnings.warn(
                "ExactResume does not know the order of these data: checkpoints are made between epochs only, and going on is "
                "exact where an epoch's data do not depend on the epochs before. Give fit an array or Batches to change that.",
                stacklevel=2,
            )
        elif not self._is_adversarial:
            model._symbolic_build(data_batch=self._data.load(self._data.order(0)[0]))
        if model.built and model.optimizer is not None and not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)

    def _go_on(self, facts, state):
        """Restores a checkpoint, and makes `fit` begin where it was made."""
        self._refuse_other_run(facts)
        epoch, step = facts["epoch"], facts["step"]
        self._seconds_before = facts["seconds"]
        if facts["finished_epochs"] is None:
            self._pending = {group: state[group] for group in _groups(facts)}
        elif self.params["epochs"] <= facts["finished_epochs"]:
            epoch = max(epoch, self.params["epochs"])
        self._moved, self._first_step, self._epoch_offset = True, step, facts["epoch_offset"]
        if self._data is None:
            self.model._initial_epoch = epoch
        elif self._is_adversarial:
            self.model.data_epoch_offset = self._epoch_offset
            self.model.start_at(epoch, step)
        else:
            self.model._initial_epoch = epoch
            self._data.seek(epoch + self._epoch_offset, step)
            # This epoch has fewer steps than Keras expects, of which it warns.
            self._quiet.enter_context(warnings.catch_warnings())
            warnings.filterwarnings("ignore", message="Your input ran out of data")
        restore_state(self.model, state)

    def _refuse_other_run(self, facts):
        folder = self.checkpoints.folder
        refuse_other(folder, facts["config"], self.config)
        refuse_other(folder, facts["compile"], self._compile_config, common=True)
        own = data_facts(self._data)
        if own and self._is_adversarial and self.model.seed is None and own[SEED] == self.model.first_seed:
            # Nobody has chosen the seed of an array's order: each process draws its own, and here the first one's holds.
            own[SEED] = self._data.seed = facts["data"].get(SEED, own[SEED])
        refuse_other(folder, facts["data"], own)
        refuse_other_state(folder, self.model, facts["variables"], _groups(facts))

    def _is_due(self, step):
        if not self.writes:
            return False
        if self._data is None and (step or self._epoch == self._first_epoch):
            return False
        writer = self._writer
        first = self._found is None and writer.last is None
        by_steps = self.every_steps is not None and self._steps_since >= self.every_steps
        by_time = self.every_seconds is not None and time.perf_counter() - (writer.last or self._began) >= self.every_seconds
        return (first or by_steps or by_time) and writer.is_free()

    def _checkpoint(self, epoch, step, finished_epochs=None):
        """Makes a checkpoint of this moment; `finished_epochs` says that training has ended, and for how many it was asked."""
        if not self.writes:
            return
        self._steps_since = 0
        self._writer.write(
            self.model,
            {
                "epoch": epoch,
                "step": step,
                "finished_epochs": finished_epochs,
                "seconds": self.seconds,
                "epoch_offset": self._epoch_offset,
                "config": self.config,
                "compile": self._compile_config,
                "data": data_facts(self._data),
            },
        )


def _groups(facts):
    """Returns what a checkpoint restores: metrics count from each epoch's first step."""
    return ("model", "optimizer", "metrics") if facts["step"] else ("model", "optimizer")
