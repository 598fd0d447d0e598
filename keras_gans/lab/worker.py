"""The process that trains: commands come as lines of JSON on its input, messages go as lines of JSON to its output.

    python -m keras_gans.lab.worker SETUP

It ends when its input ends, also if the server is killed.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from typing import Any, BinaryIO

from keras_gans.lab.settings import Setup


def main() -> None:
    """Train as commands say until the input ends."""
    # What libraries print goes elsewhere.
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    setup = Setup(**json.loads(sys.argv[1]))
    commands: queue.SimpleQueue = queue.SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, commands), daemon=True).start()
    from keras_gans.lab.session import Session

    def emit(message: dict[str, Any]) -> None:
        try:
            output.write(json.dumps(message, allow_nan=False).encode() + b"\n")
            output.flush()
        except BrokenPipeError:
            os._exit(0)

    Session(setup, commands, emit).run()


def _read(lines: BinaryIO, commands: queue.SimpleQueue) -> None:
    for line in lines:
        commands.put(tuple(json.loads(line)))
    os._exit(0)


if __name__ == "__main__":
    main()
