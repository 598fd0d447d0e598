"""Presets from the Hugging Face Hub (`hf://owner/name`) and from web servers (`https://host/folder`); needs the extra `hub`.

A preset's `preset.json` lists the files that a load needs, with their sizes and SHA-256 (`manifest`). It is fetched first, then
the files it names, by `huggingface_hub` (`hugging_face`) or `pooch` (`web`), into a folder of the cache that gets its name once
every file is complete and correct (`cache`). Nothing is used before, and nothing is ever executed or unpickled. This module
itself imports nothing that opens a connection.
"""

from keras_gans.presets.hub.address import is_address, parse
from keras_gans.presets.hub.manifest import Contents, describe

__all__ = ["Contents", "describe", "is_address", "parse"]
