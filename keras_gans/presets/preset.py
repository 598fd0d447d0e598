"""Finding and loading presets: a model's architecture, weights and metadata in a folder. `keras_gans.presets.save` writes them.

A preset folder holds `config.json` (name of the model and arguments of its builder), `model.weights.h5`, `preset.json` (its
`Metadata`: origin, quality, SHA-256 of the weights), the files that its medium needs, and some samples. A training run's folder
is a preset folder, too. `preset.json` lists size and SHA-256 of each file that a load needs, by which `keras_gans.presets.hub`
checks what it downloads.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_gans._version import __version__
from keras_gans.errors import no_such
from keras_gans.files import read_object, sha256
from keras_gans.presets import hub
from keras_gans.presets.metadata import Metadata
from keras_gans.registry import create_model, entry_folder, get_entry, list_models

if TYPE_CHECKING:
    import keras

    from keras_gans._typing import PathLike
    from keras_gans.adversarial import AdversarialModel
    from keras_gans.media import Medium

CONFIG, WEIGHTS, METADATA = "config.json", "model.weights.h5", "preset.json"
FORMAT = 1


@dataclasses.dataclass(frozen=True)
class Preset:
    """A preset folder.

    Attributes:
        name: Name of a bundled preset, or the folder or address as given.
        folder: The folder; for an address, the one in the cache.
    """

    name: str
    folder: Path

    @functools.cached_property
    def config(self) -> dict[str, Any]:
        """Name of the model and arguments of its builder."""
        return _checked_config(self.folder / CONFIG, read_object(self.folder / CONFIG))

    @functools.cached_property
    def metadata(self) -> Metadata:
        """Content of `preset.json`: description, data, recipe, metrics, parameters, checksums and more."""
        return Metadata.read(self.folder / METADATA)

    @property
    def medium(self) -> Medium | type[Medium]:
        """The medium of the model's samples; the class that the model's entry names if the preset does not say it.

        `Points` stands for an unknown medium.

        Raises:
            ValueError: If the medium does not exist, or `preset.json` describes it wrongly.
        """
        from keras_gans.media import MEDIA, Points

        config = self.metadata.medium
        if config:
            return self._read_medium(config)
        name = get_entry(self.config["model"]).medium
        if name not in MEDIA:
            return Points
        return MEDIA[name]

    def _read_medium(self, config: dict[str, Any]) -> Medium:
        from keras_gans.media import medium_from_config

        try:
            return medium_from_config(config)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{self.folder / METADATA} is damaged: its medium is {config!r}.") from error

    def matching_config(self) -> dict[str, Any]:
        """Return the config that belongs to the present weights, found by their SHA-256.

        While a preset is being replaced, `preset.json` describes the new weights and, as `previous`, the old ones.

        Raises:
            ValueError: If the weights are neither.
        """
        return self.matching()[0]

    def matching(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the config that belongs to the present weights, and that of their medium: see `matching_config`."""
        weights, metadata = self.folder / WEIGHTS, self.metadata
        digest = sha256(weights) if weights.is_file() else None
        if digest is not None and digest == metadata.sha256:
            return self.config, metadata.medium
        if digest is not None and digest == metadata.previous.get("sha256"):
            previous = metadata.previous
            return _checked_config(self.folder / METADATA, previous["config"]), previous.get("medium") or {}
        raise ValueError(
            f"{weights} is missing, damaged or not the file that {METADATA} describes. Its SHA-256 should be "
            f"{metadata.sha256 or None}."
        )

    @property
    def size(self) -> int:
        """Size of the weights file in bytes."""
        return (self.folder / WEIGHTS).stat().st_size

    def load(self, **arguments: Any) -> AdversarialModel:
        """Build the model and load its weights: see `load_pretrained`."""
        from keras_gans.adversarial.ema import clone_for_averaging

        config, medium = self.matching()
        self._check_model(config)
        model = create_model(config["model"], **{**config["arguments"], **arguments})
        if "ema_generator" not in config["networks"]:
            model.ema_generator = None
        elif model.ema_generator is None:
            model.ema_generator = clone_for_averaging(model.generator)
        if "faithful_generator" in config["networks"]:
            model.make_faithful()
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
            average: Any = model.ema_generator
            model.generator.set_weights(average.get_weights())
        if config.get("pretrained"):
            model.skip_pretraining()
        model.medium = self._medium_of(model, medium).with_files(self.folder)
        model.loaded_preset = LoadedPreset(self.name, self.metadata, weights_digest(model))
        return model

    def _check_model(self, config: dict[str, Any]) -> None:
        """Raise ValueError if the model is not registered, naming the package to install."""
        if config["model"] in list_models():
            return
        package = config.get("requires_package")
        remedy = (
            f"Install the package that registers it: pip install {package}."
            if package
            else ("If a script of yours registers it (keras_gans.register_model), import that script first.")
        )
        raise ValueError(f"{self.name} needs the model '{config['model']}', which is not registered. {remedy}")

    def _medium_of(self, model: AdversarialModel, config: dict[str, Any]) -> Medium:
        """Return the medium of a config, or that of the model if the config is empty."""
        if not config:
            return model.medium
        medium = self._read_medium(config)
        return medium if medium.sample_shape == model.data_shape else medium.with_shape(model.data_shape)


@dataclasses.dataclass(frozen=True)
class LoadedPreset:
    """What a loaded model remembers of its preset.

    Attributes:
        name: Name, folder or address of the preset.
        metadata: Its metadata.
        digest: Digest of the weights as they were loaded.
    """

    name: str
    metadata: Metadata
    digest: str

    def is_of(self, model: AdversarialModel) -> bool:
        """Return whether a model still has the weights that it was loaded with."""
        return weights_digest(model) == self.digest


def weights_digest(model: AdversarialModel) -> str:
    """Return a digest of the weights of all networks, by which `save_preset` sees whether a loaded model has changed."""
    digest = hashlib.sha256()
    networks: list[Any] = [model.generator, model.discriminator, model.ema_generator]
    networks.append(getattr(model, "faithful_generator", None))
    for weight in (weight for network in networks if network is not None for weight in network.get_weights()):
        digest.update(weight.tobytes())
    return digest.hexdigest()


def _checked_config(path: Path, config: Any) -> dict[str, Any]:
    if not isinstance(config, dict) or config.get("format") != FORMAT:
        found = config.get("format") if isinstance(config, dict) else None
        raise ValueError(f"{path} has format {found}; this version of keras_gans ({__version__}) reads format {FORMAT}.")
    missing = {"model", "arguments", "networks"} - set(config)
    if missing:
        raise ValueError(f"{path} does not contain {', '.join(sorted(missing))}.")
    return config


def list_presets() -> list[str]:
    """Return the names of the presets that come with the installed models, sorted."""
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
    """Return the files of a preset that a load may need."""
    from keras_gans.media import MEDIA

    optional: list[str] = []
    for name in MEDIA.names():
        with contextlib.suppress(Exception):  # another package's medium that cannot be imported must not hide the others
            optional += MEDIA[name].file_names
    return hub.Contents(index=METADATA, required=(CONFIG, WEIGHTS), optional=tuple(dict.fromkeys(optional)))


def find_preset(name_or_folder: PathLike, sha256: str | None = None) -> Preset:
    """Find a preset by its name, folder or address, downloading what the cache does not hold.

    Args:
        name_or_folder: See `load_pretrained`.
        sha256: See `load_pretrained`.

    Raises:
        ValueError: If there is no such preset.
        ImportError: If the preset is elsewhere and the extra `hub` is not installed.
        OSError: If the preset cannot be downloaded.
    """
    if isinstance(name_or_folder, str) and hub.is_address(name_or_folder):
        from keras_gans.presets.hub import cache

        address = hub.parse(name_or_folder, sha256)
        return Preset(address.text, cache.fetch(address, _contents()))
    if sha256 is not None:
        raise ValueError(f"sha256 is for presets from elsewhere (hf://, https://); '{name_or_folder}' is on this computer.")
    folder = Path(name_or_folder)
    if (folder / CONFIG).is_file():
        return Preset(str(name_or_folder), folder)
    if str(name_or_folder) in _bundled():
        return _bundled()[str(name_or_folder)]
    if folder.is_dir():
        raise ValueError(f"{folder} is not a preset or run folder: it does not contain {CONFIG}.")
    if folder.is_file():
        remedy = f" Load a saved model with keras.models.load_model('{folder}')." if folder.suffix == ".keras" else ""
        raise ValueError(f"{folder} is a file, and a preset is a folder (or a name, or an address).{remedy}")
    raise ValueError(no_such("preset or run folder", str(name_or_folder), list_presets()))


def load_pretrained(name_or_folder: PathLike, sha256: str | None = None, **arguments: Any) -> AdversarialModel:
    """Load a pretrained model by the name of a preset, from a folder or from an address.

    Downloads are checked file by file against the sizes and SHA-256 in `preset.json` before they are used, and kept (in
    `KERAS_GANS_CACHE`, or the user's cache folder). Nothing in them is executed or unpickled.

    Args:
        name_or_folder: One of `list_presets()`; a folder that `save_preset` wrote, or that of a training run; or the address of
            such a folder: `hf://owner/name`, `hf://owner/name@revision`, `https://host/folder` (needs the extra `hub`).
        sha256: Pin of an address: the SHA-256 of its `preset.json`, and so of every file. `#sha256=...` at the end of the
            address has the same effect.
        **arguments: Arguments of the model's builder that replace the preset's: those of training, such as `learning_rate`,
            `ema` and `seed`. The shape of the networks cannot change.

    Returns:
        A compiled `AdversarialModel`, ready for `generate` and for further training with `fit` (its optimizers start anew).

    Raises:
        ValueError: If there is no such preset, it may not be read, or its files do not match their SHA-256, their config or the
            arguments.
        ImportError: If the preset is elsewhere and the extra `hub` is not installed.
        OSError: If the preset cannot be downloaded: the server does not answer, the disk is full, or the network is forbidden
            (`KERAS_GANS_OFFLINE=1`, `HF_HUB_OFFLINE=1`) and there is no copy.

    Example:

        model = keras_gans.load_pretrained("dcgan_digits")
        images = model.generate(64, seed=0)   # float32 in [-1, 1]
    """
    return find_preset(name_or_folder, sha256).load(**arguments)


def container(model: AdversarialModel, networks: Iterable[str]) -> keras.Model:
    """Return networks of a model as one Keras object, whose weights file holds just them, without optimizers."""
    import keras

    container = keras.Model(name="networks")
    for name in networks:
        setattr(container, name, getattr(model, name))
    container.built = True
    return container
