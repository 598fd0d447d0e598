"""`keras-gans lab`: watch models of points learn in the browser, and look at training runs and recordings: see docs/lab.md.

`server.serve` runs the page; `worker` trains in a process of its own. In a notebook, `keras_gans.lab(model)` is
`keras_gans.lab.show(model)`. Nothing here is imported by the rest of the library. What it needs comes with the extra `serve`.
"""

import sys
import types
from typing import Any

from keras_gans.lab.notebook import LabPage, show

__all__ = ["LabPage", "show"]


class _Callable(types.ModuleType):
    """A module that is called as its main function is."""

    def __call__(self, *arguments: Any, **named: Any) -> LabPage:
        return show(*arguments, **named)


sys.modules[__name__].__class__ = _Callable
