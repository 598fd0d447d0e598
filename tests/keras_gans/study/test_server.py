"""The server of a study: what it answers, and what it refuses."""

import json
import re
import socket
import sqlite3
import threading

import pytest

pytest.importorskip("starlette", reason="needs the extra `serve`", exc_type=ImportError)

from keras_gans.study import Answers, StorageError, load_study
from tests.keras_gans.study.conftest import make, served
from tests.support.small_disks import small_disk


def stored(study, participant=0):
    answers = Answers(study, read_only=True)
    try:
        return answers.of(participant)
    finally:
        answers.close()


def test_a_session_is_taken_and_resumed(small):
    _, client = small
    status, begun = client.begin("grace")
    assert (status, begun["next"], len(begun["trials"])) == (200, 0, 10)
    token = begun["token"]
    status, told = client.answer(token, 0)
    assert (status, told["next"]) == (200, 1)
    assert told["feedback"] in ("right", "wrong")
    status, resumed = client.ask("api/resume", {"token": token})
    assert (status, resumed["next"], resumed["trials"]) == (200, 1, begun["trials"])
    for trial in range(1, 10):
        status, told = client.answer(token, trial)
        assert (status, told["next"]) == (200, trial + 1)
        assert told["feedback"] is None or trial < 2
    assert told["finished"]
    assert len(told["code"]) == 8
    assert client.ask("api/resume", {"token": token})[1]["code"] == told["code"]


def test_what_the_page_gets_tells_nothing_of_the_sources(small):
    _, client = small
    _, begun = client.begin("mary")
    text = json.dumps([begun, client.ask("api/study")[1]])
    assert not [word for word in ("one", "two", "gold", "spoiled", "repeat") if f'"{word}"' in text]
    assert '"source' not in text
    assert all(re.fullmatch(r"media/[0-9a-f]{16}\.png", item) for trial in begun["trials"] for item in trial["items"])
    assert client.ask("study.json")[0] == 404
    assert client.ask("answers.sqlite")[0] == 404
    assert client.ask("media/..%2fstudy.json")[0] == 404


def test_an_answer_counts_once(small):
    _, client = small
    token = client.begin("twice")[1]["token"]
    first = client.answer(token, 0, "real")
    assert client.answer(token, 0, "real") == first
    # Another choice for the same trial: the first remains.
    assert client.answer(token, 0, "generated") == first
    threads = [threading.Thread(target=client.answer, args=(token, 1, choice)) for choice in ("real", "generated") * 6]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert client.ask("api/resume", {"token": token})[1]["next"] == 2


def test_mistakes_are_refused_in_one_line(small):
    _, client = small
    status, begun = client.begin("eve")
    token = begun["token"]
    cases = [
        (client.begin("eve"), 409, "has begun already"),
        (client.ask("api/begin", {"participant": "x"}), 400, "without consent"),
        (client.ask("api/begin", {"participant": "x" * 201, "consent": True}), 400, "at most 200"),
        (client.ask("api/begin", {"participant": 3, "consent": True}), 400, "participant"),
        (client.answer("forged", 0), 403, "nobody's"),
        (client.answer(None, 0), 403, "nobody's"),
        (client.answer("\ud800", 0), 400, "not JSON"),
        (client.ask("api/resume", {"token": ""}), 403, "nobody's"),
        (client.answer(token, 5), 409, "Trial 0 comes first"),
        (client.answer(token, 999), 409, "no such trial"),
        (client.answer(token, -1), 409, "no such trial"),
        (client.answer(token, True), 409, "no such trial"),
        (client.answer(token, 0, "maybe"), 409, "no such choice"),
        (client.answer(token, 0, ["real"]), 409, "no such choice"),
        (client.answer(token, 0, milliseconds=-1), 409, "milliseconds"),
        (client.answer(token, 0, milliseconds="soon"), 409, "milliseconds"),
        (client.ask("api/answer", b"{"), 400, "not JSON"),
        (client.ask("api/answer", b"[]"), 400, "object"),
        (client.ask("api/answer", b"{}", {"Content-Type": "text/plain"}), 415, "application/json"),
        (client.ask("api/answer", b"[" + b" " * 20_000 + b"]"), 413, "larger"),
        (client.ask("api/nothing"), 404, "api/nothing"),
        (client.ask("api/begin"), 404, "api/begin"),
    ]
    for (status, answer), expected, words in cases:
        assert status == expected, (answer, words)
        assert words in answer["error"]
        assert "\n" not in answer["error"]
    assert client.ask("api/resume", {"token": token})[1]["next"] == 0


def test_other_origins_and_hosts_are_refused(small):
    _, client = small
    host = client.url.split("/")[2]
    for origin, expected in ((f"http://{host}", 200), ("http://evil.example", 403), ("null", 403), ("http://127.0.0.1:1", 403)):
        assert client.ask("api/study", headers={"Origin": origin})[0] == expected
    status, answer = client.ask("api/begin", {"participant": "m", "consent": True}, {"Origin": "http://evil.example"})
    assert (status, answer["error"]) == (403, "Pages of other sites may not use this server.")
    assert client.ask("api/study", headers={"Host": "evil.example"})[0] == 403
    assert client.ask("api/study", headers={"Host": "localhost:1"})[0] == 200


def test_a_slow_reader_is_disconnected_and_holds_up_nobody(small):
    _, client = small
    host, port = client.url.split("/")[2].split(":")
    with socket.create_connection((host, int(port)), timeout=20) as slow:
        slow.sendall(
            b"POST /api/answer HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{"
        )
        assert client.ask("api/study")[0] == 200


def test_a_database_of_another_study_is_refused(tmp_path):
    one, other = make(tmp_path / "one"), make(tmp_path / "other", seed=1)
    Answers(one).close()
    (tmp_path / "other" / "answers.sqlite").write_bytes((tmp_path / "one" / "answers.sqlite").read_bytes())
    with pytest.raises(ValueError, match="answers of another study"):
        Answers(other)
    (tmp_path / "other" / "answers.sqlite").write_bytes(b"SQLite format 2" * 99)
    with pytest.raises(ValueError, match="damaged or not a database"):
        Answers(other)
    (tmp_path / "other" / "answers.sqlite").unlink()
    base = sqlite3.connect(tmp_path / "other" / "answers.sqlite")
    base.execute("CREATE TABLE mine (x)")
    base.commit()
    base.close()
    with pytest.raises(ValueError, match="not a database of studies"):
        Answers(other)
    with pytest.raises(FileNotFoundError, match="no answers yet"):
        Answers(make(tmp_path / "third"), read_only=True)


def test_items_that_were_changed_are_refused(tmp_path):
    study = make(tmp_path / "study")
    path = next((tmp_path / "study" / "media").iterdir())
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(ValueError, match="was changed"):
        load_study(tmp_path / "study")
    path.unlink()
    with pytest.raises(FileNotFoundError, match="is missing"):
        load_study(tmp_path / "study")
    description = tmp_path / "study" / "study.json"
    description.write_text(description.read_text().replace('"format": 1', '"format": 7'))
    with pytest.raises(ValueError, match="another version"):
        load_study(tmp_path / "study")
    description.write_text('{"format": 1}')
    with pytest.raises(ValueError, match="does not describe a study"):
        load_study(tmp_path / "study")
    assert study.items


def test_a_full_disk_loses_nothing(tmp_path):
    with small_disk(tmp_path / "disk", "1m") as disk:
        study = make(disk / "study", trials=40)
        with served(disk / "study") as client:
            token = client.begin("ada")[1]["token"]
            assert client.answer(token, 0)[0] == 200
            with open(disk / "filler", "wb", buffering=0) as filler, pytest.raises(OSError, match="No space"):
                while True:
                    filler.write(b"x" * 1024)
            acknowledged, refused = 1, None
            for trial in range(1, 40):
                status, answer = client.answer(token, trial)
                if status != 200:
                    refused = (status, answer["error"])
                    break
                acknowledged += 1
            assert refused == (503, "The answer could not be stored. Nothing is lost: it is sent again.")
            (disk / "filler").unlink()
            assert client.ask("api/resume", {"token": token})[1]["next"] == acknowledged
            assert client.answer(token, acknowledged)[0] == 200
        assert [answer.trial for answer in stored(study)] == list(range(acknowledged + 1))


def test_a_transaction_that_fails_leaves_nothing(tmp_path):
    study = make(tmp_path / "study")
    answers = Answers(study)
    try:
        other = sqlite3.connect(study.folder / "answers.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        answers._base.execute("PRAGMA busy_timeout = 10")
        with pytest.raises(StorageError, match="cannot be written: database is locked"):
            answers.begin("ada")
        other.execute("ROLLBACK")
        other.close()
        assert answers.begin("ada")[0] == 0
        assert answers.begin("ada") is None
        assert answers.begin("bob")[0] == 1
        assert answers.participants() == {0: answers.pseudonym("ada"), 1: answers.pseudonym("bob")}
    finally:
        answers.close()
    assert b"ada" not in (study.folder / "answers.sqlite").read_bytes()


@pytest.mark.slow  # last run: 0.1.0, 2026-11-30
def test_killed_servers_lose_no_acknowledged_answer(tmp_path):
    from tests.keras_gans.study.kills import kill_again_and_again

    acknowledged, kept, lost = kill_again_and_again(tmp_path / "study", 100)
    assert lost == []
    assert kept >= acknowledged > 500
