"""What is selected of a suite, and what a run says of an item; nothing is run."""

from __future__ import annotations

from pathlib import Path

from pytest_runs import METRICS, suite_folder

from bench.analysis.result import Analysis, Figure, Ratio, RowResult, Verdict
from bench.integrations.measured import TIMED_METRICS, Measured, extra_info, narrowed, obstacle, samples
from bench.integrations.pytest_suite import item_label
from bench.journal.records import BurstRecord, RunRecord
from bench.run import Prepared, prepare
from bench.suite.combination import Combination

BASELINE = Combination.of({"precision": "fp32"})
SHORTER = Combination.of({"precision": "bf16"})
EPOCH, DATA_LOADING, FORWARD, BACKWARD = TIMED_METRICS


def planned(tmp_path: Path) -> Prepared:
    return prepare(suite_folder(tmp_path) / "small.yaml", {})


def labels(prepared: Prepared) -> list[str]:
    return [row.combination.label(prepared.plan.baseline) for row in prepared.plan.rows]


def burst(round_number: int, combination: Combination, **values: float) -> BurstRecord:
    return BurstRecord(
        launch=0,
        block=0,
        round=round_number,
        position=0,
        measurement="epoch",
        combination=combination.id,
        at=0.0,
        took=1.0,
        values=values,
    )


def row(verdict: Verdict, reason: str = "") -> RowResult:
    return RowResult(SHORTER.id, "precision=bf16", {"precision": "bf16"}, verdict, reason)


def test_narrowed_runs_the_selected_and_the_baseline(tmp_path: Path) -> None:
    whole = planned(tmp_path)
    one = narrowed(whole, {whole.plan.rows[3].combination})
    assert labels(one) == ["baseline", "memory_format=channels_last"]
    assert one.suite.name == whole.suite.name
    assert one.suite.axes == whole.suite.axes


def test_narrowed_keeps_the_order_of_the_design_and_rows_that_are_not_run(tmp_path: Path) -> None:
    whole = planned(tmp_path)
    two = narrowed(whole, {whole.plan.rows[2].combination, whole.plan.rows[1].combination})
    assert labels(two) == ["baseline", "precision=bf16", "precision=fp16"]
    assert [each.not_run is None for each in two.plan.rows] == [True, True, False]


def test_narrowed_to_all_is_the_suite_as_it_was(tmp_path: Path) -> None:
    whole = planned(tmp_path)
    assert narrowed(whole, {each.combination for each in whole.plan.rows}) is whole
    assert narrowed(whole, {each.combination for each in whole.plan.rows[1:]}) is whole


def test_timed_metrics_are_those_in_seconds() -> None:
    assert [metric.name for metric in (EPOCH, DATA_LOADING, FORWARD, BACKWARD)] == list(METRICS)


def test_samples_are_of_all_launches_without_warm_up() -> None:
    records = [
        burst(-2, SHORTER, seconds=9.0),
        burst(-1, SHORTER, seconds=8.0),
        burst(0, SHORTER, seconds=1.0, steps=4.0),
        burst(0, BASELINE, seconds=7.0),
        burst(1, SHORTER, seconds=3.0),
        burst(0, SHORTER, seconds=2.0),
    ]
    assert samples(records, SHORTER, EPOCH) == (1.0, 3.0, 2.0)
    assert samples(records, SHORTER, DATA_LOADING) == ()


def test_figures_of_a_good_row_are_shown() -> None:
    assert obstacle(row(Verdict.FASTER), (1.0,)) is None
    assert obstacle(row(Verdict.UNDECIDED), (1.0,)) is None


def test_figures_of_a_bad_row_are_not_shown() -> None:
    failed = obstacle(row(Verdict.FAILED, "crashed: signal 9"), (1.0,))
    assert failed == "precision=bf16 failed: crashed: signal 9"
    not_in_force = obstacle(row(Verdict.NOT_IN_FORCE, "precision: float32; expected bfloat16"), (1.0,))
    assert not_in_force == "precision=bf16 is not in force: precision: float32; expected bfloat16"
    assert obstacle(row(Verdict.UNDECIDED), ()) is not None


def test_extra_info_is_of_its_own_metric(tmp_path: Path) -> None:
    result = RowResult(
        SHORTER.id,
        "precision=bf16",
        {"precision": "bf16"},
        Verdict.FASTER,
        ratios={
            "epoch.seconds": Ratio(0.8, 0.75, 0.85, rounds=12, launches=2, p_value=0.001),
            "forward_backward.forward": Ratio(0.5, None, None, rounds=4, launches=1),
        },
        figures={"memory.peak": Figure(2_000_000.0, None, 1)},
    )
    suite = planned(tmp_path).suite
    head = RunRecord(
        run="ab12cd", started="", command="", suite={}, suite_file="small.yaml", environment={}, block_size=8
    )
    analysis = Analysis(head, suite, "epoch.seconds", 0.95, (result,), (), 1.0, True)
    info = extra_info(Measured(Path("results/small/x"), (), analysis), SHORTER, FORWARD)
    assert info == {
        "suite": "small",
        "levels": {"precision": "bf16"},
        "metric": "forward_backward.forward",
        "ratio": {
            "value": 0.5,
            "low": None,
            "high": None,
            "rounds": 4,
            "launches": 1,
            "p_value": None,
            "confidence": 0.95,
        },
        "verdict": "faster",
        "verdict_metric": "epoch.seconds",
        "memory_peak_bytes": 2_000_000,
        "run": "results/small/x",
    }


def test_item_labels_have_no_spaces() -> None:
    baseline = Combination.of({"precision": "fp32", "prune": {"method": "none"}})
    changed = Combination.of({"precision": "bf16", "prune": {"method": "magnitude", "share": 0.5, "steps": 2}})
    assert item_label(baseline, baseline) == "baseline"
    assert item_label(changed, baseline) == "precision=bf16-prune=magnitude(share=0.5,steps=2)"
