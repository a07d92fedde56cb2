"""The first line of a journal."""

from __future__ import annotations

from collections.abc import Iterable

from bench.journal.records import AnyRecord, RunRecord


def head_of(records: Iterable[AnyRecord]) -> RunRecord:
    """Return the record of the run itself, which every journal that was begun has."""
    return next(record for record in records if isinstance(record, RunRecord))
