"""Saving and publishing presets: `save_preset` writes the folder that `load_pretrained` reads, `push_preset` uploads it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_gans._version import __version__
from keras_gans.errors import no_such
from keras_gans.files import as_json, replacing, sha256, write_json
from keras_gans.presets import hub
from keras_gans.presets.half_precision import halve
from keras_gans.presets.metadata import Metadata
from keras_gans.presets.preset import CONFIG, FORMAT, METADATA, WEIGHTS, Preset, container, find_preset, weights_digest
from keras_gans.registry import providing_package

if TYPE_CHECKING:
    from keras_gans._typing import PathLike
    from keras_gans.adversarial import AdversarialModel

_NETWORKS = ("generator", "discriminator", "ema_generator", "faithful_generator")
_DTYPES = ("float32", "float16")
_OWN = (CONFIG, WEIGHTS, METADATA)
# Metadata that stay true of a model that was trained further; `classes` and `condition_names` are what its conditions mean.
_LASTING = ("classes", "condition_names", "licence")
# Metadata of the preset that training started from.
_ORIGIN = ("sha256", "dataset", "dataset_licence", "fine_tuned_from")
# Metadata of the file, not of the model.
_OF_THE_FILE = ("previous", "rounding")


def save_preset(
    model: AdversarialModel,
    folder: PathLike,
    *,
    averaged_only: bool = False,
    dtype: str = "float32",
    push_to: str | None = None,
    **metadata: Any,
) -> Preset:
    """Save a model that `create_model` built, as a folder that `load_pretrained` reads.

    Each file is replaced as a whole, and the folder can be loaded at every moment in between.

    A loaded model keeps the metadata of its preset, such as `dataset`, `recipe` and `metrics`. If it has been trained further,
    `fine_tuned_from` names that preset instead.

    Args:
        model: The model.
        folder: Created if it does not exist; files of the same names are replaced.
        averaged_only: Whether to leave out the generator's own weights if the model has their moving average, which generates
            the samples. Training then continues from the average.
        dtype: `"float32"`, or `"float16"` for half the size. Float16 weights are loaded as float32, rounded to 11 bits.
        push_to: Address to upload the folder to, as `push_preset` does: `hf://owner/name` or `hf://owner/name@branch`.
        **metadata: Metadata for `preset.json`, the fields of `keras_gans.presets.Metadata`: `description`, `dataset`,
            `dataset_licence`, `recipe` (a command), `metrics`, `training` and more. Your own keys are kept, too.

    Returns:
        The saved `Preset`.

    Raises:
        ValueError: If `create_model` did not build the model (`model.save("model.keras")` saves those); if `dtype` is unknown;
            if `push_to` is not a repository on the Hugging Face Hub, or there is no token. Nothing is saved then.
        ImportError: If `push_to` is given and the extra `hub` is not installed. Nothing is saved then.
        OSError: If a file cannot be written, or the Hub refuses.
    """
    if dtype not in _DTYPES:
        raise ValueError(no_such("dtype of weights", str(dtype), list(_DTYPES)))
    if model.entry is None:
        raise ValueError(
            "create_model did not build this model, and a preset stores a registered name and its arguments. Save it with "
            "model.save('model.keras'), or register its builder (keras_gans.register_model) and use create_model."
        )
    if push_to is not None:
        _destination(push_to)
    folder = Path(folder)
    model.sync_state()
    networks = [name for name in _NETWORKS if getattr(model, name, None) is not None]
    if averaged_only and model.ema_generator is not None:
        networks.remove("generator")
    weights = container(model, networks)
    config = _config(model, networks)
    files = {_plain(name): content for name, content in model.medium.files().items()}
    with replacing(folder / WEIGHTS) as temporary:
        weights.save_weights(temporary)
        if dtype == "float16":
            halve(temporary)
        described = hub.describe({CONFIG: as_json(config), WEIGHTS: temporary, **files})
        known = {**_names(model), **_of_the_loaded_preset(model), **metadata}
        found = Metadata.from_dict({**known, **_found_out(model, described)}).without("previous")
        previous = _weights_there(folder)
        found.update(**({"previous": previous} if previous else {})).write(folder / METADATA)
        write_json(folder / CONFIG, config)
    if previous:
        found.write(folder / METADATA)
    for name, content in files.items():
        with replacing(folder / name) as temporary:
            temporary.write_bytes(content)
    preset = Preset(str(folder), folder)
    # The samples are those of the saved weights, rounded or not.
    shown = model if dtype == "float32" else preset.load()
    shown.examples = model.examples
    samples = {_plain(name): write for name, write in shown.medium.preset_files(shown).items()}
    for name, write in samples.items():
        write(folder / name)
    if push_to is not None:
        push_preset(folder, push_to)
    return preset


def push_preset(name_or_folder: PathLike, address: str) -> str:
    """Upload a preset to the Hugging Face Hub, with a model card that says how to load it from there.

    Besides the files that a load needs, its samples and its card are uploaded, in one commit. If the repository does not exist,
    it is created, a public one. A `README.md` that you have written or changed goes with the preset in place of a new card.

    Args:
        name_or_folder: Name of a bundled preset, or a preset's or training run's folder.
        address: `hf://owner/name` or `hf://owner/name@branch`.

    Returns:
        The address, as `load_pretrained` takes it.

    Raises:
        ImportError: If the extra `hub` is not installed.
        ValueError: If there is no such preset, the address is not a repository on the Hub, or there is no token.
        OSError: If the network is forbidden, or the Hub refuses or cannot be reached.

    Example:

        keras_gans.presets.push_preset("runs/digits/best", "hf://me/digits")   # HF_TOKEN, or `hf auth login`
    """
    from keras_gans.presets import model_card
    from keras_gans.presets.hub import hugging_face

    place = _destination(address)
    preset = find_preset(name_or_folder)
    folder = preset.folder
    preset.matching()
    needed = preset.metadata.files
    if not needed:
        raise ValueError(
            f"The {METADATA} of {name_or_folder} has no checksums of the preset's files. Save it again with this version of "
            "keras_gans (load_pretrained, save_preset)."
        )
    pictures = [folder / name for name in (model_card.INTERPOLATION, model_card.FAILURES)]
    shown = [path for path in (*sorted(folder.glob("samples.*")), *pictures) if path.is_file()]
    files: dict[str, Path | bytes] = {name: folder / name for name in (METADATA, *needed)}
    files |= {path.name: path for path in shown}
    files[model_card.CARD] = model_card.for_upload(name_or_folder, place.text).encode()
    hugging_face.push(files, place)
    return place.text


def push_model(model: AdversarialModel, address: str, **options: Any) -> str:
    """Upload a model to the Hugging Face Hub: `save_preset` to a temporary folder, then `push_preset`.

    Args:
        model: A model that `create_model` built.
        address: `hf://owner/name` or `hf://owner/name@branch`.
        **options: Options of `save_preset`, such as `description` or `dtype`.

    Returns:
        The address, as `load_pretrained` takes it.

    Raises:
        ImportError, ValueError, OSError: See `save_preset` and `push_preset`.
    """
    _destination(address)
    with tempfile.TemporaryDirectory() as folder:
        save_preset(model, Path(folder, "preset"), **options)
        return push_preset(Path(folder, "preset"), address)


def _destination(address: str) -> hub.address.Address:
    from keras_gans.presets.hub import cache, hugging_face

    return hugging_face.destination(address, cache.offline())


def _config(model: AdversarialModel, networks: list[str]) -> dict[str, Any]:
    entry: dict[str, Any] = model.entry or {}
    config = {"format": FORMAT, **entry, "networks": sorted(networks)}
    if getattr(model, "pretrained", False):
        config["pretrained"] = True
    package = providing_package(entry["model"])
    if package not in (None, "keras-gans"):
        config["requires_package"] = package
    return config


def _of_the_loaded_preset(model: AdversarialModel) -> dict[str, Any]:
    """Return the metadata of the preset that a model was loaded from, as far as they are true of the model now."""
    loaded = model.loaded_preset
    if loaded is None:
        return {}
    known = loaded.metadata.without(*_OF_THE_FILE).to_dict()
    if weights_digest(model) == loaded.digest:
        return known
    origin = {"preset": loaded.name} | {key: known[key] for key in _ORIGIN if key in known}
    return {**{key: known[key] for key in _LASTING if key in known}, "fine_tuned_from": origin}


def _names(model: AdversarialModel) -> dict[str, Any]:
    """Return the metadata that say what the values of conditions mean, if the model was told."""
    from keras_gans.conditions import LABELS

    others = {name: list(names) for name, names in model.names.items() if name != LABELS}
    found = {"classes": list(model.names.get(LABELS, ())), "condition_names": others}
    return {name: value for name, value in found.items() if value}


def _found_out(model: AdversarialModel, files: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the metadata that need not be given.

    Args:
        model: The model.
        files: Manifest of the files that a load needs.
    """
    from keras_gans import conditions
    from keras_gans.media import medium_to_config

    return {
        "parameters": {name: getattr(model, name).count_params() for name in ("generator", "discriminator")},
        "medium": medium_to_config(model.medium),
        "conditions": conditions.to_config(model.conditions),
        **({"privacy": model.ledger.statement()} if model.ledger is not None and model.ledger.steps else {}),
        "version": __version__,
        "files": files,
        "sha256": files[WEIGHTS]["sha256"],
    }


def _plain(name: str) -> str:
    """Return the name of a file that a medium adds, if it is allowed."""
    if name in _OWN or name != Path(name).name:
        raise ValueError(f"A medium's file may not be called {name!r} in a preset.")
    return name


def _weights_there(folder: Path) -> dict[str, Any] | None:
    """Return the SHA-256 and the config of the weights in a folder, or None if it does not hold a complete preset."""
    preset = Preset(str(folder), folder)
    try:
        config, medium = preset.matching()
        return {"sha256": sha256(folder / WEIGHTS), "config": config, **({"medium": medium} if medium else {})}
    except (ValueError, OSError):
        return None
