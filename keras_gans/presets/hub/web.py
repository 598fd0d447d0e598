"""Folders on web servers, through `pooch`: retried, from safe places only, never more bytes than expected."""

import tempfile
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_gans._version import __version__
from keras_gans.presets.hub.address import Address, is_local, is_safe
from keras_gans.presets.hub.errors import RefusedError, UnreachableError, WrongFileError
from keras_gans.presets.hub.manifest import Part

if TYPE_CHECKING:
    import requests

# Seconds without a byte after which an attempt fails, and how often one is repeated.
TIMEOUT = 20.0
RETRIES = 2
_PASSING = (408, 425, 429, 500, 502, 503, 504)


class WebFolder:
    """A folder on a web server.

    Args:
        address: Its address.

    Raises:
        ImportError: If the extra `hub` is not installed.
    """

    def __init__(self, address: Address) -> None:
        try:
            import pooch
        except ImportError as error:
            raise ImportError(
                f"Loading {address.text} needs pooch. Install the extra: pip install 'keras-gans[hub]'."
            ) from error
        pooch.get_logger().setLevel("WARNING")
        self._address = address

    def index(self, name: str, limit: int) -> bytes:
        """Return the content of the index.

        Args:
            name: Its name.
            limit: The most bytes it may have.
        """
        with tempfile.TemporaryDirectory() as folder:
            self._fetch(name, Path(folder), None, lambda size: size <= limit, f"more than {limit:,}")
            return Path(folder, name).read_bytes()

    def fetch(self, name: str, part: Part, folder: Path) -> None:
        """Download a file.

        Args:
            name: Its name.
            part: What it must be.
            folder: Where it is put.
        """
        self._fetch(name, folder, f"sha256:{part.sha256}", lambda size: size == part.bytes, f"not {part.bytes:,}")

    def _fetch(self, name: str, folder: Path, known_hash: str | None, fits: Callable[[int], bool], wrong: str) -> None:
        import pooch
        import requests

        url, base = self._address.url(name), f"{self._address.base}/"
        # The hook sees each answer, redirects included, before its body is read; its errors are not retried.
        options: dict[str, Any] = {"hooks": {"response": lambda answer, **_: _accept(answer, fits, wrong)}}
        options["headers"] = {"User-Agent": f"keras_gans/{__version__}", "Accept-Encoding": "identity"}
        fetcher = pooch.create(folder, base, registry={name: known_hash}, retry_if_failed=RETRIES)
        try:
            fetcher.fetch(name, downloader=pooch.HTTPDownloader(timeout=TIMEOUT, chunk_size=2**18, **options))
        except requests.exceptions.SSLError as error:
            raise OSError(
                f"{url}: the connection is not secure ({error}). If a proxy is the cause, name its certificates in "
                "REQUESTS_CA_BUNDLE."
            ) from error
        except requests.exceptions.TooManyRedirects as error:
            raise RefusedError(310, f"{url} cannot be read: {error}") from error
        except requests.exceptions.RequestException as error:
            raise UnreachableError(f"{url} cannot be read: {error} (tried {RETRIES + 1} times).") from error
        except ValueError as error:  # the SHA-256 differs
            raise WrongFileError(f"{url} is damaged or another file: its SHA-256 is not the one in preset.json.") from error


def _accept(answer: "requests.Response", fits: Callable[[int], bool], wrong: str) -> None:
    """Check an answer, and close its connection if it is not accepted."""
    try:
        _check(answer, fits, wrong)
    except BaseException:
        answer.close()
        raise


def _check(answer: "requests.Response", fits: Callable[[int], bool], wrong: str) -> None:
    """Raise an error if an answer leads to an unsafe place, is a refusal, or does not have the expected size."""
    url, status = answer.url, answer.status_code
    if answer.is_redirect:
        target = urllib.parse.urljoin(url, answer.headers["Location"])
        if not is_safe(target) or (is_local(target) and not is_local(url)):
            raise RefusedError(status, f"{url} redirects to {target}, which is neither https:// nor allowed")
    elif status in (401, 403):
        raise RefusedError(status, f"the server does not let us read {url} without a login")
    elif status in (404, 410):
        raise RefusedError(status, f"there is no {url}, so it is not a preset, or not a complete one")
    elif not answer.ok and status not in _PASSING:
        raise RefusedError(status, f"{url}: the server answered {status} {answer.reason}")
    elif answer.ok:
        length = answer.headers.get("Content-Length", "")
        if "Transfer-Encoding" in answer.headers or not (length.isascii() and length.isdigit()):
            raise WrongFileError(f"{url}: the server does not say how many bytes it sends (Content-Length).")
        if not fits(int(length)):
            raise WrongFileError(f"{url} has {int(length):,} bytes, {wrong} as expected.")
