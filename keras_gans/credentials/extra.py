"""The packages of the extra `credentials`."""

from __future__ import annotations

import importlib
from typing import Any


def needed(name: str) -> Any:
    """Import a package of the extra.

    Raises:
        ValueError: If it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = {"c2pa": "c2pa-python"}.get(name, name.partition(".")[0])
        raise ValueError(
            f"Content credentials need {package}, which is not installed: pip install 'keras-gans[credentials]'."
        ) from error
