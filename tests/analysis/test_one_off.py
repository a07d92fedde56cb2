"""One-off costs and when they are paid for, worked out by hand."""

from __future__ import annotations

import pytest
from journals import burst, head, launched, row

from bench.analysis.analyse import analyse
from bench.analysis.gathered import gather
from bench.analysis.one_off import cold_launches, is_clearly_cheaper, one_off_costs, pays_off_after, setup_seconds
from bench.analysis.result import OneOff, RowResult
from bench.journal.records import AnyRecord


def compiled(name: str, launch: int, number: int, seconds: float, compilation: float) -> AnyRecord:
    """An epoch of ``seconds``, of which the compiler took ``compilation``."""
    epoch = burst(name, launch, number, seconds)
    return epoch.model_copy(update={"values": {**epoch.values, "compilation": compilation}})


def began(name: str, launch: int, fresh_caches: bool) -> AnyRecord:
    return launched(name, launch, ready=1.0).model_copy(update={"fresh_caches": fresh_caches})


def test_excess_of_warming_up_joins_the_set_up() -> None:
    # warm-up epochs 10 + 3 and 7 against steady 2: 9 and 5
    records: list[AnyRecord] = [
        launched("a", 0, ready=4.0),
        launched("a", 1, ready=6.0),
        launched("b", 1, ready=60.0),
        burst("a", 0, -1, 10.0),
        burst("a", 0, -2, 3.0),
        burst("a", 1, -1, 7.0),
        burst("b", 1, -1, 70.0),
    ]
    first, later = one_off_costs(gather(records)["a"], steady_epoch=2.0)
    assert first == OneOff(ready=4.0, compilation=0.0, warm_up=9.0)
    assert first.total == pytest.approx(13.0)
    assert later == OneOff(ready=6.0, compilation=0.0, warm_up=5.0)
    assert later.total == pytest.approx(11.0)


def test_warm_up_bursts_of_several_epochs_count_all_of_them() -> None:
    # ready after 4 s; two epochs of 3 s on average against steady 2 take 2 s more, of which the compiler took 1 s
    warm_up = burst("a", 0, -1, 3.0)
    warm_up = warm_up.model_copy(update={"epochs": 2, "values": {**warm_up.values, "compilation": 0.5}})
    records: list[AnyRecord] = [launched("a", 0, ready=4.0), warm_up]
    assert one_off_costs(gather(records)["a"], steady_epoch=2.0) == (
        OneOff(ready=4.0, compilation=1.0, warm_up=1.0),
        None,
    )


def test_later_launches_are_told_by_their_medians_apart_from_the_first() -> None:
    # The first compiles for 6 + 1 s, later ones for 2, 9 and 4 s: median 4; what compiles in rounds is no part of it.
    records: list[AnyRecord] = [launched("a", launch, ready=1.0 + launch) for launch in range(4)]
    records += [compiled("a", 0, -1, 10.0, 6.0), compiled("a", 0, -2, 3.0, 1.0)]
    records += [compiled("a", launch, -1, 12.0, seconds) for launch, seconds in ((1, 2.0), (2, 9.0), (3, 4.0))]
    records += [compiled("a", 1, 0, 60.0, 50.0)]
    first, later = one_off_costs(gather(records)["a"], steady_epoch=2.0)
    # 10 + 3 s of which 7 s compiled, 2 epochs of 2 s
    assert first == OneOff(ready=1.0, compilation=7.0, warm_up=2.0)
    # beyond 2 s and compilation 8, 1 and 6 s; ready after 2, 3 and 4 s
    assert later == OneOff(ready=3.0, compilation=4.0, warm_up=6.0)


def test_a_launch_that_never_warmed_up_is_not_the_first() -> None:
    records: list[AnyRecord] = [launched("a", 0, ready=1.0), launched("a", 1, ready=3.0), burst("a", 1, -1, 7.0)]
    assert one_off_costs(gather(records)["a"], steady_epoch=2.0) == (
        OneOff(ready=3.0, compilation=0.0, warm_up=5.0),
        None,
    )
    assert one_off_costs(gather(records[:2])["a"], steady_epoch=2.0) == (None, None)


def test_launches_that_a_resumed_run_begins_anew_with_are_no_later_ones() -> None:
    records: list[AnyRecord] = [began("a", launch, fresh_caches=launch in {0, 2}) for launch in range(5)]
    compilations = [30.0, 3.0, 40.0, 5.0, 4.0]
    records += [compiled("a", launch, -1, 50.0, seconds) for launch, seconds in enumerate(compilations)]
    first, later = one_off_costs(gather(records)["a"], steady_epoch=2.0)
    # 50 s less 2 s of a steady epoch less 30 s; the later ones compiled for 3, 5 and 4 s
    assert first == OneOff(ready=1.0, compilation=30.0, warm_up=18.0, fresh_caches=True)
    assert later == OneOff(ready=1.0, compilation=4.0, warm_up=44.0, fresh_caches=False)


def test_without_a_steady_epoch_compilation_is_known_and_the_rest_is_not() -> None:
    records: list[AnyRecord] = [launched("a", 0, ready=1.0), compiled("a", 0, -1, 10.0, 6.0)]
    first, _ = one_off_costs(gather(records)["a"], steady_epoch=None)
    assert first == OneOff(ready=1.0, compilation=6.0, warm_up=None)
    assert first.total is None
    assert pays_off_after(first, first, epoch=1.0, baseline_epoch=2.0) is None
    assert not is_clearly_cheaper(first, first)


def test_parts_before_the_first_epoch_are_medians_over_launches() -> None:
    records = [launched("a", 0, data=1.0, ready=4.0), launched("a", 1, ready=6.0)]
    assert setup_seconds(gather(records)["a"]) == {"data": 0.5, "ready": 5.0}


def test_compilation_pays_off_after_its_cost_over_what_an_epoch_saves() -> None:
    # 220 s more once, 2 s saved each epoch
    baseline, dear, cheap = OneOff(10.0, 0.0, 0.0), OneOff(10.0, 200.0, 20.0), OneOff(5.0, 0.0, 0.0)
    assert pays_off_after(dear, baseline, epoch=8.0, baseline_epoch=10.0) == pytest.approx(110.0)
    assert pays_off_after(cheap, baseline, epoch=8.0, baseline_epoch=10.0) == 0.0
    assert pays_off_after(dear, baseline, epoch=10.0, baseline_epoch=10.0) is None
    assert pays_off_after(None, baseline, epoch=8.0, baseline_epoch=10.0) is None


def faster_by_a_second(compilations: tuple[float, ...]) -> tuple[RowResult, ...]:
    """Rows of epochs of 2 s and of 1 s; in each launch the latter compiles for so long first."""
    records: list[AnyRecord] = [head(), row("base"), row("fast")]
    for launch, seconds in enumerate(compilations):
        records += [launched("base", launch, ready=1.0), launched("fast", launch, ready=11.0)]
        records += [burst("base", launch, -1, 2.0), compiled("fast", launch, -1, 1.0 + seconds, seconds)]
        for number in range(4):
            records += [burst("base", launch, number, 2.0), burst("fast", launch, number, 1.0)]
    return analyse(records).rows


def test_only_a_faster_row_pays_off() -> None:
    base, fast = faster_by_a_second((0.0, 0.0, 0.0))
    assert base.pays_off_after is None
    # 10 s more once, 1 s saved each epoch
    assert fast.pays_off_after == pytest.approx(10.0)
    assert fast.pays_off_after_later is None


@pytest.mark.parametrize(
    ("later", "after_later"),
    [
        (9.0, 19.0),  # 11 + 9 s are less than half of 11 + 39 s, and 19 s more than the baseline's
        (14.0, None),  # 11 + 14 s are half
    ],
)
def test_it_pays_off_its_first_launch_and_apart_from_that_clearly_cheaper_ones(
    later: float, after_later: float | None
) -> None:
    _, fast = faster_by_a_second((39.0, later, later))
    assert fast.one_off is not None
    assert fast.one_off.total == pytest.approx(50.0)
    # 49 s more than the baseline's 1 s, 1 s saved each epoch
    assert fast.pays_off_after == pytest.approx(49.0)
    assert fast.pays_off_after_later == (None if after_later is None else pytest.approx(after_later))


def test_trials_that_never_settled_are_counted() -> None:
    def warm_up(name: str, steps: tuple[float, ...]) -> AnyRecord:
        return burst(name, 0, -1, 1.0).model_copy(update={"series": {"step": steps}})

    records = [warm_up("base", (9.0, 1.0, 1.0, 1.0, 1.0)), warm_up("a", (5.0, 4.0, 3.0, 2.0))]
    assert cold_launches(records) == (1, 2)
