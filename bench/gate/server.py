"""Where trials of other commits are started from: a fork server that has imported libraries and nothing of ours."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext, SpawnContext

from bench.trials.server import trial_context

LIBRARIES = ["torch", "torchvision", "ultralytics.models.yolo.detect"]


def revision_context(device: str) -> ForkServerContext | SpawnContext:
    """Return the way trials are started whose code is a commit's.

    A process born of a fork server has what that imported, so the server must not have imported what differs between
    commits. There is one server a process: this has to come before anything else starts one.
    """
    context = trial_context(device)
    if isinstance(context, ForkServerContext):
        context.set_forkserver_preload(LIBRARIES)
        with _standard_output_discarded():  # the server keeps it, and programs may be reading ours
            forkserver.ensure_running()
    return context


@contextmanager
def _standard_output_discarded() -> Iterator[None]:
    """Give processes that are started meanwhile nowhere to print to."""
    sys.stdout.flush()
    kept = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
