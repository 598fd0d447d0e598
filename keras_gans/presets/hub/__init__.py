"""Folders from elsewhere: `hf://owner/name` and `https://host/folder`, checked by SHA-256 and kept in a cache.

One JSON file in such a folder, its index, says which files a load needs, how large each is and its SHA-256 (`manifest`). The
index is fetched first; then every file it names, resumed where it was cut off (`download`), into a folder of the cache that
gets its name when all are there and right (`cache`). Nothing that comes from elsewhere is used before that, and nothing is
executed or unpickled. `upload` is the way back. This module imports nothing that opens a connection.
"""

from keras_gans.presets.hub.address import is_address, parse
from keras_gans.presets.hub.manifest import Contents, describe

__all__ = ["Contents", "describe", "is_address", "parse"]
