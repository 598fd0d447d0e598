"""Addresses of folders elsewhere: `hf://owner/name@revision` and `https://host/path`, optionally with `#sha256=...`."""

import dataclasses
import os
import re
import urllib.parse

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_ACCEPTED = "Accepted are hf://owner/name, hf://owner/name@revision and https://host/folder (http:// only for localhost)."
_HUB = "https://huggingface.co"
_LOCAL = ("localhost", "127.0.0.1", "::1")
_PIN = re.compile(r"[0-9a-f]{64}")


@dataclasses.dataclass(frozen=True)
class Address:
    """The address of a folder.

    Attributes:
        text: The address as given, without the pin.
        base: URL of the folder.
        pin: SHA-256 that the folder's index must have, as 64 lowercase hexadecimal digits, or None.
        repository: `owner/name` on the Hugging Face Hub; None for a web server.
        revision: Branch, tag or commit of the repository.
    """

    text: str
    base: str
    pin: str | None = None
    repository: str | None = None
    revision: str = "main"

    def url(self, name: str) -> str:
        """Return the URL of one of the folder's files."""
        return f"{self.base}/{name}"

    @property
    def name(self) -> str:
        """Name for file systems and servers: the last part of the address, or the one before it if that is `best`."""
        parts = (self.repository or urllib.parse.urlsplit(self.base).path).strip("/").split("/")
        part = parts[-2] if parts[-1] == "best" and len(parts) > 1 else parts[-1]
        return re.sub(r"[^A-Za-z0-9._-]", "_", urllib.parse.unquote(part)).strip(".") or "preset"


def is_address(name: object) -> bool:
    """Return whether a name is an address, of any scheme."""
    return isinstance(name, str) and _SCHEME.match(name) is not None


def is_local(url: str) -> bool:
    """Return whether a URL names this computer."""
    return urllib.parse.urlsplit(url).hostname in _LOCAL


def is_safe(url: str) -> bool:
    """Return whether nobody else can read or change what comes from a URL: it is https://, or on this computer."""
    scheme = urllib.parse.urlsplit(url).scheme
    return scheme == "https" or (scheme == "http" and is_local(url))


def parse(text: str, sha256: str | None = None) -> Address:
    """Parse an address.

    Args:
        text: The address: see the docstring of this module.
        sha256: The pin, if `text` does not contain it.

    Raises:
        ValueError: If the address is malformed or its scheme is not accepted, or a pin is malformed or the two differ.
    """
    place, _, fragment = text.partition("#")
    pin = _parse_pin(text, fragment, sha256)
    scheme = place.partition("://")[0].lower()
    if scheme == "hf":
        return _parse_hub(place, pin)
    if scheme not in ("http", "https"):
        raise ValueError(f"'{place}' cannot be loaded. {_ACCEPTED}")
    try:
        parts = urllib.parse.urlsplit(place)
        well_formed = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        well_formed = False
    if not well_formed or re.search(r"[\s\\]", place) or ".." in parts.path.split("/"):
        raise ValueError(f"'{place}' is not the address of a folder. {_ACCEPTED}")
    if parts.query or parts.username or parts.password:
        raise ValueError(f"The address of a folder on {parts.hostname} must not contain a question mark, user or password.")
    if not is_safe(place):
        raise ValueError(f"'{place}' is not encrypted. Use https://; http:// is only for localhost.")
    path = urllib.parse.quote(parts.path.rstrip("/"), safe="/%:@!$&'()*+,;=~")
    return Address(place, f"{scheme}://{parts.netloc}{path}", pin)


def _parse_hub(place: str, pin: str | None) -> Address:
    found = re.fullmatch(r"hf://([\w-][\w.-]*)/([\w-][\w.-]*?)/?(?:@([\w.-]+(?:/[\w.-]+)*))?", place, re.ASCII | re.IGNORECASE)
    if not found or ".." in place:
        raise ValueError(f"'{place}' is not an address on the Hugging Face Hub. {_ACCEPTED}")
    repository, revision = f"{found[1]}/{found[2]}", found[3] or "main"
    base = f"{hub_endpoint()}/{repository}/resolve/{urllib.parse.quote(revision, safe='')}"
    return Address(place, base, pin, repository, revision)


def hub_endpoint() -> str:
    """Return the URL of the Hugging Face Hub: `HF_ENDPOINT`, if it is set.

    Raises:
        ValueError: If that is not an https:// address.
    """
    endpoint = (os.environ.get("HF_ENDPOINT") or _HUB).rstrip("/")
    if not is_safe(endpoint):
        raise ValueError(f"HF_ENDPOINT={endpoint} must begin with https:// (http:// only for localhost).")
    return endpoint


def _parse_pin(text: str, fragment: str, given: str | None) -> str | None:
    pins = set()
    if "#" in text:
        name, _, value = fragment.partition("=")
        if name != "sha256":
            raise ValueError(f"'#{fragment}' is not a pin. Give #sha256= followed by the SHA-256 of the folder's preset.json.")
        pins.add(value)
    if given is not None:
        pins.add(given)
    pins = {pin.lower() if isinstance(pin, str) else pin for pin in pins}
    for pin in pins:
        if not isinstance(pin, str) or not _PIN.fullmatch(pin):
            raise ValueError(f"sha256 must be 64 hexadecimal digits, as sha256sum prints them; received {pin!r}.")
    if len(pins) > 1:
        raise ValueError(f"{text} and sha256={given} give different pins: give one of them.")
    return pins.pop() if pins else None
