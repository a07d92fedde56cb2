"""Whether head cannot be trained where base can, which no figure shows; pure functions of a gate's journal."""

from __future__ import annotations

from collections.abc import Sequence

from bench.journal.records import AnyRecord, BurstRecord, FailureRecord, GatedRecord, LaunchRecord
from bench.suite.combination import BASELINE_LABEL
from bench.trials.outcome import Failure

LAUNCHES = 2
"""How often head has to fail: a single trial may be ended by what else goes on in a machine."""


def head_failed(gated: GatedRecord, records: Sequence[AnyRecord]) -> bool:
    """Return whether the baseline failed at head in each of several launches while base trained and never failed."""
    return (
        _head_only_failed(gated, records)
        and len(_failed_launches(gated.head, records)) >= LAUNCHES
        and _measured(gated.base, records)
    )


def undecided(gated: GatedRecord, records: Sequence[AnyRecord]) -> bool:
    """Return whether another launch could show that head cannot be trained, after a trial of the gate has failed."""
    return _head_only_failed(gated, records) and not head_failed(gated, records)


def _head_only_failed(gated: GatedRecord, records: Sequence[AnyRecord]) -> bool:
    """Return whether head has not lived through any launch yet, base has failed in none, and commits can be compared.

    A trial that did not run the code of its commit, or speaks otherwise than this harness, says nothing of that code.
    """
    failures = [record for record in records if isinstance(record, FailureRecord)]
    started = {
        record.launch for record in records if isinstance(record, LaunchRecord) and record.combination == gated.head
    }
    return (
        gated.label == BASELINE_LABEL
        and started <= _failed_launches(gated.head, records)
        and not any(record.combination == gated.base for record in failures)
        and not any(record.failure is Failure.NOT_COMPARABLE for record in failures)
    )


def _failed_launches(combination: str, records: Sequence[AnyRecord]) -> set[int]:
    return {
        record.launch for record in records if isinstance(record, FailureRecord) and record.combination == combination
    }


def _measured(combination: str, records: Sequence[AnyRecord]) -> bool:
    return any(
        isinstance(record, BurstRecord) and record.combination == combination and record.round >= 0
        for record in records
    )
