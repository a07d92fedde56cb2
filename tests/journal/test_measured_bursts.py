"""Which bursts of a journal count."""

from __future__ import annotations

from journals import burst, head, row

from bench.journal.bursts import is_warm_up, measured_bursts, warm_up_bursts


def test_bursts_are_divided_at_round_0() -> None:
    warm = [burst("a", 0, number, 1.0) for number in (-2, -1)]
    measured = [burst("a", 0, number, 1.0) for number in (0, 1)]
    records = [head(), row("a"), *warm, *measured]
    assert measured_bursts(records) == measured
    assert warm_up_bursts(records) == warm
    assert list(map(is_warm_up, [*warm, *measured])) == [True, True, False, False]
