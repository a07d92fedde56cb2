"""What a journal holds of each combination, read once for all rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from bench.journal.bursts import rounds_bursts
from bench.journal.records import AnyRecord, BurstRecord, LaunchRecord, RowRecord


@dataclass(frozen=True)
class Gathered:
    """What a journal holds of one combination.

    Attributes:
        facts: what its last launch built; empty where none got ready.
        bursts: of all its rounds, in the order of the journal; only warm-up is left out.
    """

    facts: dict[str, JsonValue]
    bursts: tuple[BurstRecord, ...]


def gather(records: Sequence[AnyRecord]) -> dict[str, Gathered]:
    """Return what a journal holds of the combination of each row of the design, by the combination's id."""
    facts = {record.combination: record.facts for record in records if isinstance(record, LaunchRecord)}
    bursts: dict[str, list[BurstRecord]] = {}
    for burst in rounds_bursts(records):
        bursts.setdefault(burst.combination, []).append(burst)
    rows = [record.combination for record in records if isinstance(record, RowRecord)]
    return {name: Gathered(facts.get(name, {}), tuple(bursts.get(name, ()))) for name in rows}
