"""The noise floor of a run of identical trials, and what reports say of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from journals import SUITE, burst, end, failure, head, row

from bench.analysis.analyse import analyse
from bench.analysis.noise import NoiseFloor, noise_floor, smallest_effect
from bench.analysis.policy import POLICY
from bench.analysis.ratio import Estimate
from bench.analysis.result import Verdict
from bench.analysis.verdict import verdicts
from bench.errors import BenchError
from bench.journal.file import Journal
from bench.journal.records import AnyRecord
from bench.noise_store import store_floor, stored_floor
from bench.noise_view import floor_sentence, noise_text
from bench.run import take_noise_floor


def identical(factors: dict[str, tuple[float, ...]], rounds: Sequence[float] = (1.0, 1.0)) -> list[AnyRecord]:
    """Launches of a few rounds; each copy takes its launch's factor times the round's, the baseline one second."""
    records: list[AnyRecord] = [head(), row("base"), *map(row, factors)]
    for launch in range(len(next(iter(factors.values())))):
        for number, further in enumerate(rounds):
            records.append(burst("base", launch, number, 1.0))
            records += [burst(name, launch, number, by[launch] * further) for name, by in factors.items()]
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
    # Student's t at 4 degrees: 4.604095 at 99.5 %, 2.131847 at 95 %, 0.940965 at 80 %; standard error 0.01.
    # Shown to differ from 0.046041, not equivalent from log(1.02) - 0.021318 < 0; and 0.009410 more.
    estimate = Estimate(0.0, 0.0001, 4.0, rounds=6, launches=3, bounded=0)
    assert smallest_effect({"a": estimate}, 0.02, POLICY) == pytest.approx(math.expm1(0.05545060), rel=1e-5)


def test_what_is_certain_but_within_the_margin_is_no_effect() -> None:
    # Standard error 0.001: shown to differ from 0.004604, not equivalent from log(1.02) - 0.002131847 = 0.017670780;
    # and 0.000940965 more, 0.018611745 in all.
    estimate = Estimate(0.0, 0.000001, 4.0, rounds=6, launches=3, bounded=0)
    assert smallest_effect({"a": estimate}, 0.02, POLICY) == pytest.approx(math.expm1(0.018611745), rel=1e-5)
    assert smallest_effect({"a": estimate}, 0.001, POLICY) == pytest.approx(math.expm1(0.005545060), rel=1e-5)

    def verdict(mean: float) -> Verdict:
        judged = {"a": replace(estimate, mean=mean)}
        return verdicts(judged, 0.02, POLICY.alpha_difference, POLICY.alpha_equivalence)["a"]

    assert (verdict(0.01766), verdict(0.01768)) == (Verdict.EQUIVALENT, Verdict.SLOWER)


def test_the_margin_of_a_floor_is_its_suites() -> None:
    # Nothing varies, so whatever lies beyond the margin is found.
    records = identical({"a": (1.0, 1.0)})
    records[0] = head(SUITE.model_copy(update={"margin": 0.05}))
    floor = noise_floor(records)
    assert (floor.margin, floor.smallest_effect) == (0.05, pytest.approx(0.05))
    text = floor_sentence(floor)
    assert "find a difference of 5.0%, compared alone at a margin of 5 %, four times out of five" in text


def test_floors_from_before_the_margin_was_kept_are_still_told() -> None:
    old = noise_floor(identical({"a": (1.0, 1.0)})).model_dump(exclude={"margin"})
    assert "compared alone, four times out of five" in floor_sentence(NoiseFloor.model_validate(old))


def test_without_a_second_launch_no_effect_can_be_found() -> None:
    estimate = Estimate(0.0, None, 0.0, rounds=6, launches=1, bounded=0)
    assert smallest_effect({"a": estimate}, 0.02, POLICY) is None


def test_one_launch_tells_nothing_of_launches_nor_of_intervals() -> None:
    # Log ratios 0 and 0.2 in the one launch: twice the square of 0.1 over one degree of freedom.
    floor = noise_floor(identical({"a": (1.0,)}, rounds=(1.0, math.exp(0.2))))
    assert (floor.launches, floor.launch_deviation, floor.covered, floor.smallest_effect) == (1, None, None, None)
    assert floor.burst_deviation == pytest.approx(math.sqrt(0.02))
    text = noise_text(floor, Path("floor.json"), Path("run"))
    assert "bursts differ by 14.1% (standard deviation of a ratio), and what launches differ by is unknown" in text
    assert "without a second launch no difference is found" in text
    assert "False alarms and coverage: unknown" in text
    assert "0 of 1" not in text


def test_one_round_a_launch_tells_no_bursts_from_launches() -> None:
    # Log ratios 0 and 0.2 in two launches of one round: their variance is 0.02.
    floor = noise_floor(identical({"a": (1.0, math.exp(0.2))}, rounds=(1.0,)))
    assert floor.burst_deviation is None
    assert floor.launch_deviation == pytest.approx(math.sqrt(0.02))
    text = floor_sentence(floor)
    assert "launches and bursts together differ by 14.1%" in text
    assert "could not be told apart" in text


def test_one_round_of_one_launch_tells_of_no_difference_at_all() -> None:
    floor = noise_floor(identical({"a": (1.0,)}, rounds=(1.0,)))
    assert (floor.launch_deviation, floor.burst_deviation) == (None, None)
    assert "what launches and bursts differ by is unknown" in floor_sentence(floor)


def test_combinations_with_one_round_a_launch_leave_the_bursts_of_others_known() -> None:
    # Of "a" each launch has one round, so only "b" tells of bursts: 0 and 0.2 in both launches, four squares of 0.1
    # over two degrees of freedom.
    records: list[AnyRecord] = [head(), row("base"), row("a"), row("b")]
    for launch in range(2):
        for number, second in enumerate((1.0, math.exp(0.2))):
            records += [burst("base", launch, number, 1.0), burst("b", launch, number, second)]
        records.append(burst("a", launch, 0, 1.0))
    assert noise_floor([*records, end()]).burst_deviation == pytest.approx(math.sqrt(0.02))


def test_a_run_whose_copies_all_failed_leaves_no_floor(tmp_path: Path) -> None:
    records: list[AnyRecord] = [head(), row("base"), row("a"), burst("base", 0, 0, 1.0), failure("a"), end()]
    run = tmp_path / "noise" / "run"
    run.mkdir(parents=True)
    with Journal(run / "journal.jsonl") as journal:
        for record in records:
            journal.write(record)
    with pytest.raises(BenchError, match=r"run abc123 has no noise floor"):
        take_noise_floor(run)
    assert [each.name for each in run.parent.iterdir()] == ["run"]


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


def test_reports_warn_of_a_floor_of_another_metric() -> None:
    floor = noise_floor(identical({"a": (1.0, 1.0)})).model_dump()

    def warnings(measure: str, value: str) -> tuple[str, ...]:
        first = head(SUITE.model_copy(update={"measure": (measure,)})).model_copy(update={"noise_floor": floor})
        bursts = [burst(name, 0, 0, 1.0, measure, value) for name in ("base", "a")]
        return analyse([first, row("base"), row("a"), *bursts, end()]).warnings

    another = "The noise floor shown is of another metric (epoch.seconds)."
    assert another in warnings("data_loading", "seconds_per_image")
    assert another not in warnings("epoch", "seconds")


def test_the_sentence_beside_verdicts_gives_figures_with_their_meaning() -> None:
    floor = noise_floor(identical({"a": (1.0, math.exp(0.2))}))
    text = floor_sentence(floor)
    assert "1 comparisons of identical trials on machine m1" in text
    assert "launches differ by 14.1%" in text
