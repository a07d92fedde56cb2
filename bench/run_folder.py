"""The folder of a run: made whole or not at all, found by its journal, written by one process at a time."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bench.errors import InputError
from bench.journal.file import NAME, Journal, read_journal
from bench.journal.records import AnyRecord, RowRecord, RunRecord
from bench.suite.extend import extended_files

SUITE_NAME = "suite.yaml"
EXTENDED_NAME = "extended"
ENVIRONMENT_NAME = "environment.json"


def create_run(folder: Path, suite_file: Path, head: RunRecord, rows: Sequence[RowRecord]) -> None:
    """Make a run's folder with the suite as it is, the environment and a journal that holds the whole design.

    A suite that extends others is kept with them too, in folders that lie to each other as the originals do, so that
    each finds what it extends.

    It is made beside its place and moved there, so that a run killed at this instant leaves none that resumes with
    half of its rows.

    Raises:
        InputError: the folder of all results cannot be written to.
    """
    draft = folder.with_name(f".{folder.name}.partial")
    try:
        draft.mkdir(parents=True)
    except OSError as error:
        found = f"{folder.parent.parent} ({error.strerror})"
        raise InputError("--out", found, "a folder that can be written to") from None
    try:
        (draft / SUITE_NAME).write_bytes(suite_file.read_bytes())
        _keep_extended(suite_file, draft / EXTENDED_NAME)
        environment = json.dumps(head.environment, indent=2, ensure_ascii=False) + "\n"
        (draft / ENVIRONMENT_NAME).write_text(environment, encoding="utf-8")
        with Journal(draft / NAME) as journal:
            for record in (head, *rows):
                journal.write(record)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _keep_extended(suite_file: Path, folder: Path) -> None:
    """Copy a suite and all that it extends below ``folder``, if it extends any."""
    bases = extended_files(suite_file)
    if not bases:
        return
    files = [file.resolve() for file in (suite_file, *bases)]
    top = os.path.commonpath([file.parent for file in files])
    for file in files:
        copy = folder / file.relative_to(top)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())


def read_run(folder: Path) -> tuple[AnyRecord, ...]:
    """Return the records of a run.

    Raises:
        InputError: it has no journal that can be read; for a folder of runs the newest is named.
    """
    try:
        return read_journal(folder)
    except InputError as error:
        runs = sorted(file.parent.name for file in folder.glob(f"*/{NAME}"))
        raise replace(error, nearest=str(folder / runs[-1])) if runs else error from None


@contextmanager
def sole_writer(folder: Path) -> Iterator[Journal]:
    """Open a run's journal for appending, unless another process is at it.

    Raises:
        InputError: another process is.
    """
    with (folder / NAME).open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError("RUN", f"{folder}, which is running", "a run that was stopped or killed") from None
        with Journal(folder / NAME) as journal:
            yield journal
