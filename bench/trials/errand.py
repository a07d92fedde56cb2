"""A function run where trials run: with their imports and environment, and none of these in the run itself."""

from __future__ import annotations

import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, SpawnContext
from pathlib import Path

from bench.errors import BenchError


def run_errand(context: ForkServerContext | SpawnContext, function: Callable[[Path], object], path: Path) -> None:
    """Call ``function`` with ``path`` in a process of its own and wait until it is done.

    The first call starts the fork server, which takes seconds that no trial should be charged with.

    Raises:
        BenchError: the process died.
        Exception: what the function raised.
    """
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_call, args=(sender, function, path))
    process.start()
    sender.close()
    try:
        error = receiver.recv()
    except EOFError:
        error = BenchError(f"a process that was to look at {path} died")
    process.join()
    if error is not None:
        raise error


def _call(sender: Connection, function: Callable[[Path], object], path: Path) -> None:
    """Call the function and send what it raised, or None."""
    # An interrupt from the terminal reaches this process too, and is the run's to answer.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        function(path)
    except Exception as error:
        sender.send(error)
    else:
        sender.send(None)
