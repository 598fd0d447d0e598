"""Loads, unloads and finds models while requests are answered.

The folder is checked every few seconds. A new version is loaded beside the old one, which is unloaded when the new one is
available and the last request that uses the old one has ended: TensorFlow Serving's AvailabilityPreservingPolicy. A version
that cannot be loaded is tried again when its files have changed and are stable, or, a few times, if it only took too long.
"""

import contextlib
import gc
import logging
import math
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from keras_gans.serving.errors import invalid, not_found, of_tensorflow
from keras_gans.serving.servable import Servable
from keras_gans.serving.settings import Settings
from keras_gans.serving.storage import fingerprint, scan
from keras_gans.serving.trial import Trials

LOGGER = logging.getLogger("keras_gans.serving")
_KEPT = 32  # ended versions whose state is remembered
_RETRIES = 3  # of a version that took too long: the machine may have been busy


@dataclass
class State:
    """The state of a version: a name in `ModelVersionStatus.State`, and an error."""

    state: str
    code: str = "OK"
    message: str = ""


@dataclass(frozen=True)
class _Failure:
    """Files that could not be loaded: their fingerprint, how often they were tried, and when they are tried again."""

    found: tuple
    tried: int
    again: float = math.inf


class _Loaded:
    """A served version, and the number of requests that use it."""

    def __init__(self, servable: Servable):
        self.servable, self.users, self.retired = servable, 0, False


class Models:
    """The models of a folder.

    Args:
        root: See `storage.scan`.
        settings: The server's `Settings`: how often to look for changes, how long loading may take, and what may be loaded.

    Raises:
        ValueError: If there is nothing to serve, or `models.config` cannot be read.
        OSError: If there is no such folder.
    """

    def __init__(self, root: str | Path, settings: Settings):
        self._root, self._settings = Path(root), settings
        self._trials = Trials(settings.load_timeout, settings.trust)
        self._lock = threading.Lock()
        self._loaded: dict[str, dict[int, _Loaded]] = {}
        self._states: dict[str, dict[int, State]] = {}
        self._labels: dict[str, dict[str, int]] = {}
        self._seen: dict[Path, tuple] = {}
        self._failed: dict[Path, _Failure] = {}
        self._trouble: str | None = None
        self._garbage = False
        self._first_done = threading.Event()
        self._stopped = threading.Event()
        models = scan(self._root)
        if not models:
            raise ValueError(
                f"{self._root} holds no model. Models are folders MODEL/<version>/saved_model.pb, as `keras-gans export "
                "--format=saved_model` writes them."
            )
        self._labels = {name: model.labels for name, model in models.items()}
        self._thread = threading.Thread(target=self._watch, name="models", daemon=True)

    def prepare(self) -> None:
        """Start a process that imports TensorFlow, in which models are tried."""
        self._trials.prepare()

    def start(self) -> None:
        """Start loading, in another thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop looking for changes, and loading."""
        self._stopped.set()
        self._trials.stop()

    def wait(self) -> None:
        """Wait until every model that was there at the start has been loaded or has failed."""
        self._first_done.wait()

    @property
    def tried(self) -> bool:
        """Whether every model that was there at the start has been loaded or has failed."""
        return self._first_done.is_set()

    @property
    def ready(self) -> bool:
        """Whether every model that was there at the start has been tried, and one is available."""
        return self.tried and any(self._loaded.values())

    @contextlib.contextmanager
    def using(self, name: str, version: int | None = None, label: str | None = None) -> Iterator[Servable]:
        """Yield a model, which stays loaded until the block ends.

        Args:
            name: The model's name.
            version: A version; the latest loaded one if this and `label` are None.
            label: The label of a version.

        Raises:
            ServingError: If there is no such model, version or label.
        """
        with self._lock:
            loaded = self._find(name, version, label)
            loaded.users += 1
        try:
            yield loaded.servable
        finally:
            with self._lock:
                loaded.users -= 1
                if loaded.retired and not loaded.users:
                    self._end(loaded)

    def states(self, name: str, version: int | None = None, label: str | None = None) -> dict[int, State]:
        """Return the states of a model's versions, the newest first.

        Raises:
            ServingError: If there is no such model, version or label.
        """
        with self._lock:
            states = self._states.get(name, {})
            if label is not None:
                version = self._labelled(name, label)
            if version is not None:
                if version not in states:
                    raise not_found(f"Could not find version {version} of model {name}")
                return {version: states[version]}
            if not states:
                raise not_found(f"Could not find any versions of model {name}")
            return {number: states[number] for number in sorted(states, reverse=True)}

    def listed(self) -> list[dict]:
        """Return what is known of each available model: loaded versions, labels, names of classes, and more."""
        with self._lock:
            return [
                {
                    "name": name,
                    "versions": sorted(versions, reverse=True),
                    "labels": self._labels.get(name, {}),
                    "classes": versions[max(versions)].servable.classes,
                    "condition_names": versions[max(versions)].servable.condition_names,
                    "fps": versions[max(versions)].servable.fps,
                }
                for name, versions in sorted(self._loaded.items())
                if versions
            ]

    def known(self, name: str) -> bool:
        """Return whether such a model exists or existed."""
        return name in self._states

    def _find(self, name: str, version: int | None, label: str | None) -> _Loaded:
        versions = self._loaded.get(name, {})
        if label is not None:
            version = self._labelled(name, label)
        if version is None:
            if not versions:
                raise not_found(f"Servable not found for request: Latest({name})")
            version = max(versions)
        if version not in versions:
            raise not_found(f"Servable not found for request: Specific({name}, {version})")
        return versions[version]

    def _labelled(self, name: str, label: str) -> int:
        if label not in self._labels.get(name, {}):
            raise invalid(f"Unrecognized servable version label: {label}")
        return self._labels[name][label]

    def _watch(self) -> None:
        while True:
            try:
                self._refresh(at_once=not self._first_done.is_set())
            except Exception:
                LOGGER.exception("Checking the models failed; it is tried again.")
            self._first_done.set()
            if self._garbage:
                self._garbage = False
                gc.collect()
            if not self._settings.poll_seconds or self._stopped.wait(self._settings.poll_seconds):
                return

    def _refresh(self, at_once: bool) -> None:
        try:
            models = scan(self._root)
        except (ValueError, OSError) as error:
            # The loaded models stay.
            if str(error) != self._trouble:
                self._trouble = str(error)
                LOGGER.error("%s", " ".join(self._trouble.split()))
            return
        self._trouble = None
        with self._lock:
            self._labels = {name: model.labels for name, model in models.items()}
        for name, model in models.items():
            for version, folder in sorted(model.versions.items()):
                if version not in self._loaded.get(name, {}):
                    self._consider(name, version, folder, at_once)
        for name in list(self._loaded):
            self._retire_old(name, set(models[name].versions) if name in models else set())

    def _consider(self, name: str, version: int, folder: Path, at_once: bool) -> None:
        """Load a version if its files are stable and are not those that failed."""
        found = fingerprint(folder)
        is_stable = at_once or self._seen.get(folder) == found
        self._seen[folder] = found
        if not is_stable:
            self._set_state(name, version, State("START"))
            return
        failure = self._failed.get(folder)
        if failure is None or failure.found != found or time.monotonic() >= failure.again:
            self._load(name, version, folder, found)

    def _load(self, name: str, version: int, folder: Path, found: tuple) -> None:
        self._set_state(name, version, State("LOADING"))
        LOGGER.info("%s, version %d, is being loaded", name, version)
        began = time.monotonic()
        try:
            self._trials.attempt(folder)
            if fingerprint(folder) != found:
                return  # its files change again
            servable = Servable(name, version, folder, self._settings.trust)
        except Exception as error:
            reason = of_tensorflow(error)
            plan = self._remember(folder, found, took_too_long=reason.code == "DEADLINE_EXCEEDED")
            self._set_state(name, version, State("END", reason.code, f"{reason.message}{plan}"))
            LOGGER.error("%s, version %d, could not be loaded: %s%s", name, version, reason.message, plan)
            return
        with self._lock:
            self._loaded.setdefault(name, {})[version] = _Loaded(servable)
        self._failed.pop(folder, None)
        self._set_state(name, version, State("AVAILABLE"))
        LOGGER.info("%s, version %d, is loaded (%.1f s)", name, version, time.monotonic() - began)

    def _remember(self, folder: Path, found: tuple, took_too_long: bool) -> str:
        """Keep a failure, and return in words when the files are tried again.

        Args:
            folder: The version's folder.
            found: The fingerprint of its files.
            took_too_long: Whether they are tried again: after the time that loading may take, twice that, and so on.
        """
        before = self._failed.get(folder)
        tried = 1 + (before.tried if before is not None and before.found == found else 0)
        if not took_too_long or tried > _RETRIES or not self._settings.poll_seconds:
            self._failed[folder] = _Failure(found, tried)
            return ""
        wait = self._settings.load_timeout * 2 ** (tried - 1)
        self._failed[folder] = _Failure(found, tried, time.monotonic() + wait)
        return f" It is tried again in {wait:g} seconds."

    def _retire_old(self, name: str, wanted: set[int]) -> None:
        with self._lock:
            versions = self._loaded[name]
            if wanted and not wanted & set(versions):
                return  # none of the new ones is available yet
            for version in set(versions) - wanted:
                loaded = versions.pop(version)
                loaded.retired = True
                self._states[name][version] = State("UNLOADING")
                if not loaded.users:
                    self._end(loaded)

    def _end(self, loaded: _Loaded) -> None:
        servable = loaded.servable
        del loaded.servable  # and with it the variables
        self._states[servable.name][servable.version] = State("END")
        self._garbage = True
        LOGGER.info("%s, version %d, is unloaded", servable.name, servable.version)

    def _set_state(self, name: str, version: int, state: State) -> None:
        with self._lock:
            states = self._states.setdefault(name, {})
            states[version] = state
            ended = [number for number in sorted(states) if states[number].state == "END"]
            for number in ended[:-_KEPT]:
                del states[number]
