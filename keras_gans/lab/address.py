"""Recordings on web servers."""

from __future__ import annotations

import contextlib
import http.client
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from keras_gans._version import __version__

LARGEST = 64 * 2**20  # bytes, as sent; 20,000 frames have more and are for files
_SECONDS = 20.0  # without a byte
_MOST_SECONDS = 600.0  # for all of it
_SCHEMES = ("https", "http")


def is_address(text: str) -> bool:
    """Whether a text is an address rather than a file."""
    return "://" in text


@contextlib.contextmanager
def downloaded(url: str, largest: int = LARGEST) -> Iterator[Path]:
    """Yield a file with what an address contains; it is removed afterwards.

    Args:
        url: An address that begins with `https://` or `http://`.
        largest: The most bytes that are read.

    Raises:
        ValueError: If it is no such address, leads to another kind of address, or holds too many bytes.
        OSError: If the server cannot be reached or refuses, naming the address.
    """
    with tempfile.TemporaryDirectory(prefix="keras_gans_lab_") as folder:
        path = Path(folder, "recording")
        try:
            _check(url)
            request = urllib.request.Request(url, headers={"User-Agent": f"keras_gans/{__version__}"})
            with urllib.request.build_opener(_Redirects).open(request, timeout=_SECONDS) as answer, open(path, "wb") as file:
                _copy(answer, file, url, largest)
        except urllib.error.HTTPError as error:
            with error:
                raise OSError(f"{url} cannot be read: the server answered {error.code} {error.reason}.") from error
        except (http.client.HTTPException, OSError) as error:
            raise OSError(
                f"{url} cannot be read: {getattr(error, 'reason', None) or error or type(error).__name__}."
            ) from error
        yield path


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to other web servers only, and not from https to http."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        _check(newurl)
        if req.type == "https" and not newurl.lower().startswith("https:"):
            raise ValueError(f"{req.full_url} redirects to {newurl}, which is not https://.")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _check(url: str) -> None:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme.lower() not in _SCHEMES or not parts.hostname:
        raise ValueError(f"{url} is not an address of a recording: it must begin with https:// or http://.")


def _copy(answer: Any, file: Any, url: str, largest: int) -> None:
    end = time.monotonic() + _MOST_SECONDS
    size = 0
    declared = int(answer.headers.get("Content-Length") or 0)
    while declared <= largest and (block := answer.read1(2**16)):
        size += len(block)
        if size > largest:
            break
        if time.monotonic() > end:
            raise TimeoutError(f"it took more than {_MOST_SECONDS:.0f} seconds")
        file.write(block)
    else:
        if declared <= largest:
            return
    raise ValueError(f"{url} is too large for a recording: more than {largest / 2**20:.0f} MB. Download it and give the file.")
