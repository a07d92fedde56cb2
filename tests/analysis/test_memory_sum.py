"""Parts of memory that miss their peak are warned of."""

from __future__ import annotations

import pytest
from journals import head

from bench.analysis.memory_sum import sum_misses, unexplained_share
from bench.analysis.warnings import _memory_sums
from bench.journal.records import BurstRecord


def burst(**values: float) -> BurstRecord:
    return BurstRecord(
        launch=0,
        block=0,
        round=0,
        position=0,
        measurement="memory_parts",
        combination="0",
        at=0.0,
        took=0.0,
        values=values,
    )


def test_share_is_of_the_peak_that_the_parts_were_taken_at() -> None:
    assert unexplained_share({"peak": 300, "watched_peak": 200, "unexplained": -6}) == -0.03
    assert unexplained_share({"peak": 300}) is None


@pytest.mark.parametrize(("unexplained", "host", "device"), [(5, False, True), (-6, True, True), (2, False, False)])
def test_a_device_is_held_to_less(unexplained: float, host: bool, device: bool) -> None:
    values = {"watched_peak": 100.0, "unexplained": unexplained}
    assert sum_misses({**values, "process": 50.0}) is host
    assert sum_misses(values) is device


def test_warning_names_the_worst_and_leaves_compiled_models_out() -> None:
    good = burst(watched_peak=100, unexplained=4, process=50, activations=46)
    bad = burst(watched_peak=100, unexplained=-7, process=50, activations=57)
    compiled = burst(watched_peak=100, unexplained=50, process=50)
    assert _memory_sums([head(), good, compiled]) == ""
    warning = "In 1 of 2 bursts the parts of memory do not add up to its peak (worst: -7.0% of it unexplained)."
    assert _memory_sums([head(), good, bad, compiled]) == warning
