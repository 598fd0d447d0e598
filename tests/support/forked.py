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


def preload(module):
    """Imports another module than `tests.support.imported`; to be called before the first process is forked."""
    _CONTEXT.set_forkserver_preload([module])


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
        self._process = _start(function, self.arguments, cwd, env, self._printed)

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


class ForkedServer:
    """A process that goes on until it is ended, with what a `subprocess.Popen` has: `stdout` takes its errors, too."""

    def __init__(self, function, arguments):
        self.arguments = [str(argument) for argument in arguments]
        with tempfile.TemporaryDirectory() as folder:
            pipe = Path(folder, "output")
            os.mkfifo(pipe)
            self._process = _start(function, self.arguments, None, None, [pipe, pipe])
            self.stdout = open(pipe)  # noqa: SIM115  its user closes it
            # The process opens it twice: here it has begun to write.
            self._first = self.stdout.readline()
        self.pid = self._process.pid

    def lines(self):
        """Yields what it prints."""
        yield self._first
        yield from self.stdout

    def poll(self):
        return self._process.exitcode

    def wait(self, timeout=None):
        self._process.join(timeout)
        if self._process.is_alive():
            raise subprocess.TimeoutExpired(self.arguments, timeout)
        return self._process.exitcode

    def send_signal(self, number):
        os.kill(self.pid, number)

    def kill(self):
        self._process.kill()


def keras_gans(*arguments):
    """What the command `keras-gans` does."""
    sys.argv = ["keras-gans", *arguments]
    from keras_gans_tools import cli

    cli.main()


def _start(function, arguments, cwd, env, printed):
    environment = dict(os.environ if env is None else env)
    process = _CONTEXT.Process(target=_call, args=(function, arguments, str(cwd or Path.cwd()), environment, printed))
    process.start()
    return process


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
