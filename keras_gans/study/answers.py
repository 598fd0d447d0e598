"""The answers of a study, in SQLite: an answer that was acknowledged is on the disk, whatever happens to the process."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import hmac
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from keras_gans.study.folder import ANSWERS, Study
from keras_gans.study.plan import Trial

_APPLICATION = 0x6B67616E  # "kgan", which `file` and SQLite show
_VERSION = 1
_TABLES = """
CREATE TABLE study (digest TEXT NOT NULL, salt BLOB NOT NULL);
CREATE TABLE participants (
    number INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, token TEXT NOT NULL UNIQUE, begun REAL NOT NULL
);
CREATE TABLE answers (
    participant INTEGER NOT NULL REFERENCES participants (number), trial INTEGER NOT NULL, phase TEXT NOT NULL,
    kind TEXT NOT NULL, item TEXT NOT NULL, source TEXT NOT NULL, other TEXT NOT NULL, other_source TEXT NOT NULL,
    repeats INTEGER, choice TEXT NOT NULL, correct INTEGER, milliseconds REAL NOT NULL, exposure INTEGER, shown REAL,
    frames INTEGER, frame REAL, at REAL NOT NULL, PRIMARY KEY (participant, trial)
);
"""


@dataclasses.dataclass(frozen=True)
class Answer:
    """An answer as it is stored, and a row of the CSV file.

    Attributes:
        participant: The participant's number, from 0.
        trial: The number of the trial, from 0.
        phase: `"practice"`, `"qualification"` or `"main"`.
        kind: `"scored"`, `"gold"` or `"repeat"`.
        item: Name of the item, or of the left one.
        source: Its source.
        other: Name of the right item, or "".
        other_source: Its source, or "".
        repeats: Number of the trial that is repeated, or None.
        choice: One of the protocol's choices.
        correct: Whether it was right; None if no answer is wrong.
        milliseconds: Time from when the item was shown, or hidden if it was shown for a time, to the answer.
        exposure: How long the item should be shown, in milliseconds, or None.
        shown: How long it was shown by the browser's clock, in milliseconds, or None.
        frames: The number of frames that it was shown, or None.
        frame: Median length of a frame, in milliseconds, or None.
        at: When it arrived, in seconds since 1970.
    """

    participant: int
    trial: int
    phase: str
    kind: str
    item: str
    source: str
    other: str
    other_source: str
    repeats: int | None
    choice: str
    correct: bool | None
    milliseconds: float
    exposure: int | None = None
    shown: float | None = None
    frames: int | None = None
    frame: float | None = None
    at: float = 0.0

    @property
    def counts(self) -> bool:
        """Whether it counts for the score, unless its rater is left out."""
        return self.phase == "main" and self.kind == "scored"


def answer_to(trial: Trial, participant: int, choice: str, is_binary: bool, milliseconds: float, **measured: Any) -> Answer:
    """Return the answer to a trial.

    Args:
        trial: The trial.
        participant: The participant's number.
        choice: One of the protocol's choices.
        is_binary: Whether raters say "real" or "generated".
        milliseconds: Time that the answer took.
        **measured: `exposure`, `shown`, `frames`, `frame` and `at` of the `Answer`, where there are any.
    """
    right = trial.right_answers(is_binary)
    items, sources = (*trial.items, ""), (*trial.sources, "")
    return Answer(
        participant,
        trial.number,
        trial.phase,
        trial.kind,
        items[0],
        sources[0],
        items[1],
        sources[1],
        trial.repeats,
        choice,
        None if right is None else choice in right,
        milliseconds,
        **measured,
    )


COLUMNS = tuple(field.name for field in dataclasses.fields(Answer))


class StorageError(RuntimeError):
    """Something could not be stored, such as on a full disk. Nothing of it was."""


class Answers:
    """The database of a study. Any thread may use it.

    Args:
        study: The study, with a folder.
        read_only: Whether it is only read, and must exist.

    Raises:
        FileNotFoundError: If it is only read and does not exist.
        ValueError: If the file is of another study or another version, or damaged.
        StorageError: If it cannot be written.
    """

    def __init__(self, study: Study, read_only: bool = False):
        assert study.folder is not None
        self.path = Path(study.folder) / ANSWERS
        if read_only and not self.path.is_file():
            raise FileNotFoundError(f"{study.folder} has no answers yet: nobody has taken part (keras-gans study serve).")
        self._study, self._lock = study, threading.Lock()
        try:
            self._base = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=10)
        except sqlite3.OperationalError as error:
            raise StorageError(f"{self.path} cannot be opened: {error}.") from error
        try:
            self._prepare()
        except sqlite3.DatabaseError as error:
            self._base.close()
            if isinstance(error, sqlite3.OperationalError):
                raise StorageError(f"{self.path} cannot be written: {error}.") from error
            raise ValueError(f"{self.path} is damaged or not a database of a study: {error}.") from error
        except BaseException:
            self._base.close()
            raise

    def _prepare(self) -> None:
        base = self._base
        [version] = base.execute("PRAGMA user_version").fetchone()
        [application] = base.execute("PRAGMA application_id").fetchone()
        [tables] = base.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if (application, version) != (_APPLICATION, _VERSION) and (tables or application or version):
            raise ValueError(f"{self.path} is not a database of studies of this version of keras_gans.")
        # Each commit is synchronised with the disk before it returns.
        base.execute("PRAGMA journal_mode = WAL")
        base.execute("PRAGMA synchronous = FULL")
        base.execute("PRAGMA foreign_keys = ON")
        if not tables:
            with self._transaction():
                for statement in _TABLES.split(";"):
                    base.execute(statement)
                base.execute("INSERT INTO study VALUES (?, ?)", (self._study.digest, secrets.token_bytes(16)))
                base.execute(f"PRAGMA application_id = {_APPLICATION}")
                base.execute(f"PRAGMA user_version = {_VERSION}")
        digest, self._salt = base.execute("SELECT digest, salt FROM study").fetchone()
        if digest != self._study.digest:
            raise ValueError(
                f"{self.path} holds the answers of another study. Move it away, or restore the study.json that it belongs to."
            )

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Let one thread at a time write; what fails leaves nothing behind."""
        with self._lock:
            try:
                self._base.execute("BEGIN IMMEDIATE")
                yield self._base
                self._base.execute("COMMIT")
            except BaseException as error:
                if self._base.in_transaction:
                    with contextlib.suppress(sqlite3.Error):
                        self._base.execute("ROLLBACK")
                if isinstance(error, sqlite3.OperationalError):
                    raise StorageError(f"{self.path} cannot be written: {error}.") from error
                raise

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._base.close()

    # Participants

    def pseudonym(self, participant: str) -> str:
        """Return the code that stands for the name of a participant: the name itself is stored nowhere."""
        return hmac.new(self._salt, participant.encode(), "sha256").hexdigest()[:16]

    def completion_code(self, number: int) -> str:
        """Return what a participant is shown at the end."""
        if self._study.completion_code is not None:
            return self._study.completion_code
        return hmac.new(self._salt, f"completed {number}".encode(), "sha256").hexdigest()[:8].upper()

    def begin(self, participant: str) -> tuple[int, str] | None:
        """Register a participant.

        Args:
            participant: The name by which a platform knows them.

        Returns:
            Their number and their secret token; None if they have begun before.
        """
        code, token = self.pseudonym(participant), secrets.token_urlsafe(24)
        with self._transaction() as base:
            if base.execute("SELECT 1 FROM participants WHERE code = ?", (code,)).fetchone():
                return None
            [number] = base.execute("SELECT coalesce(max(number) + 1, 0) FROM participants").fetchone()
            base.execute("INSERT INTO participants VALUES (?, ?, ?, ?)", (number, code, _hashed(token), time.time()))
        return number, token

    def number_of(self, token: str) -> int | None:
        """Return the number of the participant who has a token; None if nobody has."""
        with self._lock:
            found = self._base.execute("SELECT number FROM participants WHERE token = ?", (_hashed(token),)).fetchone()
        return None if found is None else found[0]

    def participants(self) -> dict[int, str]:
        """Return the codes of the participants by their numbers."""
        with self._lock:
            return dict(self._base.execute("SELECT number, code FROM participants ORDER BY number").fetchall())

    # Answers

    def add(self, answer: Answer) -> None:
        """Store an answer; an answer to the same trial that is there already remains.

        Raises:
            StorageError: If it cannot be stored.
        """
        marks = ", ".join("?" * len(COLUMNS))
        with self._transaction() as base:
            base.execute(f"INSERT OR IGNORE INTO answers VALUES ({marks})", dataclasses.astuple(answer))

    def of(self, participant: int) -> list[Answer]:
        """Return the answers of a participant in their order."""
        return self._select("WHERE participant = ? ", (participant,))

    def all(self) -> list[Answer]:
        """Return all answers, participant by participant."""
        return self._select("", ())

    def _select(self, where: str, values: tuple[int, ...]) -> list[Answer]:
        with self._lock:
            rows = self._base.execute(
                f"SELECT {', '.join(COLUMNS)} FROM answers {where}ORDER BY participant, trial", values
            ).fetchall()
        answers = [Answer(*row) for row in rows]
        truths = {None: None, 0: False, 1: True}
        return [dataclasses.replace(answer, correct=truths[answer.correct]) for answer in answers]


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
