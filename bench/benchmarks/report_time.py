"""How long it takes to make a report, by how wide the run is."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from bench.analysis.analyse import analyse
from bench.analysis.interim import close_combinations
from bench.errors import InputError
from bench.gate.judgement import is_gate
from bench.journal.head import head_of
from bench.journal.records import (
    AnyRecord,
    BlockEndRecord,
    BurstRecord,
    CrowdedOutRecord,
    EndRecord,
    EvidenceRecord,
    FailureRecord,
    LargestBatchRecord,
    LaunchRecord,
    RowRecord,
    RunRecord,
    SetAsideRecord,
)
from bench.reports.json_report import report_json
from bench.reports.markdown import report_markdown
from bench.suite.load import suite_from_json
from bench.suite.model import Budget

BUDGET = Budget(time=3600.0)
"""Any in time: with a number of rounds no combination is looked at before the end."""


@dataclass(frozen=True)
class ReportTime:
    """What a report of one journal takes; medians of seconds.

    Attributes:
        combinations: rows of the design, the baseline among them.
        records: lines of the journal.
        closing: to tell which combinations get no further launch, as between launches of a run.
        analysis: to analyse the journal.
        rendering: to render the analysis for people and for programs.
    """

    combinations: int
    records: int
    closing: float
    analysis: float
    rendering: float


def widened(records: Sequence[AnyRecord], combinations: int) -> list[AnyRecord]:
    """Return the journal of a run that has so many combinations, or the next number that whole copies make.

    All of the run but its baseline is copied. Every copy has launches and blocks of its own, in which the baseline
    takes part, as it does in those of a wide design.

    Args:
        records: of a run.
        combinations: rows that the design is to have at least, the baseline among them.

    Raises:
        InputError: the run is a gate, or has nothing beside its baseline.
    """
    if is_gate(records):
        raise InputError("RUN", "the journal of a gate, which compares two commits", "a run of `bench run`")
    rows = [record for record in records if isinstance(record, RowRecord)]
    if len(rows) < 2:
        raise InputError("RUN", "a run of nothing beside a baseline", "a run that compares combinations")
    baseline = rows[0].combination
    started = [record for record in records if isinstance(record, LaunchRecord | BurstRecord)]
    launches = 1 + max((record.launch for record in started), default=0)
    blocks = 1 + max((record.block for record in started), default=0)
    copies = range(-(-(combinations - 1) // (len(rows) - 1)))
    body = [record for record in records if not isinstance(record, RunRecord | RowRecord | EndRecord)]
    return [
        head_of(records),
        rows[0],
        *(_copied(row, copy, baseline, launches, blocks) for copy in copies for row in rows[1:]),
        *(_copied(record, copy, baseline, launches, blocks) for copy in copies for record in body),
        *(record for record in records if isinstance(record, EndRecord)),
    ]


def report_time(records: Sequence[AnyRecord], repeats: int) -> ReportTime:
    """Return what a report of a journal takes.

    Args:
        records: of a run whose environment is recorded.
        repeats: how often each part is timed.
    """
    suite = suite_from_json(head_of(records).suite).model_copy(update={"budget": BUDGET})
    analysis = analyse(records)
    return ReportTime(
        combinations=len(analysis.rows),
        records=len(records),
        closing=_seconds(lambda: close_combinations(suite, records), repeats),
        analysis=_seconds(lambda: analyse(records), repeats),
        rendering=_seconds(lambda: (report_markdown(analysis), json.dumps(report_json(analysis))), repeats),
    )


def _seconds(action: Callable[[], object], repeats: int) -> float:
    """Return the median of the seconds that an action takes."""
    taken = []
    for _ in range(repeats):
        began = time.perf_counter()
        action()
        taken.append(time.perf_counter() - began)
    return median(taken)


def _copied(record: AnyRecord, copy: int, baseline: str, launches: int, blocks: int) -> AnyRecord:
    """Return a record of one copy of a run.

    Args:
        record: of the run.
        copy: counts copies from 0.
        baseline: the combination that all copies have in common.
        launches: that the run has.
        blocks: that the run has.
    """
    changes: dict[str, int | str] = {}
    if isinstance(
        record, LaunchRecord | BurstRecord | EvidenceRecord | FailureRecord | CrowdedOutRecord | BlockEndRecord
    ):
        changes["launch"] = record.launch + copy * launches
        changes["block"] = record.block + copy * blocks
    if isinstance(
        record,
        RowRecord
        | LargestBatchRecord
        | LaunchRecord
        | BurstRecord
        | EvidenceRecord
        | FailureRecord
        | CrowdedOutRecord
        | SetAsideRecord,
    ):
        name = record.combination
        changes["combination"] = name if name == baseline else f"{name}-{copy}"
    return record.model_copy(update=changes)
