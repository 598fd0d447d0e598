"""A model's folder of versions, `MODEL/<version>/saved_model.pb`, and `models.config`.

`models.config` is a `ModelServerConfig` in protobuf's text format (https://www.tensorflow.org/tfx/serving/serving_config).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

CONFIG = "models.config"
GRAPH = "saved_model.pb"
_LARGEST = 2**63 - 1
_LARGEST_CONFIG = 2**20  # bytes


def versions(folder: str | os.PathLike) -> dict[int, Path]:
    """Return the folders of a model's versions that hold a graph, by ascending version; empty if there is no such folder."""
    folders = [path.parent for path in Path(folder).glob(f"*/{GRAPH}") if path.is_file()]
    names = [path for path in sorted(folders) if path.name.isascii() and path.name.isdigit()]
    return dict(sorted((int(path.name), path) for path in names if int(path.name) <= _LARGEST))


def read_config(path: str | os.PathLike) -> ModelServerConfig:
    """Return the `ModelServerConfig` in a file.

    Raises:
        ValueError: If the file holds something else.
    """
    from google.protobuf import text_format
    from tensorflow_serving.config import model_server_config_pb2

    try:
        with open(path, "rb") as file:
            content = file.read(_LARGEST_CONFIG).decode()
        return text_format.Parse(content, model_server_config_pb2.ModelServerConfig())
    except (text_format.ParseError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not a configuration of TensorFlow Serving (ModelServerConfig): {error}") from error
