"""Which bursts of a journal count."""

from __future__ import annotations

from journals import burst, head, row

from bench.journal.bursts import is_warm_up, measured_bursts, rounds_bursts, warm_up_bursts
from bench.journal.records import RECORD, BurstRecord


def test_bursts_are_divided_at_round_0() -> None:
    warm = [burst("a", 0, number, 1.0) for number in (-2, -1)]
    measured = [burst("a", 0, number, 1.0) for number in (0, 1)]
    records = [head(), row("a"), *warm, *measured]
    assert measured_bursts(records) == measured
    assert warm_up_bursts(records) == warm
    assert list(map(is_warm_up, [*warm, *measured])) == [True, True, False, False]


def test_bursts_of_a_part_of_a_schedule_are_made_but_do_not_count() -> None:
    whole, warm = burst("a", 0, 1, 1.0), burst("a", 0, -1, 1.0)
    part = burst("a", 0, 0, 1.0).model_copy(update={"partial_because": "epochs repeat after 50, and a burst had 1"})
    assert measured_bursts([warm, part, whole]) == [whole]
    assert rounds_bursts([warm, part, whole]) == [part, whole]


def test_a_burst_of_a_journal_of_before_is_a_whole_epoch() -> None:
    line = burst("a", 0, 0, 1.0).model_dump(mode="json", exclude={"epochs", "partial"})
    read = RECORD.validate_python(line)
    assert isinstance(read, BurstRecord)
    assert (read.epochs, read.partial_because) == (1, "")
    assert measured_bursts([read]) == [read]
