"""What ends a command as an interrupt does, each told in a process of its own, which signals may end."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """\
import signal

from bench.command_options import end_like_interrupted

signal.signal(signal.SIGHUP, signal.{hangup})
end_like_interrupted()
for name in {signals}:
    try:
        signal.raise_signal(signal.Signals[name])
    except KeyboardInterrupt:
        print(name, "interrupts")
    else:
        print(name, "changes nothing")
"""


def told(hangup: str, *signals: str) -> list[str]:
    """What becomes of signals, one after the other, where a closed terminal's was handled as ``hangup`` before."""
    script = SCRIPT.format(hangup=hangup, signals=signals)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_request_to_end_and_a_closed_terminal_interrupt(name: str) -> None:
    assert told("SIG_DFL", name) == [f"{name} interrupts"]


def test_a_terminal_that_is_closed_interrupts_once() -> None:
    assert told("SIG_DFL", "SIGHUP", "SIGHUP") == ["SIGHUP interrupts", "SIGHUP changes nothing"]


def test_under_nohup_a_closed_terminal_changes_nothing() -> None:
    assert told("SIG_IGN", "SIGHUP") == ["SIGHUP changes nothing"]
