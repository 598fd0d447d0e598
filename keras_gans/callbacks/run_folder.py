from __future__ import annotations

import csv
import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_gans._typing import PathLike
from keras_gans.callbacks.json_log import read_until
from keras_gans.files import remove_leftovers, replacing
from keras_gans.log_names import current_name
from keras_gans.presets import CONFIG, METADATA, WEIGHTS, Metadata, Training, save_preset
from keras_gans.resume.exact_resume import ExactResume

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel

CHECKPOINTS, LOGS = "checkpoints", "logs"


class RunFolder(ExactResume):
    """Keeps a training run in a folder that is also a preset, and resumes an existing run: see `ExactResume`.

    The folder contains the weights (`load_pretrained(folder)`): the initial ones at first, then those after some epochs, as
    often as half of `time_share` allows, and always those after the last. `checkpoints/` contains what resuming needs, `logs/`
    the files `train.jsonl` and `train.csv` of `JSONLog` and `CSVLogger`. When the run is resumed, their lines about epochs that
    are repeated are removed, so let them append.

    A run stopped by `interrupt` keeps the weights of that moment and a checkpoint of it. A run whose weights become NaN ends
    with a FloatingPointError and keeps the weights saved last.

    Args:
        folder: The run's folder.
        time_share: The fraction of training time that checkpoints and weights together may take; infinity saves every epoch.
        every_steps: Steps between two checkpoints, or None.
        every_seconds: Seconds between two checkpoints, or None.
        keep: Number of checkpoints to keep, an integer of at least 1.
        config: What determines the run: see `ExactResume`.
        writes: Whether this process writes.
        **metadata: Metadata for `save_preset`, such as `dataset`, `recipe` and `training`; `epochs_done` and `seconds` of
            `training` are kept up to date.

    Attributes:
        metadata: The current `keras_gans.presets.Metadata`.
        saved_epochs: The number of epochs that the weights in the folder were trained for.
    """

    def __init__(
        self,
        folder: PathLike,
        *,
        time_share: float = 0.02,
        every_steps: int | None = None,
        every_seconds: float | None = 60,
        keep: int = 3,
        config: Mapping[str, Any] | None = None,
        writes: bool = True,
        **metadata: Any,
    ):
        super().__init__(
            Path(folder, CHECKPOINTS),
            every_steps=every_steps,
            every_seconds=every_seconds,
            keep=keep,
            config=config,
            time_share=time_share / 2,
            writes=writes,
        )
        self.folder = Path(folder)
        training = metadata.get("training") or {}
        training = training.to_dict() if isinstance(training, Training) else training
        given = {**metadata, "training": {"epochs_done": 0, "seconds": 0.0, **training}}
        self.metadata = Metadata.from_dict(given)
        self.saved_epochs = self.epochs_done
        self._saved_at, self._saving_cost = 0.0, 0.0

    @property
    def epochs_done(self) -> int:
        """The number of epochs the run has done."""
        return self.metadata.training.epochs_done or 0

    def _note(self, **training: Any) -> None:
        """Update the metadata of training."""
        self.metadata = self.metadata.update(training=self.metadata.training.update(**training))

    def interrupt(self) -> None:
        """Stop training after the current step. May be called at any time, even by a signal handler."""
        self.interrupted = True

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        super().on_train_begin(logs)
        epochs_done = self.position[0] if self.position else 0
        self._note(epochs_done=epochs_done, seconds=round(self.seconds, 1))
        if not self.writes:
            return
        medium = self.model.medium
        for name in (CONFIG, WEIGHTS, METADATA, *medium.file_names, *medium.preset_files(self.model)):
            remove_leftovers(self.folder, name)
        read_until(self.folder / LOGS / "train.jsonl", "epoch", epochs_done)
        read_until(self.folder / LOGS / "train.csv", "epoch", epochs_done, parse=_parse_csv)
        _rename_columns(self.folder / LOGS / "train.csv")
        if self.position is None:
            self._save()

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        if self.interrupted and not self.model.stop_training:
            self.model.stop_training = True
            step = self._first_step + batch + 1
            self._within_epoch = step < (len(self._data) if self._data is not None else self.params["steps"] or math.inf)
            if self._within_epoch and self._data is not None:
                self._checkpoint(self._epoch, step)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        super().on_epoch_end(epoch, logs)
        self._note(seconds=round(self.seconds, 1))
        if not self._within_epoch:
            self._note(epochs_done=epoch + 1)
            self.metadata = self.metadata.update(logs={name: round(float(value), 6) for name, value in (logs or {}).items()})
        _refuse_nan(self.model, f"epoch {epoch + 1}")
        if self.writes and time.perf_counter() - self._saved_at >= self._saving_cost / self.time_share:
            try:
                self._save()
            except OSError as error:
                assert self._writer is not None
                self._writer.warn("The weights", error)

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        # Weights first: once the last checkpoint says that the run is finished, nobody resumes it to save them.
        try:
            if self._within_epoch or self.saved_epochs != self.epochs_done:
                self._save()
        except BaseException:
            self.release()
            raise
        super().on_train_end(logs)

    def _save(self) -> None:
        """Make the folder a preset of the current model."""
        if self.writes:
            began = time.perf_counter()
            save_preset(self.model, self.folder, **self.metadata.to_dict())
            self._saved_at = time.perf_counter()
            self._saving_cost = self._saved_at - began
            self.saved_epochs = self.epochs_done


def _parse_csv(line: str) -> dict[str, Any]:
    """Return the epoch, counted from 1, of a line of `CSVLogger`; 0 for the header."""
    first = line.split(",")[0]
    return {"epoch": 0 if first == "epoch" else int(first) + 1}


def _rename_columns(path: Path) -> None:
    """Give a log of an earlier version the present names, in the order in which `CSVLogger` appends values."""
    if not path.is_file():
        return
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        before = reader.fieldnames or []
        rows = [{current_name(name): value for name, value in row.items()} for row in reader]
    names = [current_name(name) for name in before]
    if names == before:
        return
    with replacing(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["epoch", *sorted(set(names) - {"epoch"})], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _refuse_nan(model: AdversarialModel, when: str) -> None:
    """Raise FloatingPointError if weights or samples are NaN or infinite, which the loss of the last step does not show."""
    model.sync_state()
    samples = model.generate(16, seed=0, conditions=model.example_conditions(16))
    values = [*model.generator.get_weights(), *model.discriminator.get_weights(), samples]
    if not all(np.isfinite(value).all() for value in values):
        raise FloatingPointError(f"weights or samples became NaN or infinite at the end of {when}. Try a lower learning rate.")
