"""Fewer messages of TensorFlow, whose C++ code logs to standard error before Python could set a level."""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from types import ModuleType

# What TensorFlow logs while it is imported.
_TENSORFLOW_LOG = re.compile(
    rb"[IWE]\d{4} \d\d:|\d{4}-\d\d-\d\d .*: [IWE] |WARNING: All log messages before absl|To enable the following instructions"
)


class _Finder(importlib.abc.MetaPathFinder):
    """Finds TensorFlow as others do, and has it imported without its log."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != "tensorflow":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_quietly(module: ModuleType) -> None:
                with quietly(_TENSORFLOW_LOG):
                    execute(module)

            spec.loader.exec_module = execute_quietly  # type: ignore[method-assign]  # of this one object
        return spec


def hide_log() -> None:
    """Hides TensorFlow's log, unless the user has chosen a level or TensorFlow is already imported."""
    if "tensorflow" not in sys.modules and "TF_CPP_MIN_LOG_LEVEL" not in os.environ:
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
        sys.meta_path.insert(0, _Finder())


@contextlib.contextmanager
def quietly(only: re.Pattern[bytes] | None = None) -> Iterator[None]:
    """Suppresses what libraries print to standard error. If they fail, it is printed after all.

    A ValueError explains itself, and Ctrl-C needs no explanation: then it is not printed.

    Args:
        only: Suppress only lines that begin so, and print the others at the end; all lines if None.
    """
    sys.stderr.flush()
    real = os.dup(2)
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), 2)
        failed = False
        try:
            yield
        except (ValueError, KeyboardInterrupt):
            raise
        except BaseException:
            failed = True
            raise
        finally:
            sys.stderr.flush()
            os.dup2(real, 2)
            kept.seek(0)
            for line in kept:
                if failed or (only is not None and not only.match(line)):
                    os.write(real, line)
            os.close(real)
