"""Which trials of a gate start together, in which order, on which cores and for how long."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import pytest
from journals import SUITE, head

import bench.gate.engine
from bench.engines.launch import Surroundings
from bench.engines.progress import Silent
from bench.gate.engine import GateEngine, Pair, grouped
from bench.journal.file import Journal
from bench.journal.records import AnyRecord, CommitRecord, EndRecord, GateRecord
from bench.schedule.plan import Block, Plan
from bench.suite.combination import Combination
from bench.suite.design import Row
from bench.suite.model import Budget, Gate, MeasurementName

GATE = GateRecord(
    base=CommitRecord(commit="1" * 40, subject="Before"), head=CommitRecord(commit="2" * 40, subject="After"), gated=()
)
RUNS = [f"{number:06x}" for number in range(64)]


def pair(level: str) -> Pair:
    combination = Combination.of({"precision": level})
    return Pair(level, replace(combination, revision="base 1111111"), replace(combination, revision="head 2222222"))


FP32, BF16, FP16 = PAIRS = tuple(pair(level) for level in ("fp32", "bf16", "fp16"))


@pytest.mark.parametrize(("size", "number"), [(2, 3), (3, 3), (4, 2), (5, 2), (6, 1), (8, 1)])
def test_both_sides_of_a_pair_are_in_one_block(size: int, number: int) -> None:
    for launch in range(4):
        blocks = grouped(PAIRS, size, launch, "abc123")
        assert len(blocks) == number
        assert max(map(len, blocks)) <= size
        started = Counter(side for block in blocks for side in block)
        assert started == Counter(side for each in PAIRS for side in (each.base, each.head))
        for block in blocks:
            assert all((each.base in block) == (each.head in block) for each in PAIRS)


def head_first(blocks: tuple[tuple[Combination, ...], ...], of: Pair) -> bool:
    started = [side for block in blocks for side in block]
    return started.index(of.head) < started.index(of.base)


def test_each_side_starts_first_in_every_other_launch() -> None:
    for run in RUNS[:8]:
        launches = [grouped(PAIRS, 4, launch, run) for launch in range(10)]
        for each in PAIRS:
            first = [head_first(blocks, each) for blocks in launches]
            assert sum(first) == 5
            assert all(one != other for one, other in pairwise(first))


def test_which_side_begins_is_drawn_from_the_gates_own_id() -> None:
    begun = Counter(head_first(grouped(PAIRS, 4, 0, run), FP32) for run in RUNS)
    assert min(begun[True], begun[False]) >= 16  # of 64


class Clock:
    """Stands in for the module ``time``; time passes only in launches."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@dataclass
class Launches:
    """Stands in for the class of launches: notes each, which takes ``seconds``."""

    clock: Clock
    seconds: float
    blocks: list[Block] = field(default_factory=list)
    deadlines: list[float | None] = field(default_factory=list)
    runs: set[str] = field(default_factory=set)

    def __call__(self, around: Surroundings, block: Block, number: int, scratch: Path) -> Launches:
        assert number == len(self.blocks)
        self.blocks.append(block)
        self.runs.add(around.run)
        return self

    def run(self, deadline: float | None, rounds_done: dict[MeasurementName, int]) -> bool:
        self.deadlines.append(deadline)
        self.clock.now += self.seconds
        return True


def launched(
    monkeypatch: pytest.MonkeyPatch,
    file: Path,
    run: str = "abc123",
    pairs: tuple[Pair, ...] = (FP32, BF16),
    left: frozenset[str] = frozenset({"fp32", "bf16"}),
    seconds: float = 10.0,
) -> tuple[Launches, EndRecord]:
    """What a gate of 80 s launches: four times at most, after two of them only what is ``left``, a pair in a block."""
    launches = Launches(Clock(), seconds)
    monkeypatch.setattr(bench.gate.engine, "time", launches.clock)
    monkeypatch.setattr(bench.gate.engine, "Launch", launches)
    monkeypatch.setattr(bench.gate.engine, "combinations_left", lambda *_: left)
    settings = {"gate": Gate(first_launches=2, launches=4), "budget": Budget(time=80.0, rounds=None)}
    suite = SUITE.model_copy(update=settings)
    sides = [side for each in pairs for side in (each.base, each.head)]
    rows = tuple(Row(side, None) for side in sides)
    plan = Plan(rows, "cpu", 4, 2, tuple(range(16)), dict.fromkeys(sides, 2), seed=0)
    records: list[AnyRecord] = [head(suite).model_copy(update={"run": run}), GATE]
    context = multiprocessing.get_context("spawn")
    with Journal(file) as journal:
        GateEngine(suite, plan, pairs, GATE, context, {}, Path("data.yaml"), journal, records, Silent()).run()
    end = records[-1]
    assert isinstance(end, EndRecord)
    return launches, end


def test_every_launch_starts_both_sides_of_every_pair(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    launches, _ = launched(monkeypatch, tmp_path / "journal")
    assert [(block.index, block.launch) for block in launches.blocks] == [(n, n // 2) for n in range(8)]
    for each in (FP32, BF16):
        first = [block.combinations[0] for block in launches.blocks if each.base in block.combinations]
        assert Counter(first) == {each.base: 2, each.head: 2}
    assert all(len(set(block.cores)) == 2 for block in launches.blocks)


def test_gates_of_one_suite_do_not_repeat_one_draw(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    orders, cores = set(), set()
    for number, run in enumerate([*RUNS[:6], RUNS[0]]):
        launches, _ = launched(monkeypatch, tmp_path / str(number), run)
        assert launches.runs == {run}  # what the order of rounds is drawn from
        orders.add(tuple(block.combinations for block in launches.blocks))
        cores.add(tuple(block.cores for block in launches.blocks))
    assert len(orders) > 1
    assert len(cores) == 6  # a gate of the same id draws the same


def test_the_budget_is_divided_over_what_is_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    launches, end = launched(monkeypatch, tmp_path / "journal", left=frozenset({"bf16"}))
    assert [block.launch for block in launches.blocks] == [0, 0, 1, 1, 2, 3]
    assert all(set(block.combinations) == {BF16.base, BF16.head} for block in launches.blocks[4:])
    # Eight blocks at most share 80 s. After four of 10 s two are left of 40 s; the first of them ends 10 s early.
    assert launches.deadlines == pytest.approx([10.0, 20.0, 30.0, 40.0, 60.0, 80.0])
    assert end.reason == "budget spent"


def test_launches_that_take_longer_leave_less_to_the_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    launches, _ = launched(monkeypatch, tmp_path / "journal", pairs=(FP32,), seconds=50.0)
    # A quarter of 80 s; then a third of the 30 s that are left after 50; then nothing.
    assert launches.deadlines == pytest.approx([20.0, 60.0, 100.0, 150.0])


def test_a_gate_ends_when_nothing_is_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    launches, end = launched(monkeypatch, tmp_path / "journal", left=frozenset())
    assert [block.launch for block in launches.blocks] == [0, 0, 1, 1]
    assert end.reason == "decided"
