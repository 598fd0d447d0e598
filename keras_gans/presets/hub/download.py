"""One file from elsewhere: resumed where it was cut off, and checked before it gets its name."""

import contextlib
import errno
import os
import re
import shutil
from pathlib import Path

from keras_gans.files import sha256
from keras_gans.presets.hub import web
from keras_gans.presets.hub.manifest import Part
from keras_gans.presets.hub.web import PassingError, RefusedError

_FULL = {getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EFBIG") if hasattr(errno, name)}


class WrongFileError(ValueError):
    """What a server gives is not what it should be."""


def get(url: str, limit: int, token: str | None, etag: str | None, patience: web.Patience) -> tuple[bytes | None, str | None]:
    """Returns a small file and its ETag; in place of the file None, if it is still the one of an ETag.

    Args:
        url: Where it lies.
        limit: How many bytes it may have.
        token: See `web.request`.
        etag: That of the file that is there already, or None.
        patience: How long the server is waited for.

    Raises:
        WrongFileError: If it is larger.
        RefusedError, UnreachableError, OSError, ValueError: See `web`.
    """

    def once():
        headers = {"Cache-Control": "no-cache"} | ({"If-None-Match": etag} if etag else {})
        try:
            answer = web.request(url, headers, token, patience)
        except RefusedError as error:
            if error.status == 304 and etag:
                return None, etag
            raise
        content = bytearray()
        with answer:
            for chunk in web.chunks(answer, patience):
                content += chunk
                if len(content) > limit:
                    raise WrongFileError(f"{url} has more than {limit:,} bytes: that is no file of its kind.")
        if len(content) < (web.length(answer) or 0):
            raise PassingError(f"it was cut off after {len(content):,} of {web.length(answer):,} bytes")
        return bytes(content), answer.headers.get("ETag")

    return web.persist(url, once, patience)


def fetch(url: str, path: Path, part: Part, token: str | None, patience: web.Patience, report=lambda done: None) -> None:
    """Fetches a file.

    Until it is whole and right it lies at `path` with `.part` behind, from which a later call goes on.

    Args:
        url: Where it lies.
        path: Where it goes.
        part: What it must be.
        token: See `web.request`.
        patience: How long the server is waited for.
        report: Called with the number of bytes that are there.

    Raises:
        WrongFileError: If it has another size or SHA-256. No more bytes are read than it should have.
        UnreachableError: If the server does not answer, or not to the end; what came is kept.
        OSError: If there is no room for it.
        RefusedError, ValueError: See `web`.
    """
    download = _Download(url, path, part, token, patience, report)
    web.persist(url, download.attempt, patience, download.there)
    found = sha256(download.partial)
    if found != part.sha256 and download.resumed:
        # Pieces of two files, perhaps: once more, in one piece.
        download.forget()
        web.persist(url, download.attempt, patience, download.there)
        found = sha256(download.partial)
    if found != part.sha256:
        download.forget()
        raise WrongFileError(f"{url} is damaged or another file: its SHA-256 is {found} and should be {part.sha256}.")
    download.partial.replace(path)
    download.tag.unlink(missing_ok=True)


class _Download:
    """A file on its way.

    Attributes:
        partial: Where the bytes lie that came.
        tag: Where the ETag of that version lies, of which they are.
        resumed: Whether they came in pieces.
    """

    def __init__(self, url, path, part, token, patience, report):
        self.url, self.part, self.token, self.patience, self.report = url, part, token, patience, report
        self.partial, self.tag = (path.with_name(path.name + ending) for ending in (".part", ".etag"))
        self.resumed = False

    def there(self):
        """Returns how many bytes came."""
        return self.partial.stat().st_size if self.partial.is_file() else 0

    def forget(self):
        """Begins anew."""
        self.resumed = False
        self.partial.unlink(missing_ok=True)
        self.tag.unlink(missing_ok=True)

    def attempt(self):
        """Asks for what is missing, and keeps what comes."""
        there = self.there()
        if there > self.part.bytes:
            self.forget()
            there = 0
        if self.partial.is_file() and there == self.part.bytes:
            self.resumed = True  # by a process that ended before it could check them
            return
        try:
            answer = web.request(self.url, self._range(there), self.token, self.patience)
        except RefusedError as error:
            if error.status == 416 and there:
                self.forget()
                raise PassingError("the server has fewer bytes than came from it before") from error
            raise
        with answer:
            if answer.status != 206:
                there = 0
            elif _first_byte(answer) != there:
                self.forget()
                raise PassingError("the server answered with other bytes than those asked for")
            self._check_length(answer, there)
            with no_room(self.partial):
                there = self._keep(answer, there)
        if there < self.part.bytes:
            raise PassingError(f"it was cut off after {there:,} of {self.part.bytes:,} bytes")

    def _range(self, there):
        """Returns headers that ask for the rest, unless the file was changed since."""
        if not there:
            return {}
        tag = self.tag.read_text(encoding="latin-1") if self.tag.is_file() else ""
        return {"Range": f"bytes={there}-"} | ({"If-Range": tag} if tag else {})

    def _check_length(self, answer, there):
        length = web.length(answer)
        if length is None:
            return
        # A server may answer with less than the rest, never with more.
        if there + length > self.part.bytes or (answer.status != 206 and length != self.part.bytes):
            raise WrongFileError(f"{self.url} has {there + length:,} bytes and should have {self.part.bytes:,}.")

    def _keep(self, answer, there):
        if there:
            self.resumed = True
        else:
            self.forget()
            etag = answer.headers.get("ETag", "")
            if etag.startswith('"'):  # a weak one, W/"...", is no promise of the same bytes
                self.tag.write_text(etag, encoding="latin-1")
        with open(self.partial, "ab" if there else "wb") as f:
            for chunk in web.chunks(answer, self.patience):
                there += len(chunk)
                if there > self.part.bytes:
                    raise WrongFileError(f"{self.url} has more than the {self.part.bytes:,} bytes that it should have.")
                f.write(chunk)
                self.report(there)
            f.flush()
            os.fsync(f.fileno())
        return there


def _first_byte(answer):
    found = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
    return int(found[1]) if found else None


def check_room(folder: Path, needed: int) -> None:
    """Raises OSError if a disk has fewer bytes left than are needed."""
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise OSError(
            f"There is no room for {needed / 1e6:,.1f} MB in {folder}, which has {free / 1e6:,.1f} MB left: make room, or name "
            "a folder elsewhere in KERAS_GANS_CACHE."
        )


@contextlib.contextmanager
def no_room(path: Path):
    """Raises an OSError that says what to do, where a file cannot be written because the disk is full."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise OSError(
            f"There is no room for the rest of {path}, and what came is kept: make room, or name a folder elsewhere in "
            "KERAS_GANS_CACHE."
        ) from error
