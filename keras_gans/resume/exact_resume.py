from __future__ import annotations

import contextlib
import time
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import keras

from keras_gans._typing import PathLike
from keras_gans.distribution import agree
from keras_gans.errors import check_count
from keras_gans.resume.background_writer import BackgroundWriter
from keras_gans.resume.checkpoints import CheckpointFolder
from keras_gans.resume.folder_lock import FolderLock
from keras_gans.resume.run_identity import SEED, compile_config, data_facts, json_config, refuse_other
from keras_gans.resume.training_state import State, refuse_other_state, restore_state

if TYPE_CHECKING:
    from keras_gans.data.batches import Batches


class ExactResume(keras.callbacks.Callback):
    """Resumes training that was killed at any moment, with exactly the weights of an uninterrupted run.

    Run the same script again: `fit` then starts at the step of the newest checkpoint. On a CPU, the result equals that of an
    uninterrupted run bit for bit. A checkpoint contains all variables of the model (seed generators included), of its
    optimizer and of its metrics, and the position in the data. It is copied between two steps and written in a background
    thread. A folder belongs to one call of `fit`; calling that with more epochs continues it.

    An `AdversarialModel` trained on an array or on `keras_gans.load_data(...).batches(...)` is resumed at any step, and so is
    any Keras model if `fit` and `ExactResume(data=...)` get the same `keras_gans.data.Batches`. The order of other data is
    unknown: checkpoints are then made between epochs only, and resuming is exact if the data of an epoch do not depend on
    earlier epochs. The state of other callbacks (the best value of `EarlyStopping`, say) is not saved.

    A checkpoint that cannot be written (the disk is full, say) is a warning; training continues, and the next one is tried
    when due.

    Args:
        folder: The folder of checkpoints. It cannot be used by two processes at the same time.
        every_steps: Steps between two checkpoints, or None.
        every_seconds: Seconds between two checkpoints, or None. Whichever comes first counts.
        keep: Number of checkpoints to keep, an integer of at least 1.
        config: A dict of JSON values with whatever else determines the run. Resuming with a different one is refused, as it is
            with different arguments of `compile`.
        data: The `Batches` given to `fit`, for a model that is not an `AdversarialModel`.
        time_share: The fraction of training time that checkpoints may take. They are made less often if necessary; infinity
            makes every one that is due.
        writes: Whether this process writes. If several workers train one model, only the chief does; all of them read.

    Raises:
        RuntimeError: From `fit`, if another process uses the folder.
        ValueError: If an argument is out of range; from `fit`, if the checkpoints belong to another model or configuration or
            to a newer version, or are all damaged. A damaged checkpoint is skipped, with a warning, in favour of the previous
            one.

    Example:

        resume = keras_gans.callbacks.ExactResume("checkpoints", config={"augment": "flip"})
        model.fit(images, batch_size=64, epochs=100, callbacks=[resume])
    """

    # Whether training is to stop and to be resumed later; whether it stopped before the end of an epoch. See RunFolder.
    interrupted = False
    _within_epoch = False
    # By how much the numbers of the data's epochs exceed Keras'; None until the first epoch begins.
    _epoch_offset: int | None = None

    def __init__(
        self,
        folder: PathLike,
        *,
        every_steps: int | None = None,
        every_seconds: float | None = 60,
        keep: int = 3,
        config: Mapping[str, Any] | None = None,
        data: Batches | None = None,
        time_share: float = 0.02,
        writes: bool = True,
    ):
        super().__init__()
        if every_steps is None and every_seconds is None:
            raise ValueError("Give every_steps or every_seconds: without either, no checkpoints are made.")
        keep = check_count("keep", keep)
        for name, value in (("every_seconds", every_seconds), ("time_share", time_share)):
            if value is not None and not value > 0:
                raise ValueError(f"{name} must be a number above 0; received {value!r}.")
        self.checkpoints = CheckpointFolder(folder, keep)
        self.lock = FolderLock(folder)
        self.every_steps = None if every_steps is None else check_count("every_steps", every_steps)
        self.every_seconds = every_seconds
        self.config = json_config(config)
        self.time_share, self.writes = time_share, writes
        self._given_data = data
        self._writer: BackgroundWriter | None = None
        self._found: tuple[int, int] | None = None
        self._read: tuple[dict[str, Any], State] | None = None

    @property
    def position(self) -> tuple[int, int] | None:
        """The position of the newest checkpoint found or written: (epochs done, steps done of the next epoch), or None."""
        return (self._writer and self._writer.position) or self._found

    def find_position(self) -> tuple[int, int] | None:
        """Read the newest undamaged checkpoint before `fit` does, and return its `position`.

        Raises:
            ValueError: As `fit` does.
        """
        self._read = self.checkpoints.newest()
        self._found = (self._read[0]["epoch"], self._read[0]["step"]) if self._read else None
        return self._found

    @property
    def seconds(self) -> float:
        """Seconds of training so far, including those before the run was resumed."""
        return self._seconds_before + time.perf_counter() - self._began

    # A checkpoint at (epoch, step) contains the state just before that step, after everything that callbacks do before it.
    # Hence on_train_batch_begin makes and restores it. (A hook at the end of a batch would also make JAX wait for each step.)

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        self._began, self._seconds_before = time.perf_counter(), 0.0
        self._epoch = 0
        self._first_epoch: int | None = None
        self._pending: State | None = None
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
        # Every worker reads, and none continues until all have found the same checkpoint.
        agree({"the checkpoint": self._found}, getattr(self.model, "distribute_strategy", None))
        found, self._read = self._read, None
        if found is not None:
            self._go_on(*found)

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        if self._first_epoch is None:
            self._first_epoch = epoch
        elif self._moved:
            self._moved, self._first_step = False, 0
            if self._is_adversarial and self._data is not None:
                self.model.start_at_first_step()
        if self._epoch_offset is None and self._data is not None:
            self._epoch_offset = self._data.epoch - epoch
        self._epoch = epoch
        self.model._initial_epoch = None  # Keras has read it, and the next fit must not

    def on_train_batch_begin(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        if self._first_step and self._data is not None and self._first_step + batch >= len(self._data):
            # Keras counts the steps of whole epochs. It would begin a step without data, which advances seeds on TensorFlow. To
            # Keras, this is the end of the data.
            raise StopIteration
        if self._pending is not None:
            # Again, because Keras has reset the metrics, and callbacks may have changed learning rates a second time.
            restore_state(self.model, self._pending, tuple(self._pending))
            self._pending = None
        elif self._is_due(self._first_step + batch):
            self._checkpoint(self._epoch, self._first_step + batch)
        self._steps_since += self._steps_per_execution

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        self._quiet.close()

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        try:
            self.model._initial_epoch = None
            if self._steps_since and not self._within_epoch:
                # A run that another callback stopped is finished.
                stopped = self.model.stop_training and not self.interrupted
                self._checkpoint(self._epoch + 1, 0, finished_epochs=self.params["epochs"] if stopped else self._epoch + 1)
        finally:
            self.release()
        ledger = getattr(self.model, "ledger", None)
        if self.writes and ledger is not None and ledger.is_spent:
            self.checkpoints.remove_older()  # they hold the secret seeds

    def release(self) -> None:
        """Wait for the checkpoint being written, and release the folder."""
        if self._writer is not None:
            self._writer.finish()
            self.lock.release()

    # Parts of these hooks.

    def _prepare_model(self) -> None:
        """Find the data if their order is known, and build all variables of the model."""
        model = self.model
        self._is_adversarial = hasattr(model, "start_at")
        self._data: Batches | None = model.data if self._is_adversarial else self._given_data
        self._epoch_offset = getattr(model, "data_epoch_offset", 0) if self._data is None or self._is_adversarial else None
        if self._data is None:
            warnings.warn(
                "ExactResume does not know the order of these data: checkpoints are made between epochs only, and resuming is "
                "exact only if the data of an epoch do not depend on earlier epochs. Give fit an array or Batches to resume at "
                "any step.",
                stacklevel=2,
            )
        elif not self._is_adversarial:
            model._symbolic_build(data_batch=self._data.load(self._data.order(0)[0]))
        if model.built and model.optimizer is not None and not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)

    def _go_on(self, facts: dict[str, Any], state: State) -> None:
        """Restore a checkpoint, and make `fit` start where it was made."""
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
            # Keras warns that this epoch has fewer steps than expected.
            self._quiet.enter_context(warnings.catch_warnings())
            warnings.filterwarnings("ignore", message="Your input ran out of data")
        restore_state(self.model, state)

    def _refuse_other_run(self, facts: dict[str, Any]) -> None:
        folder = self.checkpoints.folder
        refuse_other(folder, facts["config"], self.config)
        refuse_other(folder, facts["compile"], self._compile_config, common=True)
        own = data_facts(self._data)
        if self._data is not None and self._is_adversarial and self.model.seed is None and own[SEED] == self.model.first_seed:
            # The seed of an array's order was not chosen: each process draws its own, and the first one's is kept.
            own[SEED] = self._data.seed = facts["data"].get(SEED, own[SEED])
        if self._data is not None and getattr(self._data, "secret", False):
            # The seed was drawn from the operating system, and the checkpoint alone stores it.
            own[SEED] = self._data.seed = facts["data"].get(SEED, own[SEED])
        refuse_other(folder, facts["data"], own)
        refuse_other_state(folder, self.model, facts["variables"], _groups(facts))

    def _is_due(self, step: int) -> bool:
        writer = self._writer
        if writer is None:
            return False
        if self._data is None and (step or self._epoch == self._first_epoch):
            return False
        first = self._found is None and writer.last is None
        by_steps = self.every_steps is not None and self._steps_since >= self.every_steps
        by_time = self.every_seconds is not None and time.perf_counter() - (writer.last or self._began) >= self.every_seconds
        return (first or by_steps or by_time) and writer.is_free()

    def _checkpoint(self, epoch: int, step: int, finished_epochs: int | None = None) -> None:
        """Make a checkpoint.

        Args:
            epoch: Epochs done.
            step: Steps done of the next epoch.
            finished_epochs: For how many epochs training was asked, if it has ended; else None.
        """
        if self._writer is None:
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


def _groups(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the groups of variables that a checkpoint restores: metrics restart at the first step of an epoch."""
    return ("model", "optimizer", "metrics") if facts["step"] else ("model", "optimizer")
