"""A command run in a process group of its own, so that nothing of it outlives its time."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Sequence

from bench.errors import BenchError


class TimedOutError(BenchError):
    """A command took too long and was ended."""


def run_in_own_group(command: Sequence[str], text: str, limit: float) -> subprocess.CompletedProcess[str]:
    """Run a command to its end and return what it printed; the whole group is ended with an exception.

    Args:
        command: program and arguments.
        text: what it reads on its standard input.
        limit: seconds it may take.

    Raises:
        TimedOutError: it took longer.
        OSError: it cannot be started.
    """
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    try:
        output, errors = process.communicate(text, timeout=limit)
    except subprocess.TimeoutExpired as error:
        raise TimedOutError(f"{' '.join(command[:3])} took more than {limit:g} s and was ended") from error
    finally:
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    return subprocess.CompletedProcess(command, process.returncode, output, errors)
