"""Kills the server of a study again and again while answers arrive, and counts what was lost. Prints the figure when run.

python -c "from tests.keras_gans.study import kills; kills.main(1000)"

Not by `-m`: each server would import this module, as `multiprocessing` does with the main one.
"""

import http.client
import random
import sqlite3
import tempfile
import threading
import time
import urllib.error
from pathlib import Path

from keras_gans.study import Answers
from tests.keras_gans.study.conftest import Client, make
from tests.support import forked
from tests.support.ports import free_ports

_GONE = (OSError, http.client.HTTPException, urllib.error.URLError, ValueError)


class Raters(threading.Thread):
    """Answers as fast as the server lets it, and keeps what was acknowledged."""

    def __init__(self, client, name):
        super().__init__(daemon=True)
        self.client, self.name_of, self.acknowledged, self.stopped = client, name, [], threading.Event()

    def run(self):
        rng, turn = random.Random(self.name_of), 0
        while not self.stopped.is_set():
            turn += 1
            self._session(f"{self.name_of} {turn}", rng)

    def _session(self, name, rng):
        token = self._insist(lambda: self.client.begin(name))
        if token is None or token[0] != 200:
            return  # begun, but the answer to that was lost: another participant begins
        token, state = token[1]["token"], token[1]
        while state is not None and not state["finished"] and not self.stopped.is_set():
            trial, choice = state["next"], rng.choice(["real", "generated"])
            answered = self._insist(lambda trial=trial, choice=choice: self.client.answer(token, trial, choice))
            if answered is None:
                return
            status, state = answered
            assert status == 200, state
            self.acknowledged.append((name, trial, choice))

    def _insist(self, ask):
        """Asks until there is an answer, as the page does."""
        while not self.stopped.is_set():
            try:
                return ask()
            except _GONE:
                time.sleep(0.01)
        return None


def count(threads):
    """Returns how many answers have been acknowledged so far."""
    return sum(len(thread.acknowledged) for thread in threads)


def kill_again_and_again(folder, kills, raters=4, seed=0, most=10):
    """Returns how many answers were acknowledged, how many are stored, and those that were lost or changed.

    Each server is killed some milliseconds after it has acknowledged up to `most` answers.
    """
    rng = random.Random(seed)
    study = make(folder, trials=200, repeats=0)
    [port] = free_ports(1)
    client = Client(f"http://127.0.0.1:{port}/")
    threads = [Raters(client, f"rater {number}") for number in range(raters)]
    for thread in threads:
        thread.start()
    for _ in range(kills):
        server = forked.ForkedServer(forked.keras_gans, ["study", "serve", str(folder), f"--port={port}"])
        wanted, began = rng.randint(0, most) + count(threads), time.monotonic()
        while count(threads) < wanted and time.monotonic() < began + 30:
            time.sleep(0.002)
        time.sleep(rng.uniform(0, 0.01))
        server.kill()
        server.wait(30)
        server.stdout.close()
        with sqlite3.connect(folder / "answers.sqlite") as base:
            assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        base.close()
    for thread in threads:
        thread.stopped.set()
    for thread in threads:
        thread.join()
    answers = Answers(study)
    stored = {(answer.participant, answer.trial): answer.choice for answer in answers.all()}
    numbers = {code: number for number, code in answers.participants().items()}
    acknowledged = [each for thread in threads for each in thread.acknowledged]
    lost = [each for each in acknowledged if stored.get((numbers.get(answers.pseudonym(each[0])), each[1])) != each[2]]
    answers.close()
    return len(acknowledged), len(stored), lost


def main(kills, seed=0):
    """Prints what became of the answers."""
    forked.preload("tests.keras_gans.study.imported")
    with tempfile.TemporaryDirectory() as folder:
        acknowledged, stored, lost = kill_again_and_again(Path(folder) / "study", kills, seed=seed)
    print(f"{kills} kills, {acknowledged:,} answers acknowledged, {stored:,} stored, {len(lost)} lost or changed.")
