"""Fewer messages of TensorFlow, whose C++ code logs to standard error before Python could set a level."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator

from keras_gans import _imports

# What TensorFlow logs while it is imported.
_TENSORFLOW_LOG = re.compile(
    rb"[IWE]\d{4} \d\d:|\d{4}-\d\d-\d\d .*: [IWE] |WARNING: All log messages before absl|To enable the following instructions"
)


def hide_log() -> None:
    """Hide TensorFlow's log, unless the user has chosen a level or TensorFlow is already imported.

    TensorFlow's highest level, 3, does not hide the lines of its import: who has chosen it wants them hidden.
    """
    if "tensorflow" not in sys.modules and os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3") == "3":
        _imports.Around(lambda name: name == "tensorflow", lambda _: quietly(_TENSORFLOW_LOG)).install()


@contextlib.contextmanager
def quietly(only: re.Pattern[bytes] | None = None) -> Iterator[None]:
    """Suppress what libraries print to standard error. If they fail, it is printed after all.

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
