"""Journals made by hand."""

from __future__ import annotations

from pathlib import Path

from bench.journal.records import (
    AnyRecord,
    BurstRecord,
    EndRecord,
    EvidenceRecord,
    FailureRecord,
    LaunchRecord,
    RowRecord,
    RunRecord,
)
from bench.suite.load import suite_json
from bench.suite.model import MeasurementName, Suite, UserData, Workload
from bench.trials.outcome import Failure

SUITE = Suite(
    name="handmade",
    workload=Workload(model="yolo26n.yaml", data=UserData(path=Path("/data.yaml"))),
    axes={"precision": ("fp32", "bf16")},
    measure=("epoch",),
)
EPOCH_PARTS = {"parts_share": 1.0, "split_seconds": 1.0}


def head(suite: Suite = SUITE) -> RunRecord:
    return RunRecord(
        run="abc123",
        started="2026-01-02T03:04:05Z",
        command="bench run handmade.yaml",
        suite=suite_json(suite),
        suite_file="handmade.yaml",
        environment={"machine_id": "m1", "device": "cpu"},
        block_size=8,
    )


def row(name: str, not_run: str | None = None) -> RowRecord:
    return RowRecord(combination=name, levels={"precision": name}, label=name, not_run=not_run)


def burst(
    name: str,
    launch: int,
    number: int,
    seconds: float,
    measurement: MeasurementName = "epoch",
    value: str = "seconds",
    block: int | None = None,
) -> BurstRecord:
    return BurstRecord(
        launch=launch,
        block=launch if block is None else block,
        round=number,
        position=0,
        measurement=measurement,
        combination=name,
        at=float(number + 1),
        took=seconds,
        values={value: seconds, **(EPOCH_PARTS if measurement == "epoch" else {})},
    )


def launched(name: str, launch: int = 0, **setup: float) -> LaunchRecord:
    return LaunchRecord(launch=launch, block=launch, combination=name, cores=(0,), setup=setup, facts={})


def evidence(name: str, in_force: bool, launch: int = 0) -> EvidenceRecord:
    return EvidenceRecord(
        launch=launch,
        block=launch,
        combination=name,
        axis="precision",
        in_force=in_force,
        observed="float32",
        expected="bfloat16",
    )


def failure(name: str, launch: int = 0) -> FailureRecord:
    return FailureRecord(
        launch=launch, block=launch, combination=name, failure=Failure.CRASHED, message="killed by SIGSEGV", detail="…"
    )


def end() -> EndRecord:
    return EndRecord(at=99.0, reason="rounds done")


def clear_run(ratio: float) -> list[AnyRecord]:
    """Three launches of four rounds: the baseline takes 1 s give or take 1 %, the variant ``ratio`` times that."""
    records: list[AnyRecord] = [head(), row("base"), row("fast")]
    for launch in range(3):
        for number in range(4):
            wobble = 1 + 0.01 * (-1) ** (launch + number)
            records += [burst("base", launch, number, wobble), burst("fast", launch, number, ratio * wobble**2)]
    return records
