"""The noise floor of a run of identical trials, and what reports say of it."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from journals import burst, end, head, row

from bench.analysis.analyse import analyse
from bench.analysis.noise import NoiseFloor, noise_floor, smallest_effect
from bench.analysis.policy import POLICY
from bench.analysis.ratio import Estimate
from bench.journal.records import AnyRecord
from bench.noise_store import store_floor, stored_floor
from bench.noise_view import floor_sentence


def identical(factors: dict[str, tuple[float, float]]) -> list[AnyRecord]:
    """Two launches of two rounds; each copy takes its launch's factor times the baseline's second."""
    records: list[AnyRecord] = [head(), row("base"), *map(row, factors)]
    for launch in range(2):
        for number in range(2):
            records.append(burst("base", launch, number, 1.0))
            records += [burst(name, launch, number, by[launch]) for name, by in factors.items()]
    return [*records, end()]


def test_deviation_between_launches_is_that_of_their_locations() -> None:
    # Log ratios 0 and 0.2 in each launch, no variance within: spread of launches 0.02.
    floor = noise_floor(identical({"a": (1.0, math.exp(0.2))}))
    assert floor.launch_deviation == pytest.approx(math.sqrt(0.02))
    assert floor.burst_deviation == 0.0
    assert (floor.comparisons, floor.launches, floor.rounds) == (1, 2, 4.0)
    assert (floor.machine_id, floor.metric) == ("m1", "epoch.seconds")


def test_false_alarms_and_coverage_are_counted() -> None:
    # One copy always takes half: called faster with certainty, and its interval, of no width, misses 1.
    floor = noise_floor(identical({"a": (0.5, 0.5), "b": (1.0, 1.0)}))
    assert (floor.false_alarms, floor.covered) == (1, 1)


def test_smallest_effect_is_worked_out_by_hand() -> None:
    # Student's t at 4 degrees: 4.604095 at 99.5 %, 0.940965 at 80 %; standard error 0.01.
    estimate = Estimate(0.0, 0.0001, 4.0, rounds=6, launches=3, bounded=0)
    assert smallest_effect({"a": estimate}, POLICY) == pytest.approx(math.expm1(0.05545060), rel=1e-5)


def test_without_a_second_launch_no_effect_can_be_found() -> None:
    estimate = Estimate(0.0, None, 0.0, rounds=6, launches=1, bounded=0)
    assert smallest_effect({"a": estimate}, POLICY) is None


def test_the_machines_own_floor_comes_before_another_machines(tmp_path: Path) -> None:
    (tmp_path / "noise").mkdir()
    floor = noise_floor(identical({"a": (1.0, 1.0)}))
    assert stored_floor(tmp_path, "m1") is None
    store_floor(tmp_path / "noise", floor.model_copy(update={"machine_id": "m2", "taken": "2026-02-01T00:00:00Z"}))
    other = stored_floor(tmp_path, "m1")
    assert other is not None
    assert other["machine_id"] == "m2"
    store_floor(tmp_path / "noise", floor)
    own = stored_floor(tmp_path, "m1")
    assert own is not None
    assert own["machine_id"] == "m1"


def test_an_older_floor_replaces_none(tmp_path: Path) -> None:
    floor = noise_floor(identical({"a": (1.0, 1.0)}))
    newer, newest = (floor.model_copy(update={"taken": f"2026-0{month}-01T00:00:00Z"}) for month in (2, 3))
    for each, kept in ((newer, newer), (floor, newer), (newest, newest)):
        file = store_floor(tmp_path, each)
        assert NoiseFloor.model_validate_json(file.read_text()) == kept


def test_reports_warn_of_a_floor_that_is_missing_or_another_machines() -> None:
    floor = noise_floor(identical({"a": (1.0, 1.0)}))

    def warnings(noise: dict[str, object] | None) -> tuple[str, ...]:
        records = identical({"a": (1.0, 1.0)})
        records[0] = head().model_copy(update={"noise_floor": noise})
        return analyse(records).warnings

    assert any("bench noise" in text for text in warnings(None))
    assert any("another machine (m2)" in text for text in warnings({**floor.model_dump(), "machine_id": "m2"}))
    assert not any("noise" in text for text in warnings(floor.model_dump()))


def test_the_sentence_beside_verdicts_gives_figures_with_their_meaning() -> None:
    floor = noise_floor(identical({"a": (1.0, math.exp(0.2))}))
    text = floor_sentence(floor)
    assert "1 comparisons of identical trials on machine m1" in text
    assert "launches differ by 14.1%" in text
