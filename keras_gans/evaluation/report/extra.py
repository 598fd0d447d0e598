"""The libraries of the extra `reports`, which the rest of the package does without."""

from __future__ import annotations

import importlib
from types import ModuleType


def import_extra(*names: str) -> ModuleType:
    """Import libraries of the extra `reports` and return the first.

    Raises:
        ImportError: If one is not installed. The message says what to install.
    """
    try:
        modules = [importlib.import_module(name) for name in names]
    except ModuleNotFoundError as error:
        raise ImportError(
            f'Reports and charts need {error.name}, which is not installed: pip install "keras-gans[reports]".', name=error.name
        ) from error
    return modules[0]
