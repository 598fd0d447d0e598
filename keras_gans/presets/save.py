"""Saving presets: `save_preset` writes the folder that `load_pretrained` reads."""

import os
from pathlib import Path
from typing import Any

from keras_gans._version import __version__
from keras_gans.errors import no_such
from keras_gans.files import as_json, replacing, sha256, write_json
from keras_gans.presets import hub
from keras_gans.presets.half_precision import halve
from keras_gans.presets.metadata import Metadata
from keras_gans.presets.preset import CONFIG, FORMAT, METADATA, WEIGHTS, Preset, container

_NETWORKS = ("generator", "discriminator", "ema_generator")
_DTYPES = ("float32", "float16")
_OWN = (CONFIG, WEIGHTS, METADATA)


def save_preset(
    model: Any,
    folder: str | os.PathLike,
    *,
    averaged_only: bool = False,
    dtype: str = "float32",
    push_to: str | None = None,
    **metadata: Any,
) -> Preset:
    """Saves a model that `create_model` built, as a folder that `load_pretrained` reads.

    Each file is replaced whole, and the folder can be loaded at every moment in between.

    Args:
        model: The model.
        folder: Made where it does not exist; files of the same names are replaced.
        averaged_only: Whether to leave out the generator's own weights if there is a moving average of them, from which samples
            come. Training then continues from the average.
        dtype: `"float32"`, or `"float16"` for half the size: weights are loaded as float32, rounded to 11 bits.
        push_to: Where to upload the folder: `hf://owner/name` or `hf://owner/name@branch`. Its model card `README.md` goes with
            it, if there is one. Needs the extra `hub` and a token (`HF_TOKEN`, or `hf auth login`).
        **metadata: What `preset.json` says besides what it finds out itself, the fields of `keras_gans.presets.Metadata`:
            `description`, `dataset`, `dataset_licence`, `recipe` (a command), `metrics`, `training` and more. Keys of your own
            are kept, too.

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
    weights = container(model, networks)
    config = {"format": FORMAT, **model.entry, "networks": sorted(networks)}
    if getattr(model, "pretrained", False):
        config["pretrained"] = True
    files = {_plain(name): content for name, content in model.medium.files().items()}
    with replacing(folder / WEIGHTS) as temporary:
        weights.save_weights(temporary)
        if dtype == "float16":
            halve(temporary)
        described = hub.describe({CONFIG: as_json(config), WEIGHTS: temporary, **files})
        found = Metadata.from_dict({**metadata, **_found_out(model, described)}).without("previous")
        previous = _weights_there(folder)
        found.update(**({"previous": previous} if previous else {})).write(folder / METADATA)
        write_json(folder / CONFIG, config)
    if previous:
        found.write(folder / METADATA)
    for name, content in files.items():
        with replacing(folder / name) as temporary:
            temporary.write_bytes(content)
    preset = Preset(str(folder), folder)
    # What is shown is what is kept, rounded or not.
    shown = model if dtype == "float32" else preset.load()
    samples = {_plain(name): write for name, write in shown.medium.preset_files(shown).items()}
    for name, write in samples.items():
        write(folder / name)
    if push_to is not None:
        upload.push(folder, (CONFIG, WEIGHTS, METADATA, *files, *samples, "README.md"), address)
    return preset


def _found_out(model, files):
    """Returns what `preset.json` says of a model by itself.

    Args:
        model: The model.
        files: The manifest of the files that a load needs.
    """
    from keras_gans import conditions
    from keras_gans.media import medium_to_config

    return {
        "parameters": {name: getattr(model, name).count_params() for name in ("generator", "discriminator")},
        "medium": medium_to_config(model.medium),
        "conditions": conditions.to_config(model.conditions),
        "version": __version__,
        "files": files,
        "sha256": files[WEIGHTS]["sha256"],
    }


def _plain(name):
    """Returns the name of a file that a medium adds, if it may have it."""
    if name in _OWN or name != Path(name).name:
        raise ValueError(f"A medium's file may not be called {name!r} in a preset.")
    return name


def _weights_there(folder):
    """Returns the SHA-256 and the config of the weights that a folder holds, or None where it holds no whole preset."""
    preset = Preset(str(folder), folder)
    try:
        config, medium = preset.matching()
        return {"sha256": sha256(folder / WEIGHTS), "config": config, **({"medium": medium} if medium else {})}
    except (ValueError, OSError):
        return None
