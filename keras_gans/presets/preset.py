"""Presets: a model's architecture, weights and metadata in a folder, found and loaded. `keras_gans.presets.save` writes them.

A preset folder holds `config.json` (entry name and builder arguments), `model.weights.h5`, `preset.json` (its `Metadata`: where
it comes from, how good it is, the weights' SHA-256), the files that its medium needs, and some samples. A training run's folder
is a preset folder, too. `preset.json` lists the size and SHA-256 of each file that a load needs, so that
`keras_gans.presets.hub` can fetch such a folder from elsewhere.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_gans._version import __version__
from keras_gans.errors import no_such
from keras_gans.files import read_object, sha256
from keras_gans.presets import hub
from keras_gans.presets.metadata import Metadata
from keras_gans.registry import create_model, entry_folder, get_entry, list_models

if TYPE_CHECKING:
    from keras_gans.media import Medium

CONFIG, WEIGHTS, METADATA = "config.json", "model.weights.h5", "preset.json"
FORMAT = 1


@dataclasses.dataclass(frozen=True)
class Preset:
    """A preset folder.

    Attributes:
        name: A bundled preset's name, or the folder or address as it was given.
        folder: Where it is; of an address, in the cache.
    """

    name: str
    folder: Path

    @functools.cached_property
    def config(self) -> dict:
        """The entry's name and its builder's arguments."""
        return _checked_config(self.folder / CONFIG, read_object(self.folder / CONFIG))

    @functools.cached_property
    def metadata(self) -> Metadata:
        """What `preset.json` says: description, data, recipe, metrics, parameters, checksums and more."""
        return Metadata.read(self.folder / METADATA)

    @property
    def medium(self) -> Medium | type[Medium]:
        """What a sample of the model is; of a preset that does not say it, the class that its entry names.

        `Points` stands for a name that is no medium's.

        Raises:
            ValueError: If there is no such medium, or it is not what `preset.json` describes.
        """
        from keras_gans.media import MEDIA, Points

        config = self.metadata.medium
        if config:
            return self._read_medium(config)
        name = get_entry(self.config["model"]).medium
        if name not in MEDIA:
            return Points
        return MEDIA[name]

    def _read_medium(self, config):
        from keras_gans.media import medium_from_config

        try:
            return medium_from_config(config)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{self.folder / METADATA} is damaged: its medium is {config!r}.") from error

    def matching_config(self) -> dict:
        """Returns the config of the weights that are there now, found by their SHA-256.

        While a preset is being replaced, `preset.json` describes the new weights and, as `previous`, those before.

        Raises:
            ValueError: If the weights are neither.
        """
        return self.matching()[0]

    def matching(self) -> tuple[dict, dict]:
        """Returns the config of the weights that are there now, and that of their medium: see `matching_config`."""
        weights, metadata = self.folder / WEIGHTS, self.metadata
        digest = sha256(weights) if weights.is_file() else None
        if digest is not None and digest == metadata.sha256:
            return self.config, metadata.medium
        if digest is not None and digest == metadata.previous.get("sha256"):
            previous = metadata.previous
            return _checked_config(self.folder / METADATA, previous["config"]), previous.get("medium") or {}
        raise ValueError(
            f"{weights} is missing, damaged or not the file that {METADATA} describes: its SHA-256 should be "
            f"{metadata.sha256 or None}."
        )

    @property
    def size(self) -> int:
        """Bytes of the weights."""
        return (self.folder / WEIGHTS).stat().st_size

    def load(self, **arguments: Any) -> Any:
        """Builds the model and loads its weights: see `load_pretrained`."""
        from keras_gans.adversarial.ema import clone_for_averaging

        config, medium = self.matching()
        model = create_model(config["model"], **{**config["arguments"], **arguments})
        if "ema_generator" not in config["networks"]:
            model.ema_generator = None
        elif model.ema_generator is None:
            model.ema_generator = clone_for_averaging(model.generator)
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "Skipping nested container")  # the error says what does not fit
                container(model, config["networks"]).load_weights(self.folder / WEIGHTS)
        except (ValueError, KeyError) as error:
            changed = {name: value for name, value in arguments.items() if value != config["arguments"].get(name)}
            changes = "".join(f", with {name}={value!r}" for name, value in changed.items())
            raise ValueError(
                f"The weights in {self.folder} do not fit the model that its {CONFIG} describes{changes}: "
                f"{str(error).splitlines()[0]}"
            ) from error
        if "generator" not in config["networks"]:
            model.generator.set_weights(model.ema_generator.get_weights())
        if config.get("pretrained"):
            model.skip_pretraining()
        model.medium = self._medium_of(model, medium).with_files(self.folder)
        return model

    def _medium_of(self, model, config):
        """Returns what a config says a sample is, or, where it says nothing, what the model does."""
        if not config:
            return model.medium
        medium = self._read_medium(config)
        return medium if medium.sample_shape == model.data_shape else medium.with_shape(model.data_shape)


def _checked_config(path, config):
    if not isinstance(config, dict) or config.get("format") != FORMAT:
        found = config.get("format") if isinstance(config, dict) else None
        raise ValueError(f"{path} has the format {found}; this version of keras_gans ({__version__}) reads format {FORMAT}.")
    missing = {"model", "arguments", "networks"} - set(config)
    if missing:
        raise ValueError(f"{path} lacks {', '.join(sorted(missing))}.")
    return config


def list_presets() -> list[str]:
    """Returns the names of the presets that come with the installed models, sorted."""
    return sorted(_bundled())


@functools.cache
def _bundled() -> dict[str, Preset]:
    found = {}
    for model in list_models():
        folder = entry_folder(model)
        for path in sorted(folder.glob(f"presets/*/{METADATA}")) if folder else ():
            found[path.parent.name] = Preset(path.parent.name, path.parent)
    return found


def _contents() -> hub.Contents:
    """Returns which files a preset may have that a load needs."""
    from keras_gans.media import MEDIA

    optional: list[str] = []
    for name in MEDIA.names():
        with contextlib.suppress(Exception):  # another package's medium that cannot be imported must not hide the others
            optional += MEDIA[name].file_names
    return hub.Contents(index=METADATA, required=(CONFIG, WEIGHTS), optional=tuple(dict.fromkeys(optional)))


def find_preset(name_or_folder: str | os.PathLike, sha256: str | None = None) -> Preset:
    """Returns a preset from its name, its folder (a training run's, for one), or its address, downloading what the cache lacks.

    Args:
        name_or_folder: See `load_pretrained`.
        sha256: See `load_pretrained`.

    Raises:
        ValueError: If there is none, saying what is missing.
        OSError: If it cannot be downloaded.
    """
    if hub.is_address(name_or_folder):
        from keras_gans.presets.hub import cache

        address = hub.parse(name_or_folder, sha256)
        return Preset(address.text, cache.fetch(address, _contents()))
    if sha256 is not None:
        raise ValueError(f"sha256 pins what comes from elsewhere (hf://, https://); '{name_or_folder}' is on this computer.")
    folder = Path(name_or_folder)
    if (folder / CONFIG).is_file():
        return Preset(str(name_or_folder), folder)
    if str(name_or_folder) in _bundled():
        return _bundled()[str(name_or_folder)]
    if folder.is_dir():
        raise ValueError(f"{folder} is no preset or run folder: it has no {CONFIG}.")
    raise ValueError(no_such("preset or run folder", str(name_or_folder), list_presets()))


def load_pretrained(name_or_folder: str | os.PathLike, sha256: str | None = None, **arguments: Any) -> Any:
    """Loads a model with its weights.

    What comes from elsewhere is checked file by file against the sizes and SHA-256 in its `preset.json` before it is used, and
    kept (in `KERAS_GANS_CACHE`, or the user's folder for caches). Nothing in it is executed or unpickled.

    Args:
        name_or_folder: One of `list_presets()`; a folder that `save_preset` wrote, or a training run's; or the address of such
            a folder: `hf://owner/name`, `hf://owner/name@revision`, `https://host/folder`.
        sha256: Of an address: the SHA-256 of its `preset.json`, and by that of everything. `#sha256=...` behind the address
            says the same.
        **arguments: Of the model's builder, in place of the preset's: those that say how it trains, such as `learning_rate`,
            `ema` and `seed`. What shapes its networks cannot change.

    Returns:
        A compiled `AdversarialModel`: ready to `generate`, and to `fit` further (its optimizers begin anew).

    Raises:
        ValueError: If there is no such preset, it may not be read, or its files do not match their SHA-256 or their config,
            or the arguments.
        OSError: If it cannot be downloaded: the server is away or cut off again and again, the disk is full, or the network is
            forbidden (`KERAS_GANS_OFFLINE=1`, `HF_HUB_OFFLINE=1`) and there is no copy.

    Example:

        model = keras_gans.load_pretrained("dcgan_digits")
        images = model.generate(64, seed=0)   # float32 in [-1, 1]
    """
    return find_preset(name_or_folder, sha256).load(**arguments)


def container(model, networks):
    """Returns networks of a model as one Keras object whose weights file holds just them, without optimizers."""
    import keras

    container = keras.Model(name="networks")
    for name in networks:
        setattr(container, name, getattr(model, name))
    container.built = True
    return container
