"""The lab in the output cell of a notebook."""

from __future__ import annotations

import asyncio
import contextlib
import html
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_gans._typing import PathLike
from keras_gans.errors import check_count, no_such
from keras_gans.lab.settings import DATA, DRAWN, MODELS, Setup

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from starlette.routing import Route

    from keras_gans.adversarial import AdversarialModel
    from keras_gans.lab.hub import Hub

_STOP_SECONDS = 30.0  # that a step may take until training has ended
_OWN = "model"  # what the page calls a model that was given


def show(
    what: AdversarialModel | PathLike | None = None,
    data: str | ArrayLike = Setup.data,
    *,
    batch_size: int = Setup.batch_size,
    seed: int = Setup.seed,
    height: int = 820,
    port: int = 0,
) -> LabPage:
    """Show the lab in the output cell of a notebook: `keras_gans.lab(model)`. Needs the extra `serve`.

    A model is trained by its own `fit`, in a thread of this process, as the page says, and keeps what it has learned. A server
    on 127.0.0.1 shows it, so the browser must run on the same machine. A recording needs no server: its page is part of the
    notebook.

    Args:
        what: A compiled model of points without conditions; or a run folder, a recording, or its address; None for the page on
            which models can be chosen.
        data: What a model learns: the name of points (`"ring"`, `"grid"`, `"blobs"`, `"lines"`), or floats in [-1, 1] of shape
            `(n, 2)`.
        batch_size: Points per training step, from 2 to 1,024.
        seed: Seed of the order of the data.
        height: Height of the cell, in pixels.
        port: Port of the server; 0 picks a free one.

    Returns:
        A `LabPage`. Its `close` ends training.

    Raises:
        ImportError: If the extra `serve` is not installed.
        ValueError: If the model does not make points, or a value is out of range.

    Example:

        model = keras_gans.create_model("gan", image_shape=(2,), width=64, latent_dim=2)
        page = keras_gans.lab(model, "ring")
        page
    """
    check_count("height", height, 100)
    if what is None:
        return _show_choices(_setup(_named(data), batch_size, seed), height, port)
    if isinstance(what, str) or hasattr(what, "__fspath__"):
        return _show_path(str(what), height, port)
    return _show_model(what, data, _setup(DATA[0], batch_size, seed), height, port)


class LabPage:
    """A lab that a notebook shows.

    Attributes:
        url: Its address; None if it is part of the notebook.
    """

    def __init__(self, height: int, *, url: str | None = None, text: str = "", close: Callable[[], None] | None = None):
        self.url = url
        self._height, self._text, self._close = height, text, close

    def close(self) -> None:
        """End training and the server. A model that was given keeps its weights and can be used again."""
        closing, self._close = self._close, None
        if closing is not None:
            closing()

    def _repr_html_(self) -> str:
        source = f'src="{html.escape(self.url)}"' if self.url else f'srcdoc="{html.escape(self._text)}"'
        allowed = "allow-scripts allow-downloads" + (" allow-same-origin allow-forms" if self.url else "")
        return (
            f'<iframe {source} sandbox="{allowed}" allow="clipboard-write" title="keras_gans lab" width="100%" '
            f'height="{self._height}" style="border: 0"></iframe>'
        )


class GivenRun:
    """Trains a model that was given, in a thread: what `Runs` is for models in processes of their own.

    Args:
        model: The model.
        samples: What it learns, float32 of shape `(n, 2)`, or a name of `DATA`.
        setup: Batch size and seed.
        deliver: Takes each message; called in the thread.

    Raises:
        ValueError: If the model does not make points.
    """

    def __init__(self, model: AdversarialModel, samples: Any, setup: Setup, deliver: Callable[[dict[str, Any]], None]):
        from keras_gans.lab.points import check_points_model

        check_points_model(model, _OWN)
        self._model, self._samples, self._setup = model, samples, setup
        self._deliver = deliver
        self._commands: queue.SimpleQueue = queue.SimpleQueue()
        self._number = 0
        self._first: list[Any] | None = None  # the values of all variables before training
        self._thread = threading.Thread(target=self._train, daemon=True)

    def start(self) -> None:
        """Begin to follow commands."""
        self._thread.start()

    def send(self, command: Mapping[str, Any]) -> int:
        """Pass on a command that has been checked; return its number.

        Raises:
            RuntimeError: If training has ended, or the command needs another model.
        """
        if command["do"] in ("beside", "alone") or command.get("run"):
            raise RuntimeError("A model that was given has no second run: start the lab without one.")
        if not self._thread.is_alive():
            raise RuntimeError("Training has ended.")
        sent = dict(command)
        if command["do"] == "reset":
            sent |= self._setup.to_dict()
        self._number += 1
        self._commands.put((self._number, sent))
        return self._number

    def stop(self) -> None:
        """End training after the present step."""
        self._commands.put((self._number + 1, None))
        self._thread.join(_STOP_SECONDS)

    def _train(self) -> None:
        from keras_gans.lab.session import Session

        Session(self._setup, self._commands, self._deliver, self._build, self._load, self._code).run()

    def _build(self, setup: Setup) -> AdversarialModel:
        """Return the model as it was given."""
        from keras import ops

        variables = [*self._model.variables, *self._model.optimizer.variables]
        if self._first is None:
            self._first = [ops.convert_to_numpy(variable) for variable in variables]
        else:
            for variable, value in zip(variables, self._first, strict=True):
                variable.assign(value)
        return self._model

    def _load(self, setup: Setup) -> Any:
        from keras_gans.lab.points import data_of, load_points

        if isinstance(self._samples, str):
            return load_points(_setup(self._samples, setup.batch_size, setup.seed))
        return data_of("points", self._samples), None

    def _code(self, setup: Setup, changes: Mapping[str, Any], steps: int) -> dict[str, str]:
        from keras_gans.lab.code import as_python_with

        name = repr(self._samples) if isinstance(self._samples, str) else None
        count = None if name else len(self._samples)
        return {"python": as_python_with(setup, changes, steps, name, count), "command": ""}


def _each(*actions: Callable[[], None]) -> Callable[[], None]:
    def act() -> None:
        for action in actions:
            action()

    return act


def _setup(data: str, batch_size: int, seed: int) -> Setup:
    return Setup(data=data, batch_size=batch_size, seed=seed)


def _named(data: Any) -> str:
    names = [name for name in DATA if name != DRAWN]
    if not isinstance(data, str) or data not in names:
        raise ValueError(no_such("data of points", str(data)[:50], names))
    return data


def _points(data: Any) -> Any:
    """Return data as `GivenRun` takes them."""
    import numpy as np

    if isinstance(data, str):
        return _named(data)
    samples = np.asarray(data, "float32")
    if samples.ndim != 2 or samples.shape[1] != 2 or len(samples) < 2 or not (np.abs(samples) <= 1).all():
        raise ValueError(
            f"data must be floats in [-1, 1] of shape (n, 2), at least two points; received shape {samples.shape}."
        )
    return samples


def _show_model(model: Any, data: Any, setup: Setup, height: int, port: int) -> LabPage:
    from keras_gans.lab.app import live_routes
    from keras_gans.lab.hub import Hub

    hub = Hub()
    server = _Background(hub)
    run = GivenRun(model, _points(data), setup, server.deliver)
    server.start(live_routes(hub, run.send, list(MODELS), fixed=True), port)
    run.start()
    return LabPage(height, url=server.url, close=_each(run.stop, server.stop))


def _show_choices(setup: Setup, height: int, port: int) -> LabPage:
    from keras_gans.lab.app import live_routes
    from keras_gans.lab.hub import Hub
    from keras_gans.lab.runs import Runs

    hub = Hub()
    server = _Background(hub)
    runs = Runs(setup, server.deliver)
    server.start(live_routes(hub, runs.send, list(MODELS)), port)
    return LabPage(height, url=server.url, close=_each(runs.stop, server.stop))


def _show_path(text: str, height: int, port: int) -> LabPage:
    from keras_gans.lab.address import downloaded, is_address
    from keras_gans.lab.page import standalone
    from keras_gans.lab.recording import read_recording
    from keras_gans.lab.run import is_run, run_routes

    path = Path(text)
    if is_address(text):
        with downloaded(text) as file:
            return LabPage(height, text=standalone(read_recording(file, text).messages))
    if not path.is_dir():
        return LabPage(height, text=standalone(read_recording(path).messages))
    if not is_run(path):
        raise ValueError(f"{path} is not a run folder of keras-gans train: it has neither logs/ nor samples/.")
    server = _Background(None)
    server.start(run_routes(path), port)
    return LabPage(height, url=server.url, close=server.stop)


class _Background:
    """A server in a thread, on 127.0.0.1."""

    def __init__(self, hub: Hub | None):
        self._hub = hub
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()
        self.url = ""

    def start(self, routes: Sequence[Route], port: int) -> None:
        from keras_gans.lab.server import background_server
        from keras_gans.serving.listening import listen, url_of

        listening = listen("127.0.0.1", port, "port")
        self.url = url_of(listening)
        self._server = background_server(list(routes), listening, self._hub, self._ready.set)

        async def serve() -> None:
            self._loop = asyncio.get_running_loop()
            await self._server.serve(sockets=[listening])

        self._thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
        self._thread.start()
        self._ready.wait(_STOP_SECONDS)

    def deliver(self, message: dict[str, Any]) -> None:
        """Publish a message, from any thread."""
        self._ready.wait(_STOP_SECONDS)
        assert self._hub is not None and self._loop is not None
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._hub.publish, message)

    def stop(self) -> None:
        """End the server."""
        self._server.should_exit = True
        self._thread.join(_STOP_SECONDS)
