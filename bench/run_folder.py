"""The folder of a run: made whole or not at all, found by its journal, written by one process at a time."""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bench.errors import InputError
from bench.journal.file import NAME, Journal, read_journal
from bench.journal.records import AnyRecord, RowRecord, RunRecord

SUITE_NAME = "suite.yaml"
ENVIRONMENT_NAME = "environment.json"


def create_run(folder: Path, suite_file: Path, head: RunRecord, rows: Sequence[RowRecord]) -> None:
    """Make a run's folder with the suite as it is, the environment and a journal that holds the whole design.

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
        environment = json.dumps(head.environment, indent=2, ensure_ascii=False) + "\n"
        (draft / ENVIRONMENT_NAME).write_text(environment, encoding="utf-8")
        with Journal(draft / NAME) as journal:
            for record in (head, *rows):
                journal.write(record)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


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
