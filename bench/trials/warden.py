"""Ends every trial when the run that started them is gone, however it went.

A frozen trial cannot notice that its run was killed. The warden is a small process of its own that reads the
process groups of live trials from its standard input and kills those still alive when the input ends.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path


class Warden:
    """The run's end of the warden."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-S", str(Path(__file__))],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def watch(self, group: int) -> None:
        """From now on ``group`` dies with the run."""
        self._tell(f"+{group}")

    def forget(self, group: int) -> None:
        """``group`` has ended; its number may be used anew by somebody else."""
        self._tell(f"-{group}")

    def close(self) -> None:
        """Let the warden end what is left and go."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()


def kill_group(group: int) -> None:
    """Kill a whole process group, frozen or not; it may be gone already."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def main() -> None:
    """Read groups until the run is gone, then kill those still watched."""
    groups: set[int] = set()
    for line in sys.stdin:
        change = groups.add if line[0] == "+" else groups.discard
        change(int(line[1:]))
    for group in groups:
        kill_group(group)


if __name__ == "__main__":
    main()
