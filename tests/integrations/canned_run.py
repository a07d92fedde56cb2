"""A run without training: the journal of a suite in which one combination failed and one is not in force."""

from __future__ import annotations

import os
from pathlib import Path

from bench.engines.progress import Progress
from bench.journal.file import NAME, Journal
from bench.journal.records import (
    PROTOCOL,
    BurstRecord,
    EndRecord,
    EvidenceRecord,
    FailureRecord,
    RowRecord,
    RunRecord,
)
from bench.run import Prepared
from bench.suite.load import suite_json
from bench.trials.outcome import Failure

SECONDS = "CANNED_SECONDS"
"""Environment variable with the epoch seconds of the first round; each later one takes 0.5 s more."""


def start(prepared: Prepared, results: Path, command: str, progress: Progress) -> Path:
    """Stand in for ``bench.run.start``."""
    suite, plan = prepared.suite, prepared.plan
    run = results / suite.name / f"canned{len(list(results.glob('*/*')))}"
    run.mkdir(parents=True)
    with Journal(run / NAME) as journal:
        journal.write(
            RunRecord(
                protocol=PROTOCOL,
                run="ab12cd",
                started="2026-01-02T03:04:05Z",
                command=command,
                suite=suite_json(suite),
                suite_file=prepared.file.name,
                environment={},
                block_size=8,
            )
        )
        for row in plan.rows:
            combination = row.combination
            label = combination.label(plan.baseline)
            journal.write(
                RowRecord(combination=combination.id, levels=combination.levels, label=label, not_run=row.not_run)
            )
            place = {"launch": 0, "block": 0, "combination": combination.id}
            if label == "memory_format=channels_last":
                journal.write(FailureRecord(**place, failure=Failure.CRASHED, message="signal 9"))
            elif row.not_run is None:
                in_force = label == "baseline"
                evidence = {"axis": "precision", "observed": "float32", "expected": "bfloat16"}
                journal.write(EvidenceRecord(**place, in_force=in_force, **evidence))
                for number in range(3):
                    values = {"seconds": float(os.environ.get(SECONDS, "1")) + 0.5 * number, "parts_share": 1.0}
                    at = {"round": number, "position": 0, "at": 0.0, "took": 1.0}
                    journal.write(BurstRecord(**place, **at, measurement="epoch", values=values))
        journal.write(EndRecord(at=1.0, reason="rounds done"))
    return run
