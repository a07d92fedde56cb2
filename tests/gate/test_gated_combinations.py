"""Which combinations a gate compares."""

from __future__ import annotations

from pathlib import Path

import pytest
from journals import SUITE, burst, clear_run, end, head

from bench.errors import InputError
from bench.gate.gated import check_gate, gated
from bench.journal.file import NAME, Journal
from bench.journal.records import AnyRecord, RowRecord
from bench.suite.combination import Combination
from bench.suite.design import Row
from bench.suite.model import Gate, Suite

FP32, BF16 = (Combination.of({"precision": level}) for level in ("fp32", "bf16"))
ROWS = (Row(FP32, None), Row(BF16, None))


def suite(**gate: object) -> Suite:
    return SUITE.model_copy(update={"gate": Gate.model_validate(gate)})


def stored_run(
    results: Path, name: str, ratio: float, fast: str = "bf16", first: AnyRecord | None = None, last: bool = True
) -> None:
    """Store a run in which ``fast`` takes ``ratio`` times the baseline's seconds."""
    folder = results / SUITE.name / name
    folder.mkdir(parents=True)
    levels = {"base": "fp32", "fast": fast}
    with Journal(folder / NAME) as journal:
        for record in [first or head(), *clear_run(ratio)[1:], *([end()] if last else [])]:
            if isinstance(record, RowRecord):
                record = record.model_copy(update={"levels": {"precision": levels[record.combination]}})
            journal.write(record)


def test_the_best_is_that_of_the_newest_run(tmp_path: Path) -> None:
    stored_run(tmp_path, "20260101T000000Z-aaaaaa", 1.5)
    stored_run(tmp_path, "20260102T000000Z-bbbbbb", 0.5)
    chosen = gated(suite(), ROWS, tmp_path, head())
    assert chosen.combinations == (FP32, BF16)
    assert chosen.remarks == ("the best combination is that of 20260102T000000Z-bbbbbb: fast",)


@pytest.mark.parametrize("other", ["stopped", "workload", "axes", "device"])
def test_runs_that_are_not_like_the_gate_are_passed_over(tmp_path: Path, other: str) -> None:
    workload = SUITE.workload.model_copy(update={"batch": 7})
    firsts = {
        "stopped": head(),
        "workload": head(SUITE.model_copy(update={"workload": workload})),
        "axes": head(SUITE.model_copy(update={"axes": {"precision": ("fp32", "fp16")}})),
        "device": head().model_copy(update={"environment": {"machine_id": "m1", "device": "cuda:0"}}),
    }
    stored_run(tmp_path, "20260101T000000Z-aaaaaa", 0.5)
    stored_run(tmp_path, "20260102T000000Z-bbbbbb", 1.5, first=firsts[other], last=other != "stopped")
    chosen = gated(suite(), ROWS, tmp_path, head())
    assert chosen.combinations == (FP32, BF16)
    assert chosen.remarks == ("the best combination is that of 20260101T000000Z-aaaaaa: fast",)


def test_runs_of_another_workload_only_give_no_best(tmp_path: Path) -> None:
    stored_run(tmp_path, "20260101T000000Z-aaaaaa", 0.5, last=False)
    chosen = gated(suite(), ROWS, tmp_path, head())
    assert chosen.combinations == (FP32,)
    assert "no run of handmade in" in chosen.remarks[0]
    assert "is complete and of this workload, these axes and this device" in chosen.remarks[0]


def test_slower_is_no_best(tmp_path: Path) -> None:
    stored_run(tmp_path, "20260101T000000Z-aaaaaa", 0.5)
    stored_run(tmp_path, "20260102T000000Z-bbbbbb", 1.5)
    chosen = gated(suite(), ROWS, tmp_path, head())
    assert chosen.combinations == (FP32,)
    assert "found nothing faster than the baseline" in chosen.remarks[0]


def test_a_best_that_the_suite_no_longer_has_is_not_gated(tmp_path: Path) -> None:
    stored_run(tmp_path, "20260101T000000Z-aaaaaa", 0.5, fast="fp16")
    chosen = gated(suite(), ROWS, tmp_path, head())
    assert chosen.combinations == (FP32,)
    assert "is not run by the suite here" in chosen.remarks[0]


def test_without_a_run_the_baseline_is_gated_alone(tmp_path: Path) -> None:
    chosen = gated(suite(), ROWS, tmp_path, head())
    assert chosen.combinations == (FP32,)
    assert "no run of handmade is stored" in chosen.remarks[0]


def test_levels_may_be_named(tmp_path: Path) -> None:
    assert gated(suite(combinations=[{"precision": "bf16"}]), ROWS, tmp_path, head()).combinations == (BF16,)
    both = suite(combinations=[{"precision": "bf16"}, "baseline", {"precision": "bf16"}])
    assert gated(both, ROWS, tmp_path, head()).combinations == (BF16, FP32)


BATCHES = SUITE.model_copy(update={"axes": {"batch": (8, 16, "largest")}})
EIGHT, SIXTEEN, LARGEST = (Combination.of({"batch": level}) for level in (8, 16, "largest"))
BATCH_ROWS = tuple(Row(each, None) for each in (EIGHT, SIXTEEN, LARGEST))


def stored_batches(results: Path, sixteen: float, largest: float) -> None:
    """Store a run in which batches of 16 and the largest take so many times the seconds of batches of 8."""
    folder = results / BATCHES.name / "20260101T000000Z-aaaaaa"
    folder.mkdir(parents=True)
    records: list[AnyRecord] = [head(BATCHES)]
    records += [
        RowRecord(combination=each.id, levels=each.levels, label=each.label(EIGHT))
        for each in (EIGHT, SIXTEEN, LARGEST)
    ]
    for launch in range(3):
        for number in range(4):
            wobble = 1 + 0.01 * (-1) ** (launch + number)
            ratios = ((EIGHT, 1.0), (SIXTEEN, sixteen * wobble), (LARGEST, largest * wobble))
            records += [burst(each.id, launch, number, ratio * wobble) for each, ratio in ratios]
    with Journal(folder / NAME) as journal:
        for record in [*records, end()]:
            journal.write(record)


def test_the_largest_batch_is_no_best_one(tmp_path: Path) -> None:
    stored_batches(tmp_path, sixteen=0.7, largest=0.5)
    chosen = gated(BATCHES, BATCH_ROWS, tmp_path, head(BATCHES))
    assert chosen.combinations == (EIGHT, SIXTEEN)
    (remark,) = chosen.remarks
    assert remark.startswith(
        "the best combination is that of 20260101T000000Z-aaaaaa: batch=16; those with batch=largest"
    )


def test_where_only_the_largest_batch_is_faster_the_baseline_is_gated_alone(tmp_path: Path) -> None:
    stored_batches(tmp_path, sixteen=1.5, largest=0.5)
    chosen = gated(BATCHES, BATCH_ROWS, tmp_path, head(BATCHES))
    assert chosen.combinations == (EIGHT,)
    (remark,) = chosen.remarks
    assert "found faster than the baseline only what has batch=largest" in remark


@pytest.mark.parametrize(
    ("wanted", "baseline", "found"),
    [
        ([{"batch": "largest"}], EIGHT, r"gate\.combinations\[0\]: found batch=largest, whose batch is largest"),
        (["baseline"], LARGEST, r"gate\.combinations\[0\]: found baseline, whose batch is largest"),
        (["best"], LARGEST, r"gate\.combinations: found baseline, whose batch is largest"),
    ],
)
def test_the_largest_batch_is_refused(tmp_path: Path, wanted: list[object], baseline: Combination, found: str) -> None:
    rows = sorted(BATCH_ROWS, key=lambda row: row.combination != baseline)
    with pytest.raises(InputError, match=f"{found}.*a batch of a number"):
        gated(suite(combinations=wanted), rows, tmp_path, head())


def test_combinations_outside_the_design_and_those_that_cannot_run_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gate.combinations\[1\]: found precision=fp16, which is not in the suite's"):
        gated(suite(combinations=["baseline", {"precision": "fp16"}]), ROWS, tmp_path, head())
    rows = (Row(FP32, None), Row(BF16, "needs CUDA"))
    with pytest.raises(InputError, match="which is not run: needs CUDA"):
        gated(suite(combinations=[{"precision": "bf16"}]), rows, tmp_path, head())


@pytest.mark.parametrize("metric", ["data_loading.images_per_second", "epoch.steps", "epoch.training_loss"])
def test_metrics_of_which_less_is_not_better_are_refused(metric: str) -> None:
    with pytest.raises(InputError, match=r"gate.metrics\[0\]"):
        check_gate(suite(metrics=[metric]))


def test_a_metric_of_no_measurement_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean 'epoch'"):
        check_gate(suite(metrics=["epochs.seconds"]))


def test_a_regression_within_the_margin_is_refused() -> None:
    with pytest.raises(InputError, match=r"gate\.regression: found 0\.02"):
        check_gate(suite(regression="2%"))
    check_gate(suite(regression="3%"))
