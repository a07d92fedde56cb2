"""What a run says of the combinations that were proposed."""

from __future__ import annotations

import pytest
from journals import SUITE, burst, evidence, failure, head, launched, row
from search_cases import run_records

from bench.analysis.analyse import analyse
from bench.analysis.deciding import EPOCH
from bench.journal.records import AnyRecord, LaunchRecord
from bench.search.outcome import Outcome, baseline_outcome, outcomes_of, time_metric
from bench.suite.combination import Combination
from bench.suite.model import MeasurementName


def only(records: list[AnyRecord]) -> Outcome:
    """The outcome of a run's one variant."""
    (outcome,) = outcomes_of(analyse(records), "20260102T030405Z-abc123", EPOCH)
    return outcome


def built(name: str, **facts: int) -> LaunchRecord:
    return launched(name, ready=1.0).model_copy(update={"facts": dict(facts)})


def test_both_ratios_of_a_run_are_taken() -> None:
    outcome = only([*run_records({"fast": (0.5, 1.2)}), built("fast", parameters=1234)])
    assert outcome.combination == Combination.of({"precision": "fast"})
    assert (outcome.label, outcome.run, outcome.problem) == ("fast", "20260102T030405Z-abc123", "")
    assert outcome.values == pytest.approx((0.5, 1.2), rel=1e-3)
    assert outcome.parameters == 1234
    assert outcome.time is not None
    assert outcome.loss is not None
    assert (outcome.time.rounds, outcome.loss.launches) == (4, 2)


def test_every_combination_of_a_run_has_its_outcome() -> None:
    outcomes = outcomes_of(analyse(run_records({"fast": (0.5, 1.2), "good": (2.0, 0.5)})), "run", EPOCH)
    assert [each.label for each in outcomes] == ["fast", "good"]
    assert outcomes[1].values == pytest.approx((2.0, 0.5), rel=1e-3)


def test_a_loss_that_diverges_is_flagged_and_stands() -> None:
    outcome = only(run_records({"fast": (0.5, 4.0)}))
    assert outcome.flag == "diverges"
    assert outcome.values == pytest.approx((0.5, 4.0), rel=1e-3)


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ([failure("fast")], "failed: crashed: killed by SIGSEGV"),
        ([evidence("fast", False)], "not in force: precision: float32; expected bfloat16"),
        ([evidence("base", False)], "the baseline was not in force: precision: float32; expected bfloat16"),
        (
            [built("base", batches=4, batch=4, images=16), built("fast", batches=3, batch=4, images=16)],
            "not comparable: its epoch trains on 12 images, the baseline's on 16",
        ),
    ],
    ids=["failed", "not in force", "baseline not in force", "other work"],
)
def test_what_says_nothing_of_its_combination_has_no_values(told: list[AnyRecord], problem: str) -> None:
    outcome = only([*run_records({"fast": (0.5, 1.2)}), *told])
    assert outcome.problem == problem
    assert (outcome.values, outcome.time, outcome.loss) == (None, None, None)


def test_what_was_not_measured_has_no_values() -> None:
    records: list[AnyRecord] = [head(), row("base"), row("fast"), burst("base", 0, 0, 1.0), burst("fast", 0, 0, 0.5)]
    outcome = only(records)
    assert (outcome.problem, outcome.values) == ("no ratio of training loss", None)


def test_the_baseline_is_itself() -> None:
    outcome = baseline_outcome(analyse([*run_records({"fast": (0.5, 1.2)}), built("base", parameters=99)]))
    assert (outcome.label, outcome.run, outcome.values, outcome.parameters) == ("base", "", (1.0, 1.0), 99)


@pytest.mark.parametrize(
    ("measure", "metric"),
    [
        (("learning", "epoch"), "epoch.seconds"),
        (("forward_backward", "learning", "epoch"), "epoch.seconds"),
        (("forward_backward", "learning"), "forward_backward.seconds_per_image"),
        (("memory", "learning"), None),
    ],
)
def test_the_time_is_the_epochs_else_a_steps(measure: tuple[MeasurementName, ...], metric: str | None) -> None:
    assert time_metric(SUITE.model_copy(update={"measure": measure})) == metric
