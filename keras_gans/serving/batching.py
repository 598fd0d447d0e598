"""Dynamic batching: one model call with many rows costs less than many calls with one row each.

All bookkeeping happens in the event loop's thread; models run in other threads. Requests are joined when a thread becomes free:
under load, those that arrived in the meantime. Only `--batch_timeout_ms` makes them wait longer.
"""

from __future__ import annotations

import asyncio
import functools
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from keras_gans.serving.errors import ServingError, of_tensorflow
from keras_gans.serving.servable import Signature

_Arrays = dict[str, np.ndarray]
_Answer = _Arrays | ServingError


class _Task:
    """A request: its inputs, the number of rows (-1 if they do not agree), and the future with its outputs."""

    def __init__(self, arrays: _Arrays, rows: int, future: asyncio.Future[_Arrays]):
        self.arrays, self.rows, self.future = arrays, rows, future


class _Group:
    """Tasks that may be joined."""

    def __init__(self, key: tuple, signature: Signature):
        self.key, self.signature = key, signature
        self.tasks: deque[_Task] = deque()
        self.rows = 0
        self.waiting: asyncio.TimerHandle | None = None
        self.is_ready = False


class Batcher:
    """Runs signatures.

    Args:
        threads: Number of concurrent model calls.
        max_batch_size: Most rows in a joined call.
        timeout: Seconds that the first request waits for others.
        max_queue: Most waiting requests.
        observe: Called with the number of rows of each call.
    """

    def __init__(
        self, threads: int, max_batch_size: int, timeout: float, max_queue: int, observe: Callable[[int], object] = id
    ):
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="inference")
        self._free, self._max_batch_size, self._timeout, self._max_queue = threads, max_batch_size, timeout, max_queue
        self._observe = observe
        self._groups: dict[tuple, _Group] = {}
        self._ready: deque[_Group] = deque()
        self.queued = 0

    async def run(self, signature: Signature, arrays: _Arrays) -> _Arrays:
        """Return the outputs of a signature by name.

        Args:
            signature: The `Signature` to run.
            arrays: Its inputs by name.

        Raises:
            ServingError: If the model refuses them, or too many requests are waiting.
        """
        if self.queued >= self._max_queue:
            raise ServingError(
                "UNAVAILABLE",
                "The batch scheduling queue to which this task was submitted is full; try again later.",
                headers={"Retry-After": "1"},
            )
        loop = asyncio.get_running_loop()
        task = _Task(arrays, _rows(arrays), loop.create_future())
        joins = signature.joins and 0 < task.rows < self._max_batch_size
        shapes = tuple((name, array.shape[1:]) for name, array in sorted(arrays.items())) if joins else (task,)
        key = (signature, *shapes)
        group = self._groups.get(key) or self._groups.setdefault(key, _Group(key, signature))
        group.tasks.append(task)
        group.rows += max(task.rows, 0)
        self.queued += 1
        if not joins or not self._timeout or group.rows >= self._max_batch_size:
            self._make_ready(group)
        elif group.waiting is None and not group.is_ready:
            group.waiting = loop.call_later(self._timeout, self._make_ready, group)
        return await task.future

    def close(self) -> None:
        """Stop accepting work."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _make_ready(self, group: _Group) -> None:
        if group.waiting is not None:
            group.waiting.cancel()
            group.waiting = None
        if not group.is_ready:
            group.is_ready = True
            self._ready.append(group)
        self._start()

    def _start(self) -> None:
        while self._free and self._ready:
            group = self._ready.popleft()
            group.is_ready = False
            tasks = self._take(group)
            if not group.tasks:
                self._groups.pop(group.key, None)
            else:
                group.is_ready = True
                self._ready.append(group)
            if tasks:
                self._free -= 1
                future = asyncio.get_running_loop().run_in_executor(self._executor, _call, group.signature, tasks)
                future.add_done_callback(functools.partial(self._finish, tasks))
                self._observe(sum(max(task.rows, 1) for task in tasks))

    def _take(self, group: _Group) -> list[_Task]:
        """Remove and return the next tasks to join, without those that nobody waits for any more."""
        tasks: list[_Task] = []
        rows = 0
        while group.tasks:
            task = group.tasks[0]
            if task.future.done():
                tasks_rows = 0
            else:
                tasks_rows = max(task.rows, 0)
                if tasks and rows + tasks_rows > self._max_batch_size:
                    break
                tasks.append(task)
            group.tasks.popleft()
            group.rows -= max(task.rows, 0)
            self.queued -= 1
            rows += tasks_rows
        return tasks

    def _finish(self, tasks: list[_Task], done: asyncio.Future[list[_Answer]]) -> None:
        self._free += 1
        answers: list[_Answer]
        if done.cancelled():
            answers = [ServingError("UNAVAILABLE", "The server is being stopped.")] * len(tasks)
        elif isinstance(error := done.exception(), Exception):
            answers = [of_tensorflow(error)] * len(tasks)
        else:
            answers = done.result()
        for task, answer in zip(tasks, answers, strict=True):
            if task.future.done():
                continue
            if isinstance(answer, ServingError):
                task.future.set_exception(answer)
            else:
                task.future.set_result(answer)
        self._start()


def _rows(arrays: _Arrays) -> int:
    """Return the number of rows of inputs, or -1 if they do not agree."""
    counts = {len(array) if array.ndim else -1 for array in arrays.values()}
    return counts.pop() if len(counts) == 1 else -1


def _call(signature: Signature, tasks: list[_Task]) -> list[_Answer]:
    """Return the outputs or the error of each task."""
    if len(tasks) == 1:
        return [_call_alone(signature, tasks[0])]
    joined = {name: np.concatenate([task.arrays[name] for task in tasks]) for name in tasks[0].arrays}
    try:
        outputs = signature.run(joined)
    except ServingError:
        # One of them is to blame, and the others are to get their answers: halving finds it in few calls.
        half = len(tasks) // 2
        return _call(signature, tasks[:half]) + _call(signature, tasks[half:])
    ends = np.cumsum([task.rows for task in tasks])
    return [
        {name: value[end - task.rows : end] for name, value in outputs.items()} for task, end in zip(tasks, ends, strict=True)
    ]


def _call_alone(signature: Signature, task: _Task) -> _Answer:
    try:
        return signature.run(task.arrays)
    except ServingError as error:
        return error
