"""Folders from elsewhere as they lie in the cache: each version whole, in a folder named by the SHA-256 of its index.

    presets/NAME-KEY/              one address; KEY is of its URL
      current.json                 which version was there when it was last looked up
      lock                         who downloads
      SHA256/NAME/                 a version, never changed
      SHA256.part/NAME/            one that is being downloaded, or was when something stopped it

A process that loads one version is not disturbed by another that fetches the next.
"""

import contextlib
import dataclasses
import hashlib
import math
import os
import shutil
import sys
import threading
import warnings
from pathlib import Path

from keras_gans.files import cache_folder, read_object, write_json
from keras_gans.presets.hub import download, manifest, web
from keras_gans.presets.hub.address import Address
from keras_gans.resume.folder_lock import FolderInUseError, FolderLock

_OFFLINE = ("KERAS_GANS_OFFLINE", "HF_HUB_OFFLINE")
_LARGEST_INDEX = 2_000_000
# How often a folder may be replaced while it is being read.
_CHANGES = 3
# With a copy at hand nobody waits long for a server that is away.
_ATTEMPTS_WITH_A_COPY, _SILENCE_WITH_A_COPY = 2, 5.0
_WAIT_IN_SILENCE = 2.0
_threads: dict[Path, threading.Lock] = {}


def offline() -> str | None:
    """Returns the environment variable that forbids the network, or None."""
    switched = (name for name in _OFFLINE if os.environ.get(name, "").strip().lower() in ("1", "true", "yes", "on"))
    return next(switched, None)


def fetch(address: Address, contents: manifest.Contents) -> Path:
    """Returns the folder in the cache that holds what an address has, downloading what is missing or was changed.

    A folder that is pinned and there needs no network. Where the server cannot be reached, what was there last is returned,
    with a warning.

    Args:
        address: Where it lies.
        contents: Which files it has.

    Raises:
        ValueError: If there is no such folder, it may not be read, or a file in it is not what its index says; if the index is
            not what the address pins.
        OSError: If the server cannot be reached or is cut off again and again, there is no room, or the network is forbidden
            (`KERAS_GANS_OFFLINE`, `HF_HUB_OFFLINE`) and there is no copy.
    """
    return _Place(address, contents).fetch()


class _Place:
    """What the cache holds of one address."""

    def __init__(self, address, contents):
        self.address, self.contents, self.text = address, contents, address.text
        key = hashlib.sha256(address.base.encode()).hexdigest()[:16]
        self.folder = cache_folder("presets") / f"{address.name}-{key}"

    def fetch(self):
        last, etag = self._last()
        copy = self._whole(self.address.pin or last)
        if copy and self.address.pin:
            return copy
        if forbidden := offline():
            if copy:
                return copy
            raise FileNotFoundError(
                f"{self.text} is not in the cache ({self.folder.parent}), and {forbidden} forbids to download it: unset that, "
                "or load it once where there is a network."
            )
        try:
            return self._fetch_present(last, etag if copy else None, copy)
        except web.UnreachableError as error:
            if not copy:
                raise
            warnings.warn(f"{str(error).rstrip('.')}: the copy in the cache is used.", stacklevel=5)
            return copy

    def _fetch_present(self, last, etag, copy):
        """Returns the folder of the version that the server has: the copy, if it is still that."""
        failures = {}
        while True:
            content, new_etag = self._fetch_index(etag, copy)
            digest = last if content is None else hashlib.sha256(content).hexdigest()
            if copy and digest == last:
                return copy
            if digest in failures or len(failures) == _CHANGES:
                raise failures.get(digest) or list(failures.values())[-1]
            try:
                return self._fetch_version(digest, content, new_etag)
            except (download.WrongFileError, web.RefusedError) as error:
                # Whoever publishes may just be replacing the folder: then its index is another one now.
                failures[digest] = self._explain(error)

    def _fetch_index(self, etag, copy):
        """Returns the index and its ETag; in place of the index None, if it is still the one of the ETag."""
        patience = web.PATIENCE
        if copy:
            patience = dataclasses.replace(
                patience,
                attempts=min(patience.attempts, _ATTEMPTS_WITH_A_COPY),
                silence=min(patience.silence, _SILENCE_WITH_A_COPY),
            )
        url = self.address.url(self.contents.index)
        try:
            return download.get(url, _LARGEST_INDEX, self.address.token, etag, patience)
        except web.RefusedError as error:
            raise self._explain(error, copy) from error

    def _fetch_version(self, digest, content, etag):
        """Returns the folder of a version, downloading what is missing."""
        if self.address.pin not in (None, digest):
            raise ValueError(
                f"{self.text} is not what was asked for: the SHA-256 of its {self.contents.index} is {digest}, and "
                f"{self.address.pin} was given."
            )
        parts = manifest.read(content, self.contents, self.text)
        version = self._whole(digest)
        if version is None:
            with self._locked():
                version = self._whole(digest) or self._download(digest, content, parts)
        if self._last() != (digest, etag):
            with contextlib.suppress(OSError):  # a cache that others fill may be read
                write_json(self.folder / "current.json", {"address": self.text, "sha256": digest, "etag": etag})
        return version

    def _last(self):
        """Returns SHA-256 and ETag of the index that was there when it was last looked up; None where it never was."""
        try:
            found = read_object(self.folder / "current.json")
        except (OSError, ValueError):
            return None, None
        return found.get("sha256"), found.get("etag")

    def _whole(self, digest):
        """Returns the folder of a version if it is there and every file in it is right, else None."""
        if not isinstance(digest, str):
            return None
        folder = self.folder / digest / self.address.name
        try:
            content = (folder / self.contents.index).read_bytes()
            if hashlib.sha256(content).hexdigest() != digest:
                return None
            parts = manifest.read(content, self.contents, self.text)
        except (OSError, ValueError):
            return None
        return folder if all(part.is_at(folder / name) for name, part in parts.items()) else None

    def _download(self, digest, content, parts):
        """Downloads what is missing of a version, which then gets its name."""
        version, staging = self.folder / digest, self.folder / f"{digest}.part"
        if version.exists():  # damaged since; what is left of it is used
            shutil.rmtree(staging, ignore_errors=True)
            version.replace(staging)
        folder = staging / self.address.name
        folder.mkdir(parents=True, exist_ok=True)
        missing = {name: part for name, part in parts.items() if not self._is_there(folder / name, part)}
        total = sum(part.bytes for part in missing.values())
        there = sum(_size(folder / f"{name}.part") for name in missing)
        download.check_room(folder, total - there)
        progress = _Progress(self.text, total, there)
        for name, part in missing.items():
            path, url = folder / name, self.address.url(name)
            download.fetch(url, path, part, self.address.token, web.PATIENCE, progress.report)
            progress.finish(part.bytes)
        with download.no_room(folder / self.contents.index):
            (folder / self.contents.index).write_bytes(content)
        staging.replace(version)
        for stale in self.folder.glob("*.part"):
            shutil.rmtree(stale, ignore_errors=True)
        return version / self.address.name

    def _is_there(self, path, part):
        """Returns whether a file is there, or was in another version, from which it is copied."""
        if part.is_at(path):
            return True
        path.unlink(missing_ok=True)
        other = next((other for other in self.folder.glob(f"*/*/{path.name}") if part.is_at(other)), None)
        if other is None:
            return False
        with download.no_room(path):
            shutil.copyfile(other, path)
        return part.is_at(path)

    @contextlib.contextmanager
    def _locked(self):
        """Waits until no other process and no other thread downloads to this folder."""
        lock = FolderLock(self.folder)
        with _threads.setdefault(lock.path, threading.Lock()):
            try:
                lock.acquire(_WAIT_IN_SILENCE)
            except FolderInUseError as error:
                print(f"{self.text}: waiting for another download. {error}", file=sys.stderr)
                lock.acquire(math.inf)
            try:
                yield
            finally:
                lock.release()

    def _explain(self, error, copy=None):
        """Returns the error that says what a server's refusal means."""
        if not isinstance(error, web.RefusedError):
            return error
        token = "HF_TOKEN may not read it" if self.address.token else "it is private: set HF_TOKEN to a token that may read it"
        if self.address.repository and (error.status in (401, 403) or error.detail in ("RepoNotFound", "GatedRepo")):
            why = f"there is no such repository, or {token}"
        elif error.detail == "RevisionNotFound":
            why = f"it has no revision '{self.address.revision}'"
        elif error.status in (401, 403):
            why = "the server lets nobody read it without a login, which keras_gans has none for"
        elif error.status in (404, 410):
            why = f"it is no preset, or is not whole: there is no {error.url}"
        else:
            return ValueError(f"{self.text} cannot be loaded. {error}.")
        kept = " A copy is in the cache: KERAS_GANS_OFFLINE=1 loads that." if copy else ""
        return ValueError(f"{self.text} cannot be loaded ({error.status}): {why}.{kept}")


class _Progress:
    """Says on standard error what is downloaded; in a terminal also how far it is."""

    def __init__(self, text, total, there):
        self.total, self.before, self.shown = total, 0, -1
        if total:
            known = f", of which {there / 1e6:,.1f} MB are there" if there else ""
            print(f"Downloading {text} ({total / 1e6:,.1f} MB{known}).", file=sys.stderr)

    def report(self, done):
        """Takes the bytes that are there of the present file."""
        percent = 100 * (self.before + done) // self.total
        if percent != self.shown and sys.stderr.isatty():
            print(f"\r{percent:3d} %", end="\n" if percent == 100 else "", file=sys.stderr, flush=True)
        self.shown = percent

    def finish(self, size):
        """Takes the size of a file that is whole."""
        self.before += size


def _size(path):
    return path.stat().st_size if path.is_file() else 0
