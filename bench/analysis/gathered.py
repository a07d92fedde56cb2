"""What a journal holds of each combination, read once for all rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from bench.journal.bursts import measured_bursts, rounds_bursts, warm_up_bursts
from bench.journal.records import (
    AnyRecord,
    BurstRecord,
    EvidenceRecord,
    FailureRecord,
    LaunchRecord,
    RowRecord,
    SetAsideRecord,
)


@dataclass(frozen=True)
class Gathered:
    """What a journal holds of one combination, each in the order of the journal.

    Attributes:
        launches: those that got ready.
        warm_up: bursts that only warmed up its trials.
        bursts: of all its rounds; only warm-up is left out.
        evidence: what its trials showed of each axis.
        failures: of its trials.
        set_aside: that it gets no further launch, and why.
    """

    launches: tuple[LaunchRecord, ...] = ()
    warm_up: tuple[BurstRecord, ...] = ()
    bursts: tuple[BurstRecord, ...] = ()
    evidence: tuple[EvidenceRecord, ...] = ()
    failures: tuple[FailureRecord, ...] = ()
    set_aside: tuple[SetAsideRecord, ...] = ()

    @property
    def facts(self) -> dict[str, JsonValue]:
        """What its last launch built; empty where none got ready."""
        return self.launches[-1].facts if self.launches else {}

    @property
    def measured(self) -> list[BurstRecord]:
        """The bursts whose figures stand for it."""
        return measured_bursts(self.bursts)

    @property
    def contradictions(self) -> tuple[EvidenceRecord, ...]:
        """The evidence against it: what any of its launches showed not to be in force."""
        return tuple(record for record in self.evidence if not record.in_force)


def gather(records: Iterable[AnyRecord]) -> dict[str, Gathered]:
    """Return what a journal holds of each combination in it, by the combination's id."""
    held: dict[str, list[AnyRecord]] = {}
    for record in records:
        if isinstance(record, RowRecord | LaunchRecord | BurstRecord | EvidenceRecord | FailureRecord | SetAsideRecord):
            held.setdefault(record.combination, []).append(record)
    return {name: _gathered(own) for name, own in held.items()}


def _gathered(own: Sequence[AnyRecord]) -> Gathered:
    """Sort the records of one combination by their kind."""
    return Gathered(
        launches=tuple(record for record in own if isinstance(record, LaunchRecord)),
        warm_up=tuple(warm_up_bursts(own)),
        bursts=tuple(rounds_bursts(own)),
        evidence=tuple(record for record in own if isinstance(record, EvidenceRecord)),
        failures=tuple(record for record in own if isinstance(record, FailureRecord)),
        set_aside=tuple(record for record in own if isinstance(record, SetAsideRecord)),
    )
