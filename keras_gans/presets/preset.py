"""Presets: a model's architecture, weights and facts in a folder. `save_preset` and `load_pretrained` mirror each other.

A preset folder holds `config.json` (entry name and builder arguments), `model.weights.h5`, `preset.json` (where it comes
from, how good it is, the weights' SHA-256) and `samples.png`; where the model writes, `tokenizer.model` and `samples.txt`. A
training run's folder is a preset folder, too. `preset.json` lists the size and SHA-256 of each file that a load needs, so that
`keras_gans.presets.hub` can fetch such a folder from elsewhere.
"""

import dataclasses
import functools
import os
import warnings
from pathlib import Path

from keras_gans._version import __version__
from keras_gans.errors import no_such
from keras_gans.files import as_json, read_object, replacing, sha256, write_json
from keras_gans.presets import hub
from keras_gans.presets.half_precision import halve
from keras_gans.registry import create_model, entry_folder, list_models

CONFIG, WEIGHTS, FACTS, SAMPLES = "config.json", "model.weights.h5", "preset.json", "samples.png"
# Of models that write.
TOKENIZER, SENTENCES = "tokenizer.model", "samples.txt"
_CONTENTS = hub.Contents(index=FACTS, required=(CONFIG, WEIGHTS), optional=(TOKENIZER,))
_PUBLISHED = (CONFIG, WEIGHTS, FACTS, SAMPLES, TOKENIZER, SENTENCES, "README.md")
_FORMAT = 1
_NETWORKS = ("generator", "discriminator", "ema_generator")
_DTYPES = ("float32", "float16")
_SENTENCES = 20


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
    def facts(self) -> dict:
        """Description, data, recipe, metrics, parameters and checksums."""
        return read_object(self.folder / FACTS)

    def matching_config(self) -> dict:
        """Returns the config of the weights that are there now, found by their SHA-256.

        While a preset is being replaced, `preset.json` describes the new weights and, as `previous`, those before.

        Raises:
            ValueError: If the weights are neither.
        """
        weights = self.folder / WEIGHTS
        digest = sha256(weights) if weights.is_file() else None
        previous = self.facts.get("previous") or {}
        if digest is not None and digest == self.facts.get("sha256"):
            return self.config
        if digest is not None and digest == previous.get("sha256"):
            return _checked_config(self.folder / FACTS, previous["config"])
        raise ValueError(
            f"{weights} is missing, damaged or not the file that {FACTS} describes: its SHA-256 should be "
            f"{self.facts.get('sha256')}."
        )

    @property
    def size(self) -> int:
        """Bytes of the weights."""
        return (self.folder / WEIGHTS).stat().st_size

    def load(self, **arguments):
        """Builds the model and loads its weights: see `load_pretrained`."""
        from keras_gans.adversarial.ema import clone_for_averaging

        config = self.matching_config()
        model = create_model(config["model"], **{**config["arguments"], **arguments})
        if "ema_generator" not in config["networks"]:
            model.ema_generator = None
        elif model.ema_generator is None:
            model.ema_generator = clone_for_averaging(model.generator)
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "Skipping nested container")  # the error says what does not fit
                _container(model, config["networks"]).load_weights(self.folder / WEIGHTS)
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
        if (self.folder / TOKENIZER).is_file():
            from keras_gans.text import Tokenizer

            model.tokenizer = Tokenizer.load(self.folder / TOKENIZER)
        return model


def _checked_config(path, config):
    if not isinstance(config, dict) or config.get("format") != _FORMAT:
        found = config.get("format") if isinstance(config, dict) else None
        raise ValueError(f"{path} has the format {found}; this version of keras_gans ({__version__}) reads format {_FORMAT}.")
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
        for facts in sorted(folder.glob(f"presets/*/{FACTS}")) if folder else ():
            found[facts.parent.name] = Preset(facts.parent.name, facts.parent)
    return found


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
        return Preset(address.text, cache.fetch(address, _CONTENTS))
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


def load_pretrained(name_or_folder: str | os.PathLike, sha256: str | None = None, **arguments):
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


def save_preset(
    model,
    folder: str | os.PathLike,
    *,
    averaged_only: bool = False,
    dtype: str = "float32",
    push_to: str | None = None,
    **facts,
) -> Preset:
    """Saves a model that `create_model` built, as a folder that `load_pretrained` reads.

    Each file is replaced whole, and the folder can be loaded at every moment in between.

    Args:
        model: The model.
        folder: Made where it does not exist; files of the same names are replaced.
        averaged_only: Whether to leave out the generator that is trained where there is a moving average of it, which samples
            come from; whoever trains on begins from the average.
        dtype: `"float32"`, or `"float16"` for half the size: loaded, weights are float32 again, rounded to 11 bits.
        push_to: `hf://owner/name` or `hf://owner/name@branch`: where to upload the folder then, with the model card
            `README.md` in it if there is one. It needs the extra `hub` and a token (`HF_TOKEN`, or `hf auth login`).
        **facts: What `preset.json` says besides what it finds out itself; by convention `description`, `dataset`,
            `dataset_licence`, `recipe` (a command), `metrics` (each with its protocol) and `training`.

    Returns:
        The `Preset`.

    Raises:
        ValueError: If the model was not built by `create_model`: `model.save("model.keras")` keeps such a one; if `dtype` is
            another; if `push_to` is no repository on the Hugging Face Hub, or there is no token. Nothing is saved then.
        ImportError: If `push_to` is given without the extra `hub`; nothing is saved.
        OSError: If a file cannot be written, or the Hub refuses.
    """
    if dtype not in _DTYPES:
        raise ValueError(no_such("dtype of weights", str(dtype), list(_DTYPES)))

    if model.entry is None:
        raise ValueError(
            "This model was put together by hand, and a preset stores a registered name and its arguments. Keep it with "
            "model.save('model.keras'), or register its builder (keras_gans.register_model) and use create_model."
        )
    if push_to is not None:
        from keras_gans.presets.hub import upload

        address = upload.destination(push_to)
    folder = Path(folder)
    model.sync_state()
    networks = [name for name in _NETWORKS if getattr(model, name) is not None]
    if averaged_only and model.ema_generator is not None:
        networks.remove("generator")
    container = _container(model, networks)
    facts = {
        **facts,
        "parameters": {name: getattr(model, name).count_params() for name in ("generator", "discriminator")},
        "version": __version__,
    }
    config = {"format": _FORMAT, **model.entry, "networks": sorted(networks)}
    if getattr(model, "pretrained", False):
        config["pretrained"] = True
    with replacing(folder / WEIGHTS) as temporary:
        container.save_weights(temporary)
        if dtype == "float16":
            halve(temporary)
        contents = {CONFIG: as_json(config), WEIGHTS: temporary}
        if getattr(model, "tokenizer", None) is not None:
            contents[TOKENIZER] = model.tokenizer.model
        facts["files"] = hub.describe(contents)
        facts["sha256"] = facts["files"][WEIGHTS]["sha256"]
        previous = _weights_there(folder)
        write_json(folder / FACTS, {**facts, "previous": previous} if previous else facts)
        write_json(folder / CONFIG, config)
    if previous:
        write_json(folder / FACTS, facts)
    if getattr(model, "tokenizer", None) is not None:
        model.tokenizer.save(folder / TOKENIZER)
    preset = Preset(str(folder), folder)
    # What is shown is what is kept, rounded or not.
    _write_samples(model if dtype == "float32" else preset.load(), folder)
    if push_to is not None:
        upload.push(folder, _PUBLISHED, address)
    return preset


def _write_samples(model, folder):
    """Writes a picture of samples, or of a model that writes sentences, into a preset's folder."""
    from keras_gans.media.pictures import save_picture

    if model.drawable:
        save_picture(folder / SAMPLES, model.draw())
    if getattr(model, "tokenizer", None) is not None:
        lines = model.write(_SENTENCES, seed=0, labels=model.class_labels(_SENTENCES))
        with replacing(folder / SENTENCES) as temporary:
            temporary.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _weights_there(folder):
    """Returns the SHA-256 and the config of the weights that a folder holds, or None where it holds no whole preset."""
    preset = Preset(str(folder), folder)
    try:
        return {"sha256": sha256(folder / WEIGHTS), "config": preset.matching_config()}
    except (ValueError, OSError):
        return None


def _container(model, networks):
    """Returns networks of a model as one Keras object whose weights file holds just them, without optimizers."""
    import keras

    container = keras.Model(name="networks")
    for name in networks:
        setattr(container, name, getattr(model, name))
    container.built = True
    return container
