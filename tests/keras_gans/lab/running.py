"""A session of the lab, run to its end in this process."""

import queue

from keras_gans.lab.session import Session
from keras_gans.lab.settings import Setup, check_command


def follow(commands, **setup):
    """Follows commands one after the other; returns the session, with the messages of each in `.states` and `.frames`.

    A command that takes its time (`play` with `until`, a step, a reset) is followed to its end before the next.
    """
    waiting = queue.SimpleQueue()
    session = None
    states, frames, left = [], [], list(commands)

    def emit(message):
        (states if message["type"] == "state" else frames).append(message)
        settled = (message["type"] == "frame" and not message["playing"]) or message.get("status") == "failed"
        # The answer to the last command, and not what was due before.
        if settled and message["acknowledged"] == emit.sent and (session is None or not session._steps_left):
            emit.sent += 1
            waiting.put((emit.sent, check_command(left.pop(0)) if left else None))

    emit.sent = 0
    session = Session(Setup(**setup), waiting, emit)
    session.run()
    session.states, session.frames = states, frames
    return session
