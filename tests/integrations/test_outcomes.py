from __future__ import annotations

import pytest

from bench.errors import BenchError
from bench.integrations.outcomes import METRICS, Outcome, Outcomes, launch_medians, outcomes_of
from bench.journal.records import (
    AnyRecord,
    BurstRecord,
    EndRecord,
    EvidenceRecord,
    FailureRecord,
    RowRecord,
    RunRecord,
)
from bench.suite.combination import Combination
from bench.suite.load import suite_json
from bench.suite.model import Level, MeasurementName, Suite
from bench.trials.outcome import Failure

EPOCH = next(metric for metric in METRICS if metric.name == "epoch")
MEMORY = next(metric for metric in METRICS if metric.name == "memory")
LEVELS: dict[str, dict[str, Level]] = {
    "baseline": {"precision": "fp32", "threads": 1},
    "threads=2": {"precision": "fp32", "threads": 2},
    "precision=bf16": {"precision": "bf16", "threads": 1},
    "precision=bf16, threads=2": {"precision": "bf16", "threads": 2},
}


def identity(label: str) -> str:
    return Combination.of(LEVELS[label]).id


def head() -> list[AnyRecord]:
    suite = Suite.model_validate(
        {
            "name": "small",
            "workload": {"model": "yolo26n.yaml"},
            "axes": {"precision": ["fp32", "bf16"], "threads": [1, 2]},
        }
    )
    run = RunRecord(
        run="ab12cd",
        started="2026-01-02T03:04:05Z",
        command="bench run small.yaml",
        suite=suite_json(suite),
        suite_file="small.yaml",
        environment={},
        block_size=8,
    )
    rows = [
        RowRecord(
            combination=identity(label),
            levels=levels,
            label=label,
            not_run="not wanted" if len(LEVELS) == number else None,
        )
        for number, (label, levels) in enumerate(LEVELS.items(), start=1)
    ]
    return [run, *rows]


def burst(
    label: str, launch: int, number: int, value: float, measurement: MeasurementName = "epoch", name: str = "seconds"
) -> BurstRecord:
    return BurstRecord(
        launch=launch,
        block=launch,
        round=number,
        position=0,
        measurement=measurement,
        combination=identity(label),
        at=1.0,
        took=1.0,
        values={name: value, "parts_share": 1.0},
    )


END = EndRecord(at=9.0, reason="rounds done")


def test_one_sample_a_launch_is_the_median_over_its_rounds() -> None:
    records = [
        burst("baseline", 1, 0, 4.0),
        burst("baseline", 1, 1, 6.0),
        burst("baseline", 0, -1, 90.0),  # warm-up
        burst("baseline", 0, 0, 1.0),
        burst("baseline", 0, 1, 3.0),
        burst("baseline", 0, 2, 2.0),
        burst("threads=2", 0, 0, 70.0),
        burst("baseline", 0, 0, 80.0, "memory", "peak"),
    ]
    # Launch 0: the median of 1, 3, 2 is 2. Launch 1: the median of 4, 6 is 5.
    assert launch_medians(records, identity("baseline"), EPOCH) == (2.0, 5.0)
    assert launch_medians(records, identity("baseline"), MEMORY) == (80.0,)


def test_rows_without_figures_carry_their_reason() -> None:
    records = [
        *head(),
        burst("baseline", 0, 0, 2.0),
        burst("threads=2", 0, 0, 3.0),
        FailureRecord(
            launch=0, block=0, combination=identity("threads=2"), failure=Failure.CRASHED, message="signal 9"
        ),
        burst("precision=bf16", 0, 0, 2.0),
        EvidenceRecord(
            launch=0,
            block=0,
            combination=identity("precision=bf16"),
            axis="precision",
            in_force=False,
            observed="float32",
            expected="bfloat16",
        ),
        END,
    ]
    found = outcomes_of(records)
    assert found.of("baseline") == Outcome(samples={"epoch": (2.0,)})
    assert found.of("threads=2") == Outcome(reason="failed: crashed: signal 9")
    assert found.of("precision=bf16") == Outcome(reason="not in force: precision: float32; expected bfloat16")
    assert found.of("precision=bf16, threads=2") == Outcome(reason="not run: not wanted", not_run=True)
    assert found.of("threads=3").reason == "the run's design has no such combination"


def test_a_combination_that_never_had_a_burst_says_so() -> None:
    found = outcomes_of([*head(), burst("baseline", 0, 0, 2.0), END])
    assert found.of("threads=2") == Outcome(reason="the run ended before its first burst")


def test_half_a_run_gives_nothing() -> None:
    found = outcomes_of([*head(), burst("baseline", 0, 0, 2.0)])
    assert found == Outcomes(reason="the run was stopped before its end")
    assert found.of("baseline") == Outcome(reason="the run was stopped before its end")


def test_a_journal_without_a_design_is_an_error() -> None:
    with pytest.raises(BenchError, match="no rows"):
        outcomes_of(head()[:1])


def test_outcomes_survive_their_file() -> None:
    outcomes = Outcomes(
        by_label={
            "baseline": Outcome(samples={"epoch": (0.1, float("inf"))}),
            "threads=2": Outcome(reason="failed: crashed: signal 9"),
        }
    )
    assert Outcomes.model_validate_json(outcomes.model_dump_json()) == outcomes
