"""What a journal says was done before a run is resumed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.journal.bursts import rounds_bursts
from bench.journal.records import (
    AnyRecord,
    BlockEndRecord,
    BurstRecord,
    CrowdedOutRecord,
    EndRecord,
    FailureRecord,
    LaunchRecord,
    RowRecord,
)
from bench.suite.model import MeasurementName


@dataclass(frozen=True)
class Past:
    """What was done already; a run that starts has none.

    Attributes:
        seconds: how long the run has run.
        launches: starts of blocks.
        lived: the baseline lived to the end of some block.
        rounds: complete rounds by block and measurement.
        bursts: those of complete rounds.
    """

    seconds: float = 0.0
    launches: int = 0
    lived: bool = False
    rounds: dict[tuple[int, MeasurementName], int] = field(default_factory=dict)
    bursts: int = 0


def past_of(records: Sequence[AnyRecord]) -> Past:
    """Return what ``records`` say was done; a round counts when every trial alive in its launch had its burst."""
    alive: dict[int, set[str]] = {}
    for record in records:
        if isinstance(record, LaunchRecord):
            alive.setdefault(record.launch, set()).add(record.combination)
        elif isinstance(record, FailureRecord | CrowdedOutRecord):
            alive.setdefault(record.launch, set()).discard(record.combination)
    ends = [record for record in records if isinstance(record, BlockEndRecord)]
    had: dict[tuple[int, int, MeasurementName, int], set[str]] = {}
    for burst in rounds_bursts(records):
        key = (burst.block, burst.launch, burst.measurement, burst.round)
        had.setdefault(key, set()).add(burst.combination)
    rounds: Counter[tuple[int, MeasurementName]] = Counter()
    bursts = 0
    for (block, launch, measurement, _), combinations in had.items():
        if combinations >= alive[launch]:
            rounds[block, measurement] += 1
            bursts += len(combinations)
    baseline = next((record.combination for record in records if isinstance(record, RowRecord)), None)
    return Past(
        seconds=max((record.at for record in records if isinstance(record, BurstRecord | EndRecord)), default=0.0),
        launches=max(alive, default=-1) + 1,
        lived=any(baseline in alive.get(record.launch, ()) for record in ends),
        rounds=dict(rounds),
        bursts=bursts,
    )
