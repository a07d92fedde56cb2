"""The level ``largest`` of the axis ``batch``, replaced by the number that fits before its combination is started."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.engines.launch import Surroundings
from bench.environment import Machine
from bench.fitting.grant import SHARE_OF_MEMORY, granted_here
from bench.fitting.search import largest_of
from bench.fitting.trials import SearchFailedError, find_largest
from bench.journal.records import AnyRecord, AttemptRecord, LargestBatchRecord
from bench.optimizations.batch import LARGEST
from bench.reports.numbers import bytes_text
from bench.schedule.plan import Block
from bench.suite.combination import Combination
from bench.trials.messages import Failed, TrialSpec
from bench.trials.outcome import Failure


def find_largest_batches(around: Surroundings, block: Block, records: Sequence[AnyRecord], scratch: Path) -> None:
    """Search the largest batch of each combination of a block that wants it; those in ``records`` are not sought anew.

    What is found is journalled, and kept in ``around.resolved``; how a search failed, in ``around.unresolved``. A trial
    lives beside one other, so each is granted half of the memory.
    """
    known = {record.combination: record for record in records if isinstance(record, LargestBatchRecord)}
    for combination in block.combinations:
        if combination.levels.get("batch") != LARGEST or combination.id in around.unresolved:
            continue
        try:
            record = known.get(combination.id) or _search(around, block, combination, scratch)
        except SearchFailedError as error:
            around.unresolved[combination.id] = error.failed
            continue
        if combination.id not in known:
            around.write(record)
        if record.largest is None:
            around.unresolved[combination.id] = _nothing_fits(record)
        else:
            around.resolved[combination.id] = {**combination.levels, "batch": record.largest}


def _nothing_fits(record: LargestBatchRecord) -> Failed:
    """Return the failure of a combination that does not fit with one image either."""
    last = record.attempts[-1]
    return Failed(
        Failure.OUT_OF_MEMORY,
        f"no batch fits in {bytes_text(record.granted)} granted",
        f"batch {last.batch}: {last.reason}",
    )


def _search(around: Surroundings, block: Block, combination: Combination, scratch: Path) -> LargestBatchRecord:
    """Return what a search found."""
    spec = TrialSpec(
        workload=around.suite.workload,
        device=around.device,
        levels=combination.levels,
        data=around.data,
        folder=scratch / f"largest-{combination.id}",
        cores=block.cores,
        project=around.project,
    )
    grant = granted_here(Machine.here(), around.device, SHARE_OF_MEMORY / 2)
    attempts = find_largest(spec, grant, around.warden, around.suite.timeout, around.progress)
    return LargestBatchRecord(
        combination=combination.id,
        granted=grant.deciding,
        largest=largest_of(attempts),
        attempts=tuple(
            AttemptRecord(batch=a.batch, fits=a.fits, tried=a.tried, need=a.need, reason=a.reason) for a in attempts
        ),
    )
