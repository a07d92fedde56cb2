"""What a journal holds of each combination, and that it is read as often for many of them as for few."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from journals import SUITE, burst, clear_run, end, evidence, failure, head, launched, row

from bench.analysis.analyse import analyse
from bench.analysis.gathered import Gathered, gather
from bench.analysis.interim import close_combinations
from bench.benchmarks.report_time import widened
from bench.journal.records import AnyRecord, SetAsideRecord


def test_records_are_gathered_by_combination_in_their_order() -> None:
    part = burst("a", 0, 1, 2.0).model_copy(update={"partial_because": "epochs repeat after 50, and a burst had 1"})
    warm, first, later, other = (
        burst("a", 0, -1, 9.0),
        burst("a", 0, 0, 1.0),
        burst("a", 1, 0, 3.0),
        burst("b", 0, 0, 4.0),
    )
    began, again, beside = launched("a", 0), launched("a", 1), launched("b", 0)
    shown, against, failed = evidence("a", True), evidence("a", False, 1), failure("b")
    aside = SetAsideRecord(combination="b", before=1, reason="others are nearer")
    records: list[AnyRecord] = [
        *(head(), row("a"), row("b"), row("c"), began, beside),
        *(warm, first, other, part, shown, failed, again, later, against, aside, end()),
    ]
    assert gather(records) == {
        "a": Gathered((began, again), (warm,), (first, part, later), (shown, against)),
        "b": Gathered((beside,), (), (other,), (), (failed,), (aside,)),
        "c": Gathered(),
    }


def test_what_its_records_say_of_a_combination() -> None:
    part = burst("a", 0, 1, 2.0).model_copy(update={"partial_because": "epochs repeat after 50, and a burst had 1"})
    whole, against = burst("a", 0, 0, 1.0), evidence("a", False)
    began, again = (launched("a", launch).model_copy(update={"facts": {"images": 8 + launch}}) for launch in range(2))
    own = gather([began, again, whole, part, evidence("a", True), against])["a"]
    assert own.facts == {"images": 9}
    assert own.measured == [whole]
    assert own.contradictions == (against,)
    assert Gathered().facts == {}


class Counted(list[AnyRecord]):
    """A journal that counts how often it is read."""

    times = 0

    def __iter__(self) -> Iterator[AnyRecord]:
        self.times += 1
        return super().__iter__()

    def __reversed__(self) -> Iterator[AnyRecord]:
        self.times += 1
        return super().__reversed__()


@pytest.mark.parametrize(
    "read",
    [analyse, lambda records: close_combinations(SUITE, records)],
    ids=["analysis", "look between launches"],
)
def test_a_journal_is_read_as_often_for_many_combinations_as_for_few(read: Callable[[Counted], object]) -> None:
    narrow, wide = (
        Counted(widened([*clear_run(0.5), launched("fast", ready=1.0), evidence("fast", True), end()], combinations))
        for combinations in (2, 9)
    )
    read(narrow)
    read(wide)
    assert wide.times == narrow.times > 0
