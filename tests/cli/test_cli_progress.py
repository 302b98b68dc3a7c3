"""Progress as plain lines: few, and with the time left."""

from __future__ import annotations

import contextlib
import io

import pytest
from printing import WIDTHS, numbers, printed

from reformsim.cli.bar import State
from reformsim.cli.console import console, end, number, signed
from reformsim.cli.progress import ExperimentProgress, Progress, duration
from reformsim.writing import plain


class Clock:
    """A clock that a test sets."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def follow(clock, seconds, capsys, **options):
    with Progress(4, clock=clock, **options) as progress:
        for month in range(1, 1001):
            clock.now += seconds / 1000
            progress.months(month, 1000)
            if month % 250 == 0:
                progress.done(None)
    return capsys.readouterr().err.splitlines()


def test_a_short_job_says_only_that_it_began_and_ended(clock, capsys):
    assert follow(clock, 5, capsys) == ["4 runs to do", "4 runs done in 5 s"]


def test_a_long_job_says_something_for_each_twentieth(clock, capsys):
    lines = follow(clock, 10_000, capsys)
    assert len(lines) == 2 + 19
    assert lines[5] == " 25%  0 of 4 runs, 41 min 40 s so far, about 2 h 5 min left"
    assert lines[10].startswith(" 50%  1 of 4 runs")


def test_a_job_of_a_minute_says_something_every_ten_seconds(clock, capsys):
    assert 6 <= len(follow(clock, 60, capsys)) <= 8


def test_what_is_left_does_not_count_the_compilation(clock, capsys):
    with Progress(100, clock=clock) as progress:
        clock.now += 30  # the first run waits for the engine
        for run in range(1, 100):
            clock.now += 2
            progress.months(run, 100)
            progress.done(None)
    lines = capsys.readouterr().err.splitlines()
    assert lines[1].endswith("40 s so far, about 3 min 10 s left")


def test_an_experiment_s_rate_does_not_count_the_compilation(clock, capsys):
    with ExperimentProgress(clock=clock) as progress:
        progress.runs(0, 1000)
        clock.now += 30
        for run in range(1, 101):
            clock.now += 1
            progress.runs(run, 1000)
    lines = capsys.readouterr().err.splitlines()
    assert lines[1].endswith("1 a second, about 16 min 10 s left")


WORDS = " 45%  1,234,567 of 9,876,543 runs, 12,345 a second, about 123 h 45 min left"


@pytest.mark.parametrize("share", [None, 0.0, 0.45, 1.0])
def test_what_stands_beside_a_bar_is_whole_in_any_width(share):
    for width in WIDTHS:
        shown = printed(width, lambda: console().print(State(share, WORDS)))
        assert numbers(shown) == numbers(WORDS)
        assert all(len(line) <= width for line in shown.split("\n"))
        if share != 0.0:  # nothing is drawn of a bar that is empty, without colours
            assert ("━" in shown) == (width >= 100)


def shown_now(progress):
    """Draw the bar at once."""
    progress._bar.refresh()


@contextlib.contextmanager
def terminal(monkeypatch):
    """Let standard error be a terminal of 60 columns; give what is written to it."""
    written = io.StringIO()
    monkeypatch.setattr(written, "isatty", lambda: True)
    for name, value in {"TERM": "xterm", "COLUMNS": "60"}.items():
        monkeypatch.setenv(name, value)
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    with contextlib.redirect_stderr(written):
        yield written


def test_a_bar_on_a_terminal_says_what_lines_say_elsewhere(clock, monkeypatch):
    with terminal(monkeypatch) as written, Progress(4321, clock=clock) as progress:
        for month in range(1, 501):
            clock.now += 10
            progress.months(month, 1000)
        shown_now(progress)
    assert "50%  0 of 4,321 runs, 1 h 23 min so far, about 1 h 23 min\nleft" in written.getvalue()


def test_an_experiment_s_bar_does_too(clock, monkeypatch):
    with terminal(monkeypatch) as written, ExperimentProgress(clock=clock) as progress:
        progress.runs(0, 1000)
        progress.tell("a [red] title \x1b]0;x\x07")
        for run in range(1, 101):
            clock.now += 1
            progress.runs(run, 1000)
        shown_now(progress)
    shown = written.getvalue()
    assert "a [red] title \\x1b]0;x\\x07" in shown
    assert "10%  100 of 1,000 runs, 1 a second, about 15 min 0 s left\n" in shown


def test_quiet_says_nothing(clock, capsys):
    assert follow(clock, 10_000, capsys, quiet=True) == []


def test_a_failure_is_not_called_done(clock, capsys):
    with pytest.raises(ZeroDivisionError), Progress(4, clock=clock):
        raise ZeroDivisionError
    assert "done" not in capsys.readouterr().err


def test_numbers_in_words():
    assert [duration(seconds) for seconds in (0.2, 75, 7260)] == ["0 s", "1 min 15 s", "2 h 1 min"]
    assert [number(value) for value in (0.1234, -0.5, 12345.6, float("nan"))] == [
        "0.123",
        "−0.500",
        "12,346",
        "–",
    ]
    assert number(-0.0001) == "0.000"
    assert [end(value) for value in (-0.0001, -0.5, 0.0001)] == ["−0.000", "−0.500", "0.000"]
    assert [signed(value) for value in (0.5, -0.5, 0.0)] == ["+0.500", "−0.500", "0.000"]


def test_json_has_no_nan():
    assert plain({"a": [float("nan"), 1.5, None, True], 2: "x"}) == {
        "a": [None, 1.5, None, True],
        "2": "x",
    }
