"""Addresses of folders elsewhere: `hf://owner/name@revision` and `https://host/path`, each with `#sha256=...` if wished."""

import dataclasses
import os
import re
import urllib.parse

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_ACCEPTED = "hf://owner/name, hf://owner/name@revision and https://host/folder (http:// only for localhost)"
_HUB = "https://huggingface.co"
_LOCAL = ("localhost", "127.0.0.1", "::1")
_PIN = re.compile(r"[0-9a-f]{64}")


@dataclasses.dataclass(frozen=True)
class Address:
    """Where a folder lies.

    Attributes:
        text: The address as it was given, without what pins it.
        base: The URL that a slash and the name of a file are put behind.
        pin: The SHA-256 that its index must have, in 64 small hexadecimal digits, or None.
        repository: `owner/name` on the Hugging Face Hub, or None for another place.
        revision: There: a branch, a tag or a commit.
    """

    text: str
    base: str
    pin: str | None = None
    repository: str | None = None
    revision: str = "main"

    def url(self, name: str) -> str:
        """Returns the URL of one of its files."""
        return f"{self.base}/{name}"

    @property
    def name(self) -> str:
        """What a file system and a server may call it: the last part, or that before it of a run's folder `best`."""
        parts = (self.repository or urllib.parse.urlsplit(self.base).path).strip("/").split("/")
        part = parts[-2] if parts[-1] == "best" and len(parts) > 1 else parts[-1]
        return re.sub(r"[^A-Za-z0-9._-]", "_", urllib.parse.unquote(part)).strip(".") or "preset"

    @property
    def token(self) -> str | None:
        """What the Hugging Face Hub knows its user by: `HF_TOKEN`. Nobody else gets it."""
        return (os.environ.get("HF_TOKEN", "").strip() or None) if self.repository else None


def is_address(name) -> bool:
    """Returns whether a name is an address, of whatever scheme."""
    return isinstance(name, str) and _SCHEME.match(name) is not None


def is_local(url: str) -> bool:
    """Returns whether a URL names this computer."""
    return urllib.parse.urlsplit(url).hostname in _LOCAL


def is_safe(url: str) -> bool:
    """Returns whether what lies at a URL comes unchanged and unread by others: by https://, or from this computer."""
    scheme = urllib.parse.urlsplit(url).scheme
    return scheme == "https" or (scheme == "http" and is_local(url))


def parse(text: str, sha256: str | None = None) -> Address:
    """Returns an address from its text.

    Args:
        text: See the head of this module.
        sha256: What else pins it.

    Raises:
        ValueError: If it is none, or of a scheme that is not accepted, or the pins are none or differ.
    """
    place, _, fragment = text.partition("#")
    pin = _parse_pin(text, fragment, sha256)
    scheme = _SCHEME.match(place)[1].lower()
    if scheme == "hf":
        return _parse_hub(place, pin)
    if scheme not in ("http", "https"):
        raise ValueError(f"'{place}' cannot be loaded: accepted are {_ACCEPTED}.")
    try:
        parts = urllib.parse.urlsplit(place)
        well_formed = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        well_formed = False
    if not well_formed or re.search(r"[\s\\]", place) or ".." in parts.path.split("/"):
        raise ValueError(f"'{place}' is no address of a folder: accepted are {_ACCEPTED}.")
    if parts.query or parts.username or parts.password:
        raise ValueError(f"The address of a folder on {parts.hostname} must hold no question mark, user or password.")
    if not is_safe(place):
        raise ValueError(f"'{place}' would come unprotected: give https://; http:// is only for localhost.")
    path = urllib.parse.quote(parts.path.rstrip("/"), safe="/%:@!$&'()*+,;=~")
    return Address(place, f"{scheme}://{parts.netloc}{path}", pin)


def _parse_hub(place, pin):
    found = re.fullmatch(r"hf://([\w-][\w.-]*)/([\w-][\w.-]*?)/?(?:@([\w.-]+(?:/[\w.-]+)*))?", place, re.ASCII | re.IGNORECASE)
    if not found or ".." in place:
        raise ValueError(f"'{place}' is no address on the Hugging Face Hub: accepted are {_ACCEPTED}.")
    repository, revision = f"{found[1]}/{found[2]}", found[3] or "main"
    base = f"{hub_endpoint()}/{repository}/resolve/{urllib.parse.quote(revision, safe='')}"
    return Address(place, base, pin, repository, revision)


def hub_endpoint() -> str:
    """Returns the URL of the Hugging Face Hub: `HF_ENDPOINT`, where it is set.

    Raises:
        ValueError: If that is no https:// address.
    """
    endpoint = (os.environ.get("HF_ENDPOINT") or _HUB).rstrip("/")
    if not is_safe(endpoint):
        raise ValueError(f"HF_ENDPOINT={endpoint} must begin with https:// (http:// only for localhost).")
    return endpoint


def _parse_pin(text, fragment, given):
    pins = set()
    if "#" in text:
        name, _, value = fragment.partition("=")
        if name != "sha256":
            raise ValueError(f"'#{fragment}' pins nothing: give #sha256= and the SHA-256 of the folder's preset.json.")
        pins.add(value)
    if given is not None:
        pins.add(given)
    pins = {pin.lower() if isinstance(pin, str) else pin for pin in pins}
    for pin in pins:
        if not isinstance(pin, str) or not _PIN.fullmatch(pin):
            raise ValueError(f"sha256 must be 64 hexadecimal digits, as sha256sum prints them; received {pin!r}.")
    if len(pins) > 1:
        raise ValueError(f"{text} and sha256={given} name different SHA-256: give one of them.")
    return pins.pop() if pins else None
