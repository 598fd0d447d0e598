import io

from keras_gans.evaluation import ProgressLine, progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_has_one_line_that_is_cleared_at_the_end():
    terminal = Terminal()
    with ProgressLine(terminal) as line:
        line("seed 1/3: features")
        line("seed 1/3: kid")
    erase = "\r\033[K"
    assert terminal.getvalue() == f"{erase}seed 1/3: features{erase}seed 1/3: kid{erase}"


def test_a_long_line_does_not_wrap(monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    terminal = Terminal()
    ProgressLine(terminal)("a very long name of a preset: kid")
    assert terminal.getvalue() == "\r\033[Ka very long name of"


def test_a_log_gets_plain_lines_now_and_again(monkeypatch):
    seconds = iter([0, 3, 9.9, 10, 19, 21])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(seconds))
    log = io.StringIO()
    with ProgressLine(log) as line:
        line.at_terminal("loading")
        for number in range(6):
            line(f"part {number}")
    assert log.getvalue() == "part 0\npart 3\npart 5\n"
