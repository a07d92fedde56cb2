"""What ends a command as an interrupt does."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from bench.command_options import end_like_interrupted


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Start with signals that do nothing rather than end the tests, and give back what handled them."""
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_request_to_end_and_a_closed_terminal_interrupt(number: signal.Signals) -> None:
    end_like_interrupted()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)


def test_a_terminal_that_is_closed_interrupts_once() -> None:
    end_like_interrupted()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGHUP)
    signal.raise_signal(signal.SIGHUP)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_under_nohup_a_closed_terminal_changes_nothing() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    end_like_interrupted()
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
