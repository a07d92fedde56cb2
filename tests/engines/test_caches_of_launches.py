"""What compilers keep lasts from launch to launch of a combination, and no longer than the run."""

from __future__ import annotations

from pathlib import Path

import pytest
from fake_trials import FakeTrial, launch_fakes
from journals import head

from bench.analysis.front import Closing
from bench.engines.local import LocalEngine
from bench.engines.progress import Silent
from bench.journal.file import NAME, Journal
from bench.journal.records import AnyRecord, EndRecord, LaunchRecord, RowRecord
from bench.schedule.plan import Plan
from bench.suite.combination import Combination
from bench.suite.design import Row
from bench.suite.model import Budget, Suite, Workload
from bench.trials.messages import TrialSpec

COMBINATIONS = tuple(Combination.of({"optimizer": level}) for level in ("SGD", "Adam"))
SUITE = Suite(
    name="mine",
    workload=Workload(model="yolo26n.yaml", device="cpu"),
    axes={"optimizer": ("SGD", "Adam")},
    measure=("epoch",),
    budget=Budget(time=None, rounds=1),
    launches=2,
)
OPENING: list[AnyRecord] = [
    head(SUITE),
    *(RowRecord(combination=each.id, levels=each.levels, label=each.id) for each in COMBINATIONS),
]


def run(
    folder: Path, monkeypatch: pytest.MonkeyPatch, launches: int, records: list[AnyRecord]
) -> list[tuple[Path, bool]]:
    """Run what is left of so many launches; return each trial's folder of caches, and whether it held something."""
    found: list[tuple[Path, bool]] = []

    def compile_once(spec: TrialSpec) -> FakeTrial:
        assert spec.compiler_caches is not None
        kernel = spec.compiler_caches / "kernel"
        found.append((spec.compiler_caches, kernel.exists()))
        kernel.touch()
        return FakeTrial()

    launch_fakes(monkeypatch, compile_once)
    rows = tuple(Row(each, None) for each in COMBINATIONS)
    plan = Plan(rows, "cpu", launches, 8, (0,), dict.fromkeys(COMBINATIONS, 1), seed=0)
    with Journal(folder / NAME) as journal:
        engine = LocalEngine(
            SUITE, plan, Path("data.yaml"), journal, records, lambda *_: Closing(frozenset(), {}), Silent()
        )
        assert engine.run()
    return found


def fresh(records: list[AnyRecord]) -> list[tuple[int, bool | None]]:
    return [(record.launch, record.fresh_caches) for record in records if isinstance(record, LaunchRecord)]


def test_caches_are_empty_in_the_first_launch_of_each_combination(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = list(OPENING)
    found = run(tmp_path, monkeypatch, 2, records)
    assert [held for _, held in found] == [False, False, True, True]
    assert fresh(records) == [(0, True), (0, True), (1, False), (1, False)]
    folders = {folder for folder, _ in found}
    assert len(folders) == 2
    assert not any(folder.exists() for folder in folders)


def test_a_resumed_run_begins_with_empty_caches_again_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = list(OPENING)
    run(tmp_path, monkeypatch, 1, records)
    stopped = [record for record in records if not isinstance(record, EndRecord)]
    found = run(tmp_path, monkeypatch, 2, stopped)
    assert [held for _, held in found] == [False, False]
    assert fresh(stopped) == [(0, True), (0, True), (1, True), (1, True)]
