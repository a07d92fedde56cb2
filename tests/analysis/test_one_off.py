"""One-off costs and when they are paid for, worked out by hand."""

from __future__ import annotations

import pytest
from journals import burst, head, launched, row

from bench.analysis.analyse import analyse
from bench.analysis.one_off import cold_launches, compilation_seconds, one_off_seconds, pays_off_after
from bench.journal.records import AnyRecord


def test_excess_of_warming_up_joins_the_set_up() -> None:
    # ready after 4 s and 6 s, median 5; warm-up epochs 10 + 3 and 7 against steady 2: 9 and 5, median 7
    records: list[AnyRecord] = [
        launched("a", 0, ready=4.0),
        launched("a", 1, ready=6.0),
        burst("a", 0, -1, 10.0),
        burst("a", 0, -2, 3.0),
        burst("a", 1, -1, 7.0),
    ]
    assert one_off_seconds(records, "a", steady_epoch=2.0) == pytest.approx(12.0)


def test_warm_up_bursts_of_several_epochs_count_all_of_them() -> None:
    # ready after 4 s; two epochs of 3 s on average against steady 2 take 2 s more, of which the compiler took 1 s
    warm_up = burst("a", 0, -1, 3.0)
    warm_up = warm_up.model_copy(update={"epochs": 2, "values": {**warm_up.values, "compilation": 0.5}})
    records: list[AnyRecord] = [launched("a", 0, ready=4.0), warm_up]
    assert one_off_seconds(records, "a", steady_epoch=2.0) == pytest.approx(6.0)
    assert compilation_seconds(records, "a") == pytest.approx(1.0)


def test_the_compilers_share_of_warming_up_is_reported_apart() -> None:
    def compiling(launch: int, number: int, seconds: float) -> AnyRecord:
        epoch = burst("a", launch, number, 10.0)
        return epoch.model_copy(update={"values": {**epoch.values, "compilation": seconds}})

    # 6 + 1 s in the first launch, 2 s in the second: median 4.5 s; what compiles later is no part of it
    records = [compiling(0, -1, 6.0), compiling(0, -2, 1.0), compiling(1, -1, 2.0), compiling(1, 0, 50.0)]
    assert compilation_seconds(records, "a") == pytest.approx(4.5)
    assert compilation_seconds([burst("a", 0, 0, 1.0)], "a") is None
    result = analyse([head(), row("a"), launched("a", 0, ready=1.0), *records[:1], burst("a", 0, 0, 2.0)]).rows[0]
    assert result.setup["compilation"] == pytest.approx(6.0)


def test_compilation_pays_off_after_its_cost_over_what_an_epoch_saves() -> None:
    # 220 s more once, 2 s saved each epoch
    assert pays_off_after(230.0, 10.0, epoch=8.0, baseline_epoch=10.0) == pytest.approx(110.0)
    assert pays_off_after(5.0, 10.0, epoch=8.0, baseline_epoch=10.0) == 0.0
    assert pays_off_after(230.0, 10.0, epoch=10.0, baseline_epoch=10.0) is None


def test_only_a_faster_row_pays_off() -> None:
    records: list[AnyRecord] = [head(), row("base"), row("fast")]
    for launch in range(3):
        records += [launched("base", launch, ready=1.0), launched("fast", launch, ready=11.0)]
        records += [burst("base", launch, -1, 2.0), burst("fast", launch, -1, 1.0)]
        for number in range(4):
            records += [burst("base", launch, number, 2.0), burst("fast", launch, number, 1.0)]
    base, fast = analyse(records).rows
    assert base.pays_off_after is None
    # 10 s more once, 1 s saved each epoch
    assert fast.pays_off_after == pytest.approx(10.0)


def test_trials_that_never_settled_are_counted() -> None:
    def warm_up(name: str, steps: tuple[float, ...]) -> AnyRecord:
        return burst(name, 0, -1, 1.0).model_copy(update={"series": {"step": steps}})

    records = [warm_up("base", (9.0, 1.0, 1.0, 1.0, 1.0)), warm_up("a", (5.0, 4.0, 3.0, 2.0))]
    assert cold_launches(records) == (1, 2)
