"""`keras-gans lab`: what it writes, shows and refuses."""

import contextlib
import functools
import http.server
import json
import threading

import pytest

pytest.importorskip("starlette", reason="needs the extra `serve`", exc_type=ImportError)

from keras_gans.lab.recording import Recorder
from tests.keras_gans.lab.conftest import started
from tests.keras_gans.lab.test_recording import message
from tests.support.forked import ForkedServer, keras_gans

with contextlib.suppress(ImportError):  # without selenium
    from tests.keras_gans.serving.browsing import browser, page  # noqa: F401


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    path = tmp_path_factory.mktemp("recordings") / "ring.jsonl.gz"
    recorder = Recorder(path)
    for each in (message("state"), *(message("frame", step=step) for step in range(4))):
        recorder.add(each)
    recorder.close()
    return path


def test_a_recording_becomes_a_page(keras_gans_forked, recording, tmp_path, assert_refused):
    done = keras_gans_forked("lab", recording, "--output=page.html", cwd=tmp_path)
    assert done.returncode == 0 and "4 frames" in done.stdout and done.stderr == ""
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>") and 'id="recording"' in text
    assert_refused(keras_gans_forked("lab", recording, "--output=page.html", cwd=tmp_path), "page.html")


def test_a_recording_that_is_cut_off_is_used_as_far_as_it_goes(keras_gans_forked, recording, tmp_path):
    (tmp_path / "cut.gz").write_bytes(recording.read_bytes()[:-60])
    done = keras_gans_forked("lab", "cut.gz", "--output=page.html", cwd=tmp_path)
    assert done.returncode == 0 and done.stderr.splitlines() == ["cut.gz is cut off: its 3 whole frames are used."]


def test_lessons_become_a_page_and_are_served(keras_gans_forked, tmp_path):
    done = keras_gans_forked("lab", "--lesson=all", "--output=lessons.html", cwd=tmp_path)
    assert done.returncode == 0 and "6 lessons" in done.stdout and done.stderr == ""
    assert (tmp_path / "lessons.html").stat().st_size < 4_000_000
    with started("--lesson=all") as lab:
        mode = lab.ask("mode.json")[1]
        assert mode["mode"] == "lesson" and list(mode["lessons"])[:2] == ["vanishing", "divergence"]
        messages = lab.ask("lessons/collapse.json")[1]
        assert messages[0]["type"] == "lesson" and messages[0]["title"] == "Mode collapse" and len(messages) > 50
        for path in ("lessons/none.json", "lessons/..%2flessons.json", "lessons/lessons.toml"):
            assert lab.ask(path)[0] == 404


def test_a_recording_is_read_from_an_address(keras_gans_forked, recording, tmp_path, assert_refused):
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=recording.parent)
    handler.log_message = lambda *_: None
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/"
        done = keras_gans_forked("lab", f"{url}{recording.name}", "--output=page.html", cwd=tmp_path)
        missing = keras_gans_forked("lab", f"{url}missing.gz", "--output=other.html", cwd=tmp_path)
        listing = keras_gans_forked("lab", url, "--output=other.html", cwd=tmp_path)
        server.shutdown()
        thread.join()
    assert done.returncode == 0 and "4 frames" in done.stdout
    assert_refused(missing, f"{url}missing.gz cannot be read: the server answered 404")
    assert_refused(listing, f"{url} is not a recording")


def test_a_recording_is_served(recording):
    with started(recording) as lab:
        assert lab.ask("mode.json") == (200, {"mode": "replay"})
        assert [each["type"] for each in lab.ask("recording.json")[1]] == ["state", *["frame"] * 4]
        assert lab.ask("events")[0] == 404
        assert lab.ask("mode.json", Origin="http://evil.example")[0] == 403


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    """A run folder, as `train` leaves it, with a log that is still written."""
    folder = tmp_path_factory.mktemp("runs") / 'digits <b onmouseover="alert(1)">'
    for name in ("logs", "samples"):
        (folder / name).mkdir(parents=True)
    rows = [{"epoch": epoch, "seconds": epoch / 2, "d_loss": 1 / epoch, "g_loss": float(epoch)} for epoch in (1, 2, 3)]
    (folder / "logs" / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows) + '{"epoch": 4, "d_l')
    (folder / "logs" / "evaluation.jsonl").write_text('{"epoch": 2, "fid": 12.5}\nnot JSON\n[]\n{"epoch": 3, "fid": NaN}\n')
    finding = {
        "state": "found",
        "failure": "mode_collapse",
        "epoch": 2,
        "step": 9,
        "message": "<img src=x>",
        "advice": ["a", "b"],
    }
    (folder / "logs" / "doctor.jsonl").write_text(json.dumps(finding) + "\n")
    from PIL import Image

    for epoch in (1, 3):
        Image.new("L", (8, 8), 60 * epoch).save(folder / "samples" / f"epoch_{epoch:04d}.png")
    (folder / "samples" / "epoch_x.png").write_bytes(b"")
    return folder


def test_a_run_folder_is_shown_while_it_grows(run_folder):
    with started(run_folder) as lab:
        run = lab.ask("run.json")[1]
        assert run["epochs"] == [1, 3] and [row["epoch"] for row in run["train"]] == [1, 2, 3]
        assert run["evaluation"] == [{"epoch": 2, "fid": 12.5}, {"epoch": 3, "fid": None}]
        assert run["findings"][0]["failure"] == "mode_collapse" and run["name"] == run_folder.name
        for path in ("pictures/2.png", "pictures/..%2f1.png", "samples/epoch_0001.png", "pictures/-1.png"):
            assert lab.ask(path)[0] == 404
        with open(run_folder / "logs" / "train.jsonl", "a") as file:
            file.write('oss": 0.5}\n')
        assert lab.ask("run.json")[1]["train"][-1] == {"epoch": 4, "d_loss": 0.5}


def test_a_run_in_the_browser(run_folder, page):
    def shows(value):
        picture = page.one("#picture")
        return picture.get_property("naturalWidth") and page.pixels(picture)[0, 0, 0] == value

    selenium = pytest.importorskip("selenium.webdriver.common.keys")
    with started(run_folder) as lab:
        page.open(lab.url)
        page.until(lambda: page.one("#epoch").get_property("value") == "3")
        page.until(lambda: shows(180))
        page.one("#epochs").send_keys(selenium.Keys.HOME)
        page.until(lambda: page.one("#epoch").get_property("value") == "1" and shows(60))
        assert "mode_collapse at epoch 2" in page.one("#findings").text and "<img src=x>" in page.one("#findings").text
        assert not page.all("#findings img") and "onmouseover" in page.one("#message").text
        assert len(page.all("#curves canvas")) == 2  # losses and FID


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["missing.gz"], ["There is no missing.gz"]),
        (["a", "b"], ["2 were given"]),
        (["--model=gann"], ["Did you mean 'gan'"]),
        (["--dataset=npz:x"], ["ring|grid|blobs|lines"]),
        (["--seed=-1"], ["seed"]),
        (["--batch_size=100000"], ["batch_size must be at most 1,024"]),
        (["--output=x.html"], ["give the recording"]),
        ([".", "--output=x.html"], ["give the recording"]),
        (["a.gz", "--record=b.gz"], ["leave out the argument"]),
        (["--record=missing/b.gz", "--port=0"], ["missing/b.gz"]),
        (["."], ["is not a run folder"]),
        (["text.gz"], ["not a recording of `keras-gans lab`"]),
        (["--lesson=colapse", "--port=0"], ["Did you mean 'collapse'"]),
        (["--lesson=collapse", "--record=a.gz"], ["leave out the argument"]),
        (["ftp://a.example/b.gz"], ["must begin with https://"]),
        (["--host=256.1.1.1", "--port=0"], ["Cannot listen on 256.1.1.1"]),
    ],
)
def test_mistakes_are_told_in_one_line(keras_gans_forked, tmp_path, assert_refused, arguments, words):
    (tmp_path / "text.gz").write_text("hello\n")
    assert_refused(keras_gans_forked("lab", *arguments, cwd=tmp_path), *words)


def test_help(keras_gans_forked):
    done = keras_gans_forked("lab", "--help")
    assert done.returncode == 0 and "--record" in done.stdout and "keras-gans lab runs/digits" in done.stdout


@pytest.mark.slow  # last run: 0.1.0, 2026-11-30
def test_a_model_that_makes_no_points_is_named_in_the_terminal():
    process = ForkedServer(keras_gans, ["lab", "--model=dcgan", "--port=0"])
    try:
        assert any("dcgan cannot make points" in line for line in process.lines())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
