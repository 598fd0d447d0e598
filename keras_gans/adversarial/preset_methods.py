"""Presets as methods of models, the way Keras Hub has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import keras_gans
from keras_gans._typing import PathLike

if TYPE_CHECKING:
    from keras_gans.presets import Preset
    from keras_gans.presets.preset import LoadedPreset


class _ClassProperty:
    """A property of a class."""

    def __init__(self, get: Any) -> None:
        self._get = get
        self.__doc__ = get.__doc__

    def __get__(self, model: Any, kind: type) -> dict[str, str]:
        return self._get(kind)


class PresetMethods:
    """The part of `AdversarialModel` that loads and saves presets."""

    # Set by `load_pretrained`: the preset the model came from, whose metadata `save_preset` keeps.
    loaded_preset: LoadedPreset | None = None

    @_ClassProperty
    def presets(cls: Any) -> dict[str, str]:  # noqa: N805
        """The bundled presets of this class and its subclasses: name -> description.

        Example:

            keras_gans.WGANGP.presets   # {"wgan_gp_mnist": "Handwritten digits, ..."}
        """
        found = {name: keras_gans.presets.find_preset(name) for name in keras_gans.list_presets()}
        entries = {name: keras_gans.registry.get_entry(preset.config["model"]) for name, preset in found.items()}
        return {
            name: found[name].metadata.description
            for name, entry in entries.items()
            if issubclass(entry.model_class or keras_gans.AdversarialModel, cls)
        }

    @classmethod
    def from_preset(cls, preset: PathLike, sha256: str | None = None, **arguments: Any) -> Self:
        """Load a model of this class with its weights: `keras_gans.load_pretrained`, which checks the class.

        Args:
            preset: Name, folder or address of a preset, as `load_pretrained` takes it.
            sha256: See `load_pretrained`.
            **arguments: See `load_pretrained`.

        Returns:
            A compiled model of this class or a subclass.

        Raises:
            ValueError: If the preset holds a model of another class, or cannot be loaded.
            OSError: If the preset cannot be downloaded.

        Example:

            model = keras_gans.GAN.from_preset("dcgan_mnist")
        """
        model = keras_gans.load_pretrained(preset, sha256, **arguments)
        if not isinstance(model, cls):
            kind = type(model).__name__
            raise ValueError(
                f"{cls.__name__}.from_preset cannot load '{preset}', which holds a {kind}: use {kind}.from_preset or "
                "keras_gans.load_pretrained."
            )
        return model

    def save_to_preset(self: Any, folder: PathLike, **options: Any) -> Preset:
        """Save the model as a preset: `keras_gans.save_preset(model, folder, **options)`."""
        return keras_gans.save_preset(self, folder, **options)

    def push_to_hub(self: Any, address: str, **options: Any) -> str:
        """Upload the model to the Hugging Face Hub as a preset with a model card.

        Args:
            address: `hf://owner/name` or `hf://owner/name@branch`.
            **options: Options of `keras_gans.save_preset`, such as `description` or `dtype`.

        Returns:
            The address, as `load_pretrained` takes it.

        Raises:
            ValueError: If `create_model` did not build the model, the address is not on the Hub, or there is no token.
            ImportError: If the extra `hub` is not installed.
            OSError: If the Hub refuses, or cannot be reached.
        """
        return keras_gans.presets.push_model(self, address, **options)
