"""A run over picture files: the next ones are decoded and the last one is written beside computing."""

from __future__ import annotations

import collections
import dataclasses
import errno
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np

from keras_gans._typing import Array
from keras_gans.applying.application import apply_picture
from keras_gans.applying.jobs import Job
from keras_gans.applying.network import AppliedNetwork, Filter
from keras_gans.applying.options import Options
from keras_gans.applying.picture_files import Picture, read_picture
from keras_gans.applying.written_files import fit_format, write_picture
from keras_gans.credentials import Credentials
from keras_gans.data.skipped import UnreadableError
from keras_gans.files import remove_leftovers

# Pictures that are decoded ahead.
_AHEAD = 2
# After these errors, no other file can be written either.
_FATAL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
# And after these, if they are the first thing that happens.
_PROBABLY_FATAL = (errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENOTDIR)


@dataclasses.dataclass(frozen=True)
class Progress:
    """How far `apply_files` is.

    Attributes:
        done: Number of pictures that are done.
        total: Number of all.
        source: The current one.
        share: How much of it is done, 0 to 1.
        seconds_left: Estimated time that is left; None at the beginning.
    """

    done: int
    total: int
    source: Path
    share: float
    seconds_left: float | None


@dataclasses.dataclass
class Applied:
    """What `apply_files` has done.

    Attributes:
        written: Paths of the outputs.
        existing: Number of outputs that existed and were skipped.
        failed: Pictures that could not be read or computed, and why.
        notes: What was changed on reading or writing, with the first picture and the number of pictures concerned.
    """

    written: list[Path] = dataclasses.field(default_factory=list)
    existing: int = 0
    failed: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    notes: dict[str, tuple[str, int]] = dataclasses.field(default_factory=dict)

    def note(self, source: Path, notes: Sequence[str]) -> None:
        """Count the notes of a picture."""
        for note in notes:
            first, count = self.notes.get(note, (str(source), 0))
            self.notes[note] = (first, count + 1)


class Run:
    """Sends pictures through a network, decoding the next ones and writing the last one meanwhile.

    Args:
        network: The network.
        options: How it is applied.
        applied: Is told what was done.
        progress: Is called while pictures are computed.
    """

    def __init__(
        self,
        network: AppliedNetwork | Filter,
        options: Options,
        applied: Applied,
        progress: Callable[[Progress], None] | None,
    ):
        self.network, self.options, self.applied, self.progress = network, options, applied, progress
        marked = options.mark == "declaration"
        self.declaration = network.declaration() if marked and isinstance(network, AppliedNetwork) else None
        if options.sign is not None:
            if self.declaration is None:
                raise ValueError("Only what a model made, and what declares that, is signed: leave out sign, or mark='none'.")
            self.declaration = dataclasses.replace(self.declaration, signer=Credentials.load(options.sign).sign)
        self.begun = time.perf_counter()
        self.done = self.total = 0

    def run(self, jobs: Sequence[Job]) -> None:
        """Do all jobs."""
        self.total = len(jobs)
        waiting = iter(jobs)
        reading: collections.deque[tuple[Job, Future]] = collections.deque()
        writing: tuple[Job, Future] | None = None
        with ThreadPoolExecutor(_AHEAD) as readers, ThreadPoolExecutor(1) as writers:
            try:
                for job in waiting:
                    reading.append((job, readers.submit(self._read, job)))
                    if len(reading) > _AHEAD:
                        writing = self._next(reading, writing, writers)
                while reading:
                    writing = self._next(reading, writing, writers)
                self._finish(writing)
            except BaseException:
                for _, future in reading:
                    future.cancel()
                raise

    def _next(
        self, reading: collections.deque[tuple[Job, Future]], writing: tuple[Job, Future] | None, writers: ThreadPoolExecutor
    ) -> tuple[Job, Future] | None:
        """Compute the next picture; return what is being written, at most one picture."""
        job, future = reading.popleft()
        try:
            picture, mask = future.result()
            made = apply_picture(self.network, picture, self.options, mask, lambda share: self._tell(job, share))
            made, target = fit_format(made, job.target)
        except (ValueError, MemoryError) as error:  # UnreadableError is a ValueError
            reason = str(error) or "out of memory: allow less for a tile"
            self.applied.failed.append((str(job.source), reason.removesuffix(".")))
            self.done += 1
            return writing
        self._finish(writing)
        self.done += 1
        return dataclasses.replace(job, target=target), writers.submit(self._write, target, made, job)

    def _read(self, job: Job) -> tuple[Picture, Array | None]:
        picture = read_picture(job.source, self.options.max_pixels)
        return picture, None if job.mask is None else _read_mask(job.mask, picture)

    def _write(self, target: Path, picture: Picture, job: Job) -> None:
        if target != job.target and target.exists() and not self.options.overwrite:
            raise FileExistsError(errno.EEXIST, f"{target} exists already")
        if target.exists() and target.samefile(job.source):
            raise FileExistsError(errno.EEXIST, f"{target} is also the input, which is never replaced")
        remove_leftovers(target.parent, target.name)
        write_picture(target, picture, self.options.quality, self.options.metadata, self.declaration)
        self.applied.note(job.source, picture.notes)

    def _finish(self, writing: tuple[Job, Future] | None) -> None:
        """Wait until a picture is written.

        Raises:
            OSError: If no other one can be written either.
        """
        if writing is None:
            return
        job, future = writing
        try:
            future.result()
        except OSError as error:
            if error.errno in _FATAL or (error.errno in _PROBABLY_FATAL and not self.applied.written) or self.total == 1:
                raise OSError(f"{job.target} cannot be written: {error.strerror or error}.") from error
            self.applied.failed.append((str(job.source), f"{job.target} cannot be written: {error.strerror or error}"))
        else:
            self.applied.written.append(job.target)

    def _tell(self, job: Job, share: float) -> None:
        if self.progress is None:
            return
        worked = self.done + share
        seconds = time.perf_counter() - self.begun
        left = seconds / worked * (self.total - worked) if worked else None
        self.progress(Progress(self.done, self.total, job.source, share, left))


def _read_mask(path: Path, picture: Picture) -> Array:
    """Return where a picture is painted anew: bool `(height, width)`.

    Raises:
        UnreadableError: If the mask cannot be read, or has another size.
    """
    if not path.is_file():
        raise UnreadableError(f"there is no mask {path}")
    try:
        mask = read_picture(path)
    except UnreadableError as error:
        raise UnreadableError(f"its mask {path}: {error}") from error
    if mask.size != picture.size:
        raise UnreadableError(
            f"its mask {path} has {mask.size[1]}x{mask.size[0]} pixels, but the picture has {picture.size[1]}x{picture.size[0]}"
        )
    bright = mask.colours.mean(axis=-1) > mask.largest / 2
    return bright if mask.alpha is None else np.logical_and(bright, mask.alpha > mask.largest / 2)
