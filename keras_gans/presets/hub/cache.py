"""The cache of folders from elsewhere: each version complete, in a folder named by the SHA-256 of its index.

    presets/NAME-KEY/              one address; KEY is derived from its URL
      current.json                 the version that was current at the last look
      SHA256/NAME/                 a version, never changed
      part.RANDOM/NAME/            one that a process is downloading

A process that loads one version is not disturbed by another that downloads the next.
"""

import contextlib
import hashlib
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

from keras_gans.files import cache_folder, read_object, write_json
from keras_gans.presets.hub import manifest
from keras_gans.presets.hub.address import Address
from keras_gans.presets.hub.errors import RefusedError, UnreachableError, WrongFileError
from keras_gans.presets.hub.hugging_face import HubFolder
from keras_gans.presets.hub.web import WebFolder

_OFFLINE = ("KERAS_GANS_OFFLINE", "HF_HUB_OFFLINE")
_LARGEST_INDEX = 2_000_000
# How often a folder may be replaced while it is being read.
_CHANGES = 3


def offline() -> str | None:
    """Return the name of the environment variable that forbids the network, or None."""
    switched = (name for name in _OFFLINE if os.environ.get(name, "").strip().lower() in ("1", "true", "yes", "on"))
    return next(switched, None)


def fetch(address: Address, contents: manifest.Contents) -> Path:
    """Return the folder in the cache that holds what is at an address, downloading what is missing or has changed.

    A pinned folder that is in the cache needs no network. If the server cannot be reached, the last version is returned, with a
    warning.

    Args:
        address: The address.
        contents: The files that the folder may have.

    Raises:
        ImportError: If the extra `hub` is not installed.
        ValueError: If there is no such folder, it may not be read, or a file differs from what its index says; or the index
            differs from the pin.
        OSError: If the server cannot be reached, the disk is full, or the network is forbidden (`KERAS_GANS_OFFLINE`,
            `HF_HUB_OFFLINE`) and there is no copy.
    """
    place = _Place(address, contents)
    last = place.last()
    copy = place.version(address.pin or last)
    forbidden = offline()
    if copy and (address.pin or forbidden):
        return copy
    if forbidden:
        raise FileNotFoundError(
            f"{address.text} is not in the cache ({place.folder.parent}), and {forbidden} forbids downloading it. Unset the "
            "variable, or load the preset once with a network."
        )
    try:
        return place.update(last)
    except UnreachableError as error:
        if not copy:
            raise
        warnings.warn(f"{str(error).rstrip('.')}: using the copy in the cache.", stacklevel=4)
        return copy
    except RefusedError as error:
        kept = " There is a copy in the cache: KERAS_GANS_OFFLINE=1 loads it." if copy else ""
        raise ValueError(f"{address.text} cannot be loaded ({error.status}): {error}.{kept}") from error
    except WrongFileError as error:
        raise ValueError(str(error)) from error


class _Place:
    """What the cache holds of one address."""

    def __init__(self, address: Address, contents: manifest.Contents) -> None:
        self._address, self._contents = address, contents
        key = hashlib.sha256(address.base.encode()).hexdigest()[:16]
        self.folder = cache_folder("presets") / f"{address.name}-{key}"

    def last(self) -> str | None:
        """Return the SHA-256 of the version that was current at the last look, or None."""
        try:
            found = read_object(self.folder / "current.json").get("sha256")
        except (OSError, ValueError):
            return None
        return found if isinstance(found, str) else None

    def version(self, digest: str | None) -> Path | None:
        """Return the folder of a version if every file in it is correct, else None."""
        if digest is None:
            return None
        folder = self.folder / digest / self._address.name
        try:
            content = (folder / self._contents.index).read_bytes()
            if hashlib.sha256(content).hexdigest() != digest:
                return None
            parts = manifest.read(content, self._contents, self._address.text)
        except (OSError, ValueError):
            return None
        return folder if all(part.is_at(folder / name) for name, part in parts.items()) else None

    def update(self, last: str | None) -> Path:
        """Return the folder of the version that the server has now."""
        source = HubFolder(self._address) if self._address.repository else WebFolder(self._address)
        failures: dict[str, RefusedError | WrongFileError] = {}
        while True:
            content = source.index(self._contents.index, _LARGEST_INDEX)
            digest = hashlib.sha256(content).hexdigest()
            if self._address.pin not in (None, digest):
                raise ValueError(
                    f"{self._address.text} is not what was asked for: the SHA-256 of its {self._contents.index} is {digest}, "
                    f"and the pin is {self._address.pin}."
                )
            if digest in failures or len(failures) == _CHANGES:
                raise failures.get(digest) or list(failures.values())[-1]
            try:
                folder = self.version(digest) or self._download(digest, content, source.fetch)
            except (RefusedError, WrongFileError) as error:
                # The owner may be replacing the folder at this moment: then its index differs now.
                failures[digest] = error
                continue
            if digest != last:
                with contextlib.suppress(OSError):  # a cache that another user fills may be read-only
                    write_json(self.folder / "current.json", {"address": self._address.text, "sha256": digest})
            return folder

    def _download(self, digest: str, content: bytes, fetch: Callable[[str, manifest.Part, Path], None]) -> Path:
        """Download a version; files that the cache holds already are copied."""
        parts = manifest.read(content, self._contents, self._address.text)
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="part.", dir=self.folder, ignore_cleanup_errors=True) as staging:
            folder = Path(staging, self._address.name)
            folder.mkdir()
            missing = {name: part for name, part in parts.items() if not self._copy(folder / name, part)}
            needed, free = sum(part.bytes for part in missing.values()), shutil.disk_usage(folder).free
            if needed > free:
                raise OSError(
                    f"There is no room for {needed / 1e6:,.1f} MB in {self.folder}, where {free / 1e6:,.1f} MB are free. Make "
                    "room, or set KERAS_GANS_CACHE to a folder elsewhere."
                )
            if needed:
                print(f"Downloading {self._address.text} ({needed / 1e6:,.1f} MB).", file=sys.stderr)
            for name, part in missing.items():
                fetch(name, part, folder)
                if not part.is_at(folder / name):
                    raise WrongFileError(f"{self._address.url(name)} is damaged: it differs from what its SHA-256 says.")
            (folder / self._contents.index).write_bytes(content)
            shutil.rmtree(folder / ".cache", ignore_errors=True)  # of huggingface_hub
            return self._name(Path(staging), digest)

    def _name(self, staging: Path, digest: str) -> Path:
        """Give a complete version its name, unless another process was faster."""
        version = self.folder / digest
        try:
            staging.replace(version)
        except OSError:
            if self.version(digest) is None:  # damaged since it was downloaded
                shutil.rmtree(version)
                staging.replace(version)
        return version / self._address.name

    def _copy(self, path: Path, part: manifest.Part) -> bool:
        """Copy a file from another version, and return whether there was one."""
        found = next((other for other in self.folder.glob(f"*/*/{path.name}") if part.is_at(other)), None)
        if found is not None:
            shutil.copyfile(found, path)
        return found is not None
