"""Requests over HTTP: to safe places only, tried again while the cause may pass.

The standard library does it. It follows proxies (`HTTPS_PROXY`) and certificates (`SSL_CERT_FILE`) of the environment, and
what `requests` adds, sessions and decoding, is of no use to a file that is compared byte by byte.
"""

import contextlib
import dataclasses
import http.client
import random
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request

from keras_gans._version import __version__
from keras_gans.presets.hub.address import is_local, is_safe

_PASSING = (408, 425, 429, 500, 502, 503, 504)
_CHUNK = 256 * 1024
_LONGEST_PAUSE = 60.0
# An attempt that brings as much is no failure: a bad connection may be cut any number of times.
_PROGRESS = 1_000_000


@dataclasses.dataclass(frozen=True)
class Patience:
    """How long a server is waited for.

    Attributes:
        silence: Seconds without a byte after which a connection is given up.
        attempts: How often in a row it may fail.
        pause: Seconds before the second attempt, doubled before each further one.
        slowest: Bytes a second below which a connection is given up, too; measured over `silence` seconds.
    """

    silence: float = 20.0
    attempts: int = 5
    pause: float = 0.5
    slowest: float = 200.0


PATIENCE = Patience()


class UnreachableError(OSError):
    """A server did not answer, or not to the end, however often it was asked."""


class RefusedError(ValueError):
    """A server answered that it gives no such file.

    Attributes:
        url: What it was asked for.
        status: HTTP's code.
        detail: What the Hugging Face Hub calls it, such as `RepoNotFound`; else empty.
    """

    def __init__(self, url, status, reason="", detail=""):
        super().__init__(" ".join(f"{url}: the server answered {status} {reason}".split()))
        self.url, self.status, self.detail = url, status, detail


class PassingError(Exception):
    """An attempt failed for a reason that may pass.

    Attributes:
        pause: Seconds after which the server wants to be asked again.
    """

    def __init__(self, reason, pause=0.0):
        super().__init__(reason)
        self.pause = pause


def persist(url: str, once, patience: Patience, brought=lambda: 0):
    """Returns what `once()` returns, called again while it raises `PassingError`.

    Args:
        url: What messages name.
        once: The attempt.
        patience: How often.
        brought: Returns how many bytes there are so far.

    Raises:
        UnreachableError: If too many attempts failed in a row.
    """
    failures = 0
    while True:
        before = brought()
        try:
            return once()
        except PassingError as error:
            failures = 1 if brought() - before >= _PROGRESS else failures + 1
            if failures >= patience.attempts:
                kept = " What came is kept: the next call goes on from there." if brought() else ""
                times = "once" if failures == 1 else f"{failures} times"
                raise UnreachableError(f"{url} cannot be read: {error} (tried {times}).{kept}") from error
            pause = max(patience.pause * 2 ** (failures - 1), error.pause)
            # Not all who were cut off at one moment come back at one moment.
            time.sleep(min(pause, _LONGEST_PAUSE) * random.uniform(0.8, 1.2))


def request(url: str, headers: dict[str, str], token: str | None, patience: Patience):
    """Returns the answer to a GET request, whose body is yet to be read.

    Args:
        url: A safe one, as all that it leads to must be.
        headers: What is sent besides the usual.
        token: Sent as `Authorization: Bearer`, to this host only, wherever it leads.
        patience: For how long.

    Raises:
        RefusedError: If the server answers with another status than 2xx.
        PassingError: If it does not answer, or asks for patience.
        OSError: If its certificate cannot be trusted.
        ValueError: If it leads to an unsafe place.
    """
    usual = {"User-Agent": f"keras_gans/{__version__}", "Accept-Encoding": "identity"}
    asked = urllib.request.Request(url, headers={**usual, **headers})
    if token:
        asked.add_unredirected_header("Authorization", f"Bearer {token}")
    opener = urllib.request.OpenerDirector()  # one that knows neither file:// nor ftp://
    for handler in (
        urllib.request.ProxyHandler({} if is_local(url) else None),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
        _Redirects(),
    ):
        opener.add_handler(handler)
    with _network(url):
        return opener.open(asked, timeout=patience.silence)


def chunks(answer, patience: Patience):
    """Yields the body of an answer as it comes.

    Raises:
        PassingError: If it stops coming, or is slower than anybody waits for. A body that ends early raises nothing.
    """
    began, arrived = time.monotonic(), 0
    while True:
        with _network(answer.url):
            chunk = answer.read1(_CHUNK)
        if not chunk:
            return
        yield chunk
        arrived += len(chunk)
        seconds = time.monotonic() - began
        if seconds > patience.silence:
            if arrived < patience.slowest * seconds:
                raise PassingError(f"it comes at {arrived / seconds:.0f} bytes a second")
            began, arrived = time.monotonic(), 0


def length(answer) -> int | None:
    """Returns how many bytes a body has, or None where the server does not say."""
    text = answer.headers.get("Content-Length", "")
    return int(text) if text.isascii() and text.isdigit() else None


@contextlib.contextmanager
def _network(url):
    try:
        yield
    except urllib.error.HTTPError as error:
        with error:
            if error.code in _PASSING:
                after = error.headers.get("Retry-After", "")
                pause = float(after) if after.isascii() and after.isdigit() else 0.0
                raise PassingError(f"the server answered {error.code} {error.reason}", pause) from error
            raise RefusedError(url, error.code, error.reason, error.headers.get("X-Error-Code", "")) from error
    except (OSError, http.client.HTTPException) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        host = urllib.parse.urlsplit(url).hostname
        if isinstance(reason, ssl.SSLCertVerificationError):
            raise OSError(
                f"The certificate of {host} cannot be trusted ({reason.verify_message}). Where a proxy or a Python without "
                "certificates is the cause, name a file of trusted ones in SSL_CERT_FILE."
            ) from error
        raise PassingError(f"{host}: {str(reason) or type(reason).__name__}") from error


class _Redirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req, fp, code, msg, headers, newurl):
        if not is_safe(newurl) or (is_local(newurl) and not is_local(req.full_url)):
            raise ValueError(f"{req.full_url} leads to {newurl}, and neither unprotected nor local places are followed to.")
        new = super().redirect_request(req, fp, code, msg, headers, newurl)
        if new is not None and _origin(newurl) == _origin(req.full_url) and "Authorization" in req.unredirected_hdrs:
            new.add_unredirected_header("Authorization", req.unredirected_hdrs["Authorization"])
        return new


def _origin(url):
    parts = urllib.parse.urlsplit(url)
    return parts.scheme, parts.hostname, parts.port
