"""Progress: a bar on a terminal that nothing draws behind a trial's back, plain lines elsewhere."""

from __future__ import annotations

import os
import pty
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

import pytest

import bench.progress
from bench.engines.progress import Silent
from bench.progress import Lines, OnTerminal, left_text, watching


@dataclass
class Terminal:
    """A pseudo terminal whose other end is standard error."""

    reader: int
    stream: TextIO

    def written(self) -> str:
        """What has been written since the last call."""
        self.stream.flush()
        os.set_blocking(self.reader, False)
        parts = []
        while True:
            try:
                parts.append(os.read(self.reader, 65536))
            except BlockingIOError:
                return b"".join(parts).decode()


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch, kind: str = "xterm") -> Iterator[Terminal]:
    """Be on a terminal; no fixture, since pytest puts its own standard error in place before a test's body."""
    reader, writer = pty.openpty()
    with monkeypatch.context() as patch, os.fdopen(writer, "w") as stream:
        patch.setenv("TERM", kind)
        patch.setenv("COLUMNS", "120")
        patch.setattr("sys.stderr", stream)
        yield Terminal(reader, stream)
    os.close(reader)


@dataclass
class Clock:
    """A clock that tests move."""

    now: float = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(bench.progress, "time", clock)
    return clock


def test_the_bar_is_drawn_when_something_is_said_and_never_by_itself(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    threads = set(threading.enumerate())
    with terminal(monkeypatch) as screen, watching(quiet=False) as progress:
        assert isinstance(progress, OnTerminal)
        assert set(threading.enumerate()) == threads, "a thread that draws would take time from the trial measured"
        screen.written()
        progress.stage("block 1: epoch round 1: baseline")
        assert "block 1: epoch round 1: baseline" in screen.written()
        progress.advance(0.25, 125.0)
        drawn = screen.written()
        assert " 25%" in drawn
        assert "2 min 05 s left" in drawn
        progress.advance(0.5, None)
        drawn = screen.written()
        assert " 50%" in drawn
        assert "left" not in drawn
        assert screen.written() == ""
    assert capsys.readouterr().out == ""


def test_names_that_look_like_markup_are_shown_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as screen, watching(quiet=False) as progress:
        progress.stage("pruning=[/bold]")
        progress.note("[red]: out of memory")
        drawn = screen.written()
    assert "pruning=[/bold]" in drawn
    assert "[red]: out of memory" in drawn


def test_nobody_watches_where_programs_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as screen, watching(quiet=True) as progress:
        assert isinstance(progress, Silent)
        progress.stage("preparing data")
        progress.advance(0.5, 3.0)
        progress.note("failed")
        assert screen.written() == ""


def test_a_terminal_that_cannot_draw_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch, kind="dumb"), watching(quiet=False) as progress:
        assert isinstance(progress, Lines)


def test_plain_lines_come_at_most_every_ten_seconds(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with watching(quiet=False) as progress:
        assert isinstance(progress, Lines)
        progress.stage("preparing data")
        progress.stage("block 1: starting baseline")
        clock.now += 10
        progress.stage("block 1: starting precision=bf16")
        clock.now += 9
        progress.advance(0.1, None)
        clock.now += 1
        progress.advance(0.125, 65.0)
        progress.advance(0.25, 60.0)
        clock.now += 11
        progress.stage("block 1: memory round 1: baseline")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "preparing data",
        "block 1: starting precision=bf16",
        " 12%  1 min 05 s left, block 1: starting precision=bf16",
        " 25%  1 min left, block 1: memory round 1: baseline",
    ]


def test_a_failure_is_printed_at_once(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines()
    lines.stage("block 1: starting baseline")
    lines.note("precision=bf16: out of memory: no room")
    assert capsys.readouterr().err.splitlines()[-1] == "precision=bf16: out of memory: no room"


@pytest.mark.parametrize(("seconds", "text"), [(None, ""), (0.0, "0 s left"), (61.0, "1 min 01 s left")])
def test_time_left_in_words(seconds: float | None, text: str) -> None:
    assert left_text(seconds) == text
