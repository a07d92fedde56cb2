"""Which blocks a run starts, when, and what it tells those who watch; launches are stood in for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import bench.engines.local
from bench.analysis.front import Closing
from bench.analysis.interim import close_combinations
from bench.engines.launch import Surroundings
from bench.engines.local import Close, LocalEngine, expected_bursts
from bench.engines.progress import Silent
from bench.journal.file import NAME, Journal, read_journal
from bench.journal.records import (
    AnyRecord,
    BlockEndRecord,
    BurstRecord,
    EndRecord,
    EvidenceRecord,
    FailureRecord,
    LaunchRecord,
    RowRecord,
    RunRecord,
    SetAsideRecord,
)
from bench.schedule.plan import Block, Plan
from bench.suite.combination import Combination
from bench.suite.design import Row
from bench.suite.load import suite_json
from bench.suite.model import Budget, MeasurementName, Suite, Workload
from bench.trials.outcome import Failure

LEVELS = ("SGD", "Adam", "AdamW", "NAdam")
BASELINE, ADAM, ADAMW, NADAM = COMBINATIONS = tuple(Combination.of({"optimizer": level}) for level in LEVELS)


@dataclass
class FakeTime:
    """Stands in for the module ``time``."""

    now: float = 500.0

    def monotonic(self) -> float:
        return self.now


@dataclass
class Watcher:
    """Remembers what it was told of the run's advance."""

    told: list[tuple[float, float | None]] = field(default_factory=list)

    def stage(self, text: str) -> None:
        """Nothing of interest here."""

    def advance(self, done: float, remaining_seconds: float | None) -> None:
        self.told.append((round(done, 4), None if remaining_seconds is None else round(remaining_seconds, 4)))

    def note(self, text: str) -> None:
        """Nothing of interest here."""


Script = Callable[["FakeLaunch"], bool]


@dataclass
class FakeLaunch:
    """Stands in for a block whose trials are alive; does what its run's script says."""

    around: Surroundings
    block: Block
    number: int
    scratch: Path
    deadline: float | None = None
    rounds_done: dict[MeasurementName, int] = field(default_factory=dict)

    def write(self, kind: type[Any], combination: Combination, **fields: Any) -> None:
        place = {"launch": self.number, "block": self.block.index, "combination": combination.id}
        self.around.write(kind(**place, **fields))

    def start(self) -> None:
        for combination in self.block.combinations:
            self.write(LaunchRecord, combination, cores=(0,), setup={}, facts={})

    def burst(self, combination: Combination, number: int = 0, seconds: float = 1.0) -> None:
        self.write(
            BurstRecord,
            combination,
            round=number,
            position=0,
            measurement="epoch",
            at=self.around.now(),
            took=seconds,
            values={"seconds": seconds},
        )

    def end(self) -> None:
        self.around.write(BlockEndRecord(launch=self.number, block=self.block.index))


def noisy(number: int) -> float:
    """0.7 s or 1.3 s."""
    return 1.0 + 0.3 * (-1) ** number


def one_round(launch: FakeLaunch) -> bool:
    """Every trial has one burst, too noisy to decide anything, and the baseline lives."""
    launch.start()
    for combination in launch.block.combinations:
        launch.burst(combination, seconds=1.0 if combination == BASELINE else noisy(launch.number))
    launch.end()
    return True


@dataclass
class Rig:
    """An engine whose launches are scripted."""

    folder: Path
    clock: FakeTime
    launches: list[FakeLaunch]

    def plan(self, launches: int, block_size: int = 8, running: Sequence[Combination] = COMBINATIONS) -> Plan:
        rows = tuple(Row(each, None) for each in running)
        return Plan(rows, "cpu", launches, block_size, (0,), dict.fromkeys(running, 1), seed=0)

    def opening(self, suite: Suite) -> list[AnyRecord]:
        head = RunRecord(
            run="abc123",
            started="2026-01-02T03:04:05Z",
            command="bench run",
            suite=suite_json(suite),
            suite_file="mine.yaml",
            environment={},
            block_size=8,
        )
        rows = [
            RowRecord(combination=each.id, levels=each.levels, label=each.label(BASELINE), not_run=None)
            for each in COMBINATIONS
        ]
        return [head, *rows]

    def run(
        self,
        suite: Suite,
        plan: Plan,
        close: Close = close_combinations,
        watcher: Any = None,
        records: list[AnyRecord] | None = None,
    ) -> bool:
        """Run the engine; what ``records`` hold counts as done before."""
        with Journal(self.folder / NAME) as journal:
            if records is None:
                records = self.opening(suite)
                for record in records:
                    journal.write(record)
            engine = LocalEngine(suite, plan, Path("data.yaml"), journal, records, close, watcher or Silent())
            return engine.run()

    @property
    def end(self) -> EndRecord:
        record = read_journal(self.folder)[-1]
        assert isinstance(record, EndRecord)
        return record

    @property
    def started(self) -> list[tuple[int, set[Combination]]]:
        """Block number and members, of each launch."""
        return [(launch.block.index, set(launch.block.combinations)) for launch in self.launches]


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Script], Rig]:
    def scripted(script: Script) -> Rig:
        rig = Rig(tmp_path, FakeTime(), [])

        class Scripted(FakeLaunch):
            def run(self, deadline: float | None, rounds_done: dict[MeasurementName, int]) -> bool:
                self.deadline, self.rounds_done = deadline, rounds_done
                rig.launches.append(self)
                return script(self)

        monkeypatch.setattr(bench.engines.local, "Launch", Scripted)
        monkeypatch.setattr(bench.engines.local, "time", rig.clock)
        return rig

    return scripted


def suite_of(time: float | None = 100.0, rounds: int | None = None) -> Suite:
    return Suite(
        name="mine",
        workload=Workload(model="yolo26n.yaml", device="cpu"),
        axes={"optimizer": LEVELS},
        measure=("epoch",),
        budget=Budget(time=time, rounds=rounds),
    )


def test_every_block_of_every_launch_is_run(rig: Callable[[Script], Rig]) -> None:
    engine = rig(one_round)
    assert engine.run(suite_of(None, 1), engine.plan(launches=3, block_size=3))
    # Three others, two beside each baseline: two blocks a launch.
    assert [launch.block.index for launch in engine.launches] == [0, 1, 2, 3, 4, 5]
    assert [launch.number for launch in engine.launches] == [0, 1, 2, 3, 4, 5]
    assert len({launch.scratch for launch in engine.launches}) == 6
    assert engine.end.reason == "rounds done"


def test_failed_and_not_in_force_combinations_get_no_further_launch(rig: Callable[[Script], Rig]) -> None:
    def script(launch: FakeLaunch) -> bool:
        one_round(launch)
        if launch.number == 0:
            launch.write(FailureRecord, ADAM, failure=Failure.CRASHED, message="killed by SIGSEGV")
        if launch.number == 1:
            launch.write(EvidenceRecord, ADAMW, axis="optimizer", in_force=False, observed="SGD", expected="AdamW")
        return True

    engine = rig(script)
    assert engine.run(suite_of(), engine.plan(launches=4))
    everything, without_failed, still_open = set(COMBINATIONS), {BASELINE, ADAMW, NADAM}, {BASELINE, NADAM}
    assert engine.started == [(0, everything), (1, without_failed), (2, still_open), (3, still_open)]
    assert engine.end.reason == "budget spent"


def test_a_combination_that_is_clearly_faster_gets_no_more_launches(rig: Callable[[Script], Rig]) -> None:
    def script(launch: FakeLaunch) -> bool:
        launch.start()
        for number in range(6):
            for combination in launch.block.combinations:
                wobble = 1 + 0.002 * (-1) ** (number + launch.number)
                # Adam takes half of the baseline's time in every round; of the others nobody can tell.
                others = noisy(number // 2 + launch.number)
                seconds = {BASELINE: 1.0, ADAM: 0.5 * wobble}.get(combination, others)
                launch.burst(combination, number, seconds)
        launch.end()
        return True

    engine = rig(script)
    assert engine.run(suite_of(), engine.plan(launches=12))
    members = [launched for _, launched in engine.started]
    assert members[0] == members[1] == set(COMBINATIONS)
    assert members[-1] == {BASELINE, ADAMW, NADAM}
    measured = [ADAM in launched for launched in members]
    assert measured == sorted(measured, reverse=True), "what is decided stays decided"


def test_rounds_that_were_asked_for_are_made_whatever_comes_of_them(rig: Callable[[Script], Rig]) -> None:
    def script(launch: FakeLaunch) -> bool:
        launch.start()
        for number in range(6):
            for combination in launch.block.combinations:
                launch.burst(combination, number, 0.5 if combination == ADAM else 1.0)
        launch.end()
        return True

    engine = rig(script)
    assert engine.run(suite_of(None, 6), engine.plan(launches=4))
    assert engine.started == [(number, set(COMBINATIONS)) for number in range(4)]


def test_a_run_ends_early_when_all_is_decided(rig: Callable[[Script], Rig]) -> None:
    looks: list[int] = []

    def look(suite: Suite, records: Sequence[AnyRecord]) -> Closing:
        looks.append(max(record.launch for record in records if isinstance(record, BurstRecord)))
        return Closing(frozenset(each.id for each in COMBINATIONS[1:] if each != ADAM or len(looks) > 1), {})

    engine = rig(one_round)
    assert engine.run(suite_of(), engine.plan(launches=9), look)
    assert engine.started == [(0, set(COMBINATIONS)), (1, {BASELINE, ADAM})]
    assert looks == [0, 1], "each look sees the launches before it"
    assert engine.end.reason == "decided"


def test_what_is_set_aside_is_journalled_once_and_in_force_when_resumed(rig: Callable[[Script], Rig]) -> None:
    def look(suite: Suite, records: Sequence[AnyRecord]) -> Closing:
        return Closing(frozenset(), {ADAM.id: "others are nearer"})

    engine = rig(one_round)
    assert engine.run(suite_of(), engine.plan(launches=3), look)
    rest = set(COMBINATIONS) - {ADAM}
    assert engine.started == [(0, set(COMBINATIONS)), (1, rest), (2, rest)]
    aside = [record for record in read_journal(engine.folder) if isinstance(record, SetAsideRecord)]
    assert aside == [SetAsideRecord(combination=ADAM.id, before=1, reason="others are nearer")]


def test_a_look_sees_what_was_set_aside_before_it_and_not_later(rig: Callable[[Script], Rig]) -> None:
    engine = rig(one_round)
    suite = suite_of()
    later = SetAsideRecord(combination=ADAM.id, before=2, reason="others are nearer")
    seen: list[list[AnyRecord]] = []

    def look(suite: Suite, records: Sequence[AnyRecord]) -> Closing:
        seen.append([record for record in records if isinstance(record, SetAsideRecord)])
        return Closing(frozenset(), {})

    assert engine.run(suite, engine.plan(launches=4), look, records=[*engine.opening(suite), later])
    assert seen == [[], [], [later]]


def test_time_that_is_left_is_shared_by_the_blocks_that_are_left(rig: Callable[[Script], Rig]) -> None:
    def script(launch: FakeLaunch) -> bool:
        engine.clock.now += 30.0
        return one_round(launch)

    engine = rig(script)
    assert engine.run(suite_of(time=120.0), engine.plan(launches=2, block_size=3))
    # 120 s for 4 blocks; then 90 for 3, from 30 on; and so on.
    assert [launch.deadline for launch in engine.launches] == [30.0, 60.0, 90.0, 120.0]


def test_a_block_that_took_too_long_takes_from_those_after_it(rig: Callable[[Script], Rig]) -> None:
    def script(launch: FakeLaunch) -> bool:
        engine.clock.now += 90.0
        return one_round(launch)

    engine = rig(script)
    assert engine.run(suite_of(time=120.0), engine.plan(launches=3))
    # 120 / 3; then 30 / 2 after 90; then nothing is left, and still every launch has its rounds.
    assert [launch.deadline for launch in engine.launches] == [40.0, 105.0, 180.0]
    assert engine.end.reason == "budget spent"


def test_a_run_by_rounds_has_no_deadline(rig: Callable[[Script], Rig]) -> None:
    engine = rig(one_round)
    engine.run(suite_of(None, 1), engine.plan(launches=1))
    assert [launch.deadline for launch in engine.launches] == [None]


def test_a_baseline_that_lives_nowhere_fails_the_run(rig: Callable[[Script], Rig]) -> None:
    def script(launch: FakeLaunch) -> bool:
        launch.end()
        return False

    engine = rig(script)
    assert not engine.run(suite_of(), engine.plan(launches=2))
    assert engine.end.reason == "baseline failed"


def test_a_baseline_that_lives_somewhere_does(rig: Callable[[Script], Rig]) -> None:
    def script(launch: FakeLaunch) -> bool:
        return one_round(launch) and launch.number == 1

    engine = rig(script)
    assert engine.run(suite_of(), engine.plan(launches=2))


def test_the_baseline_alone_is_run_when_it_is_all_there_is(rig: Callable[[Script], Rig]) -> None:
    engine = rig(one_round)
    assert engine.run(suite_of(), engine.plan(launches=3, running=[BASELINE]), lambda *_: Closing(frozenset(), {}))
    assert engine.started == [(number, {BASELINE}) for number in range(3)]


def stopped(engine: Rig, suite: Suite, seconds: float) -> list[AnyRecord]:
    """What a journal holds when the second of three blocks was killed in its second round."""
    records = engine.opening(suite)

    def write(record: AnyRecord) -> None:
        records.append(record)

    around: Any = type("Around", (), {"write": staticmethod(write), "now": staticmethod(lambda: seconds)})
    plan = engine.plan(launches=3)
    first, second = (FakeLaunch(around, plan.blocks(n, COMBINATIONS)[0], n, Path()) for n in (0, 1))
    one_round(first)
    second.start()
    for combination in COMBINATIONS:
        second.burst(combination, 0)
    second.burst(ADAM, 1)
    return records


def test_a_resumed_run_goes_on_with_the_block_that_was_stopped(rig: Callable[[Script], Rig]) -> None:
    engine, suite = rig(one_round), suite_of(time=100.0)
    records = stopped(engine, suite, seconds=40.0)
    assert engine.run(suite, engine.plan(launches=3), records=records)
    assert [(launch.block.index, launch.number) for launch in engine.launches] == [(1, 2), (2, 3)]
    assert [launch.rounds_done for launch in engine.launches] == [{"epoch": 1}, {}]
    # The 40 s before the kill count: 60 s are left for two blocks, and the clock of this test stands still.
    assert [launch.deadline for launch in engine.launches] == [70.0, 100.0]


def test_a_run_stopped_after_its_last_block_only_ends(rig: Callable[[Script], Rig]) -> None:
    engine, suite = rig(one_round), suite_of()
    assert engine.run(suite, engine.plan(launches=2))
    records = [record for record in read_journal(engine.folder) if not isinstance(record, EndRecord)]
    engine.launches.clear()
    assert engine.run(suite, engine.plan(launches=2), records=records)
    assert engine.launches == []


def test_bursts_are_counted_without_warm_up() -> None:
    suite = suite_of(None, 5).model_copy(update={"measure": ("epoch", "memory", "data_loading")})
    rows = tuple(Row(each, None) for each in COMBINATIONS)
    plan = Plan(rows, "cpu", 2, 8, (0,), {}, seed=0)
    assert expected_bursts(suite, plan) == 2 * 4 * (5 + 1 + 5)


def test_progress_of_a_run_by_rounds_follows_the_pace_of_its_bursts(rig: Callable[[Script], Rig]) -> None:
    def script(launch: FakeLaunch) -> bool:
        launch.start()
        engine.clock.now += 100.0  # a start, which says nothing of the pace
        launch.burst(BASELINE, -1)
        for number in range(2):
            for combination in (BASELINE, ADAM):
                engine.clock.now += 2.0
                launch.burst(combination, number)
        launch.end()
        return True

    engine, watcher = rig(script), Watcher()
    engine.run(suite_of(None, 2), engine.plan(launches=1, running=[BASELINE, ADAM]), watcher=watcher)
    assert watcher.told == [(0.0, None), (0.25, None), (0.5, 4.0), (0.75, 2.0), (1.0, 0.0)]


def test_progress_of_a_run_with_a_time_is_its_time(rig: Callable[[Script], Rig]) -> None:
    def script(launch: FakeLaunch) -> bool:
        launch.start()
        for seconds in (20.0, 55.0, 45.0):
            engine.clock.now += seconds
            launch.burst(BASELINE)
        launch.end()
        return True

    engine, watcher = rig(script), Watcher()
    engine.run(suite_of(time=100.0), engine.plan(launches=1), watcher=watcher)
    # After 20, 75 and 120 of 100 s: how long the rest takes beyond its time, nobody knows.
    assert watcher.told == [(0.2, 80.0), (0.75, 25.0), (1.0, None)]


def test_progress_of_a_resumed_run_goes_on_where_it_stopped(rig: Callable[[Script], Rig]) -> None:
    engine, watcher, suite = rig(one_round), Watcher(), suite_of(None, 1)
    records = stopped(engine, suite, seconds=40.0)
    engine.run(suite, engine.plan(launches=3), records=records, watcher=watcher)
    # Eight of twelve bursts were of complete rounds; the fake block makes one round in any case.
    assert watcher.told[0] == (0.75, None)
