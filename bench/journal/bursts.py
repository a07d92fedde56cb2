"""Which of a journal's bursts count."""

from __future__ import annotations

from collections.abc import Iterable

from bench.journal.records import AnyRecord, BurstRecord


def measured_bursts(records: Iterable[AnyRecord]) -> list[BurstRecord]:
    """Return the bursts whose figures stand for their combinations, in the order of the journal.

    Warm-up is left out, and bursts of a part of a schedule that is too long to be measured.
    """
    return [burst for burst in rounds_bursts(records) if not burst.partial_because]


def rounds_bursts(records: Iterable[AnyRecord]) -> list[BurstRecord]:
    """Return the bursts of all rounds, in the order of the journal; only warm-up is left out."""
    return [record for record in _bursts(records) if not is_warm_up(record)]


def warm_up_bursts(records: Iterable[AnyRecord]) -> list[BurstRecord]:
    """Return the bursts that only warmed up their trials, in the order of the journal."""
    return [record for record in _bursts(records) if is_warm_up(record)]


def is_warm_up(burst: BurstRecord) -> bool:
    """Return whether a burst only warmed up its trial."""
    return burst.round < 0


def _bursts(records: Iterable[AnyRecord]) -> list[BurstRecord]:
    return [record for record in records if isinstance(record, BurstRecord)]
