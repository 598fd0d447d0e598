"""Processes forked from one that has imported Keras: several seconds less each than a new interpreter."""

import multiprocessing
import os
import subprocess
import sys
import tempfile
from pathlib import Path

_CONTEXT = multiprocessing.get_context("forkserver")
# Imported before the fork. No programs of keras-gans, each of which defines flags of its own.
_CONTEXT.set_forkserver_preload(["__main__", "tests.support.imported"])


class Forked:
    """A process that calls a function of a module.

    Args:
        function: What is called.
        arguments: Its arguments, texts.
        cwd: The folder in which it runs; the present one if None.
        env: Its environment; the present one if None. Packages in folders of `PYTHONPATH` are found, as by a new interpreter.
    """

    def __init__(self, function, arguments, cwd=None, env=None):
        self.arguments = [str(argument) for argument in arguments]
        self._folder = tempfile.TemporaryDirectory()
        self._printed = [Path(self._folder.name, name) for name in ("output", "errors")]
        started = (function, self.arguments, str(cwd or Path.cwd()), dict(os.environ if env is None else env), self._printed)
        self._process = _CONTEXT.Process(target=_call, args=started)
        self._process.start()

    def finish(self, timeout):
        """Returns the finished process as `subprocess.run` does, with what it printed as text."""
        with self._folder:
            self._process.join(timeout)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()
                raise subprocess.TimeoutExpired(self.arguments, timeout)
            printed = [path.read_text() for path in self._printed]
        return subprocess.CompletedProcess(self.arguments, self._process.exitcode, *printed)


def keras_gans(*arguments):
    """What the command `keras-gans` does."""
    sys.argv = ["keras-gans", *arguments]
    from keras_gans_tools import cli

    cli.main()


def _call(function, arguments, cwd, env, printed):
    for number, path in enumerate(printed, start=1):
        file = os.open(path, os.O_WRONLY | os.O_CREAT)
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(env)
    sys.path[:0] = [folder for folder in env.get("PYTHONPATH", "").split(os.pathsep) if folder and folder not in sys.path]
    os.chdir(cwd)
    import numpy as np

    np.random.seed()  # or all would draw what the first one draws
    function(*arguments)
