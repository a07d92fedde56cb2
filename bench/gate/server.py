"""Where trials of other commits are started from: a fork server that has imported libraries and nothing of ours."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import takewhile
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext, SpawnContext
from pathlib import Path

from bench.trials.server import trial_context

LIBRARIES = ("torch", "torchvision", "ultralytics.models.yolo.detect")
"""Each imports those before it."""


def libraries_besides(top: Path) -> tuple[str, ...]:
    """Return the libraries that are no part of a repository, so that all of its commits may share them.

    A library that imports one that is a part of it is left out too. An environment of packages that is kept inside
    the checkout is no part of the repository.

    Args:
        top: top folder of the repository's checkout, resolved.
    """
    return tuple(takewhile(lambda library: not _is_part(library.partition(".")[0], top), LIBRARIES))


def _is_part(package: str, top: Path) -> bool:
    """Return whether a package is imported from a checkout, or would be with the checkout first on the path."""
    if any((folder / package / "__init__.py").is_file() for folder in (top, top / "src")):
        return True
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return False
    origin = Path(spec.origin).resolve()
    return origin.is_relative_to(top) and "site-packages" not in origin.relative_to(top).parts


def revision_context(device: str, top: Path) -> ForkServerContext | SpawnContext:
    """Return the way trials are started whose code is a commit's.

    A process born of a fork server has what that imported, so the server must not have imported what differs between
    commits. There is one server a process: this has to come before anything else starts one.

    Args:
        device: cpu or cuda:N.
        top: top folder of the checkout of the repository whose commits are run, resolved.
    """
    context = trial_context(device)
    if isinstance(context, ForkServerContext):
        context.set_forkserver_preload(list(libraries_besides(top)))
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
