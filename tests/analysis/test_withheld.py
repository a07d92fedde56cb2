"""Ratios that show nothing of their rows are not shown, and rows say what is not compared."""

from __future__ import annotations

import pytest
from journals import SUITE, burst, head, launched

from bench.analysis.analyse import analyse
from bench.analysis.result import RowResult, Verdict
from bench.journal.records import AnyRecord, RowRecord
from bench.optimizations.registry import registry
from bench.suite.model import Level, MeasurementName

LEVELS: dict[str, dict[str, Level]] = {
    "base": {"multi_scale": 0.0, "precision": "fp32"},
    "scaled": {"multi_scale": 0.5, "precision": "fp32"},
    "bf16": {"multi_scale": 0.0, "precision": "bf16"},
    "both": {"multi_scale": 0.5, "precision": "bf16"},
}
SEEN = {"base": 1.0, "scaled": 1.0, "bf16": 0.5, "both": 0.5}
"""What fixed batches show: they are never scaled."""
UNSEEN = "forward_backward does not see multi_scale: its batches are fixed"


def rows_of(measure: tuple[MeasurementName, ...], told: bool = True) -> dict[str, RowResult]:
    """Return the rows of three launches of four rounds; the epochs of scaled batches take twice as long."""
    suite = SUITE.model_copy(update={"measure": measure})
    records: list[AnyRecord] = [head(suite)]
    records += [RowRecord(combination=name, levels=levels, label=name) for name, levels in LEVELS.items()]
    for launch in range(3):
        for name, levels in LEVELS.items():
            facts = {"unseen_by_fixed_batches": ["multi_scale"]} if told else {}
            records.append(launched(name, launch, ready=1.0).model_copy(update={"facts": facts}))
            for number in range(4):
                wobble = 1 + 0.01 * (-1) ** (launch + number)
                seconds = SEEN[name] * (wobble if name == "base" else wobble**2)
                records.append(burst(name, launch, number, seconds, "forward_backward", "seconds_per_image"))
                if "epoch" in measure:
                    records.append(burst(name, launch, number, seconds * (2 if levels["multi_scale"] else 1)))
    return {row.label: row for row in analyse(records).rows}


def test_an_axis_that_fixed_batches_do_not_show_has_no_ratio_of_theirs() -> None:
    rows = rows_of(("epoch", "forward_backward"))
    assert "forward_backward.seconds_per_image" not in rows["scaled"].ratios
    assert rows["scaled"].reason == UNSEEN
    # The epoch shows it: twice as slow, and the verdict is about that.
    assert rows["scaled"].verdict is Verdict.SLOWER
    assert rows["scaled"].ratios["epoch.seconds"].value == pytest.approx(2.0, rel=0.02)


def test_what_they_show_of_other_axes_stands_with_a_remark() -> None:
    rows = rows_of(("epoch", "forward_backward"))
    assert rows["both"].ratios["forward_backward.seconds_per_image"].value == pytest.approx(0.5, rel=0.02)
    assert rows["both"].reason == UNSEEN
    assert rows["bf16"].ratios["forward_backward.seconds_per_image"].value == pytest.approx(0.5, rel=0.02)
    assert rows["bf16"].reason == rows["base"].reason == ""


def test_they_do_not_judge_what_they_do_not_see() -> None:
    rows = rows_of(("forward_backward",))
    verdicts = {name: row.verdict for name, row in rows.items()}
    assert verdicts == {
        "base": Verdict.BASELINE,
        "scaled": Verdict.UNDECIDED,
        "bf16": Verdict.FASTER,
        "both": Verdict.UNDECIDED,
    }


def test_a_journal_that_does_not_tell_is_read_as_before() -> None:
    rows = rows_of(("epoch", "forward_backward"), told=False)
    assert rows["scaled"].ratios["forward_backward.seconds_per_image"].value == pytest.approx(1.0, rel=0.02)
    assert rows["scaled"].reason == ""


def test_a_baseline_of_which_only_parts_were_measured_compares_with_nothing() -> None:
    records: list[AnyRecord] = [head()]
    records += [RowRecord(combination=name, levels=LEVELS[name], label=name) for name in ("base", "bf16")]
    for number in range(2):
        part = {"partial_because": "epochs repeat after 50, and a burst had 1"}
        records += [burst("base", 0, number, 1.0).model_copy(update=part), burst("bf16", 0, number, 0.5)]
    base, bf16 = analyse(records).rows
    assert base.reason == "epoch not compared: its epochs repeat after 50, and a burst had 1"
    assert bf16.reason == "epoch not compared: the baseline's epochs repeat after 50, and a burst had 1"
    assert bf16.ratios == {}


def test_which_techniques_fixed_batches_do_not_show() -> None:
    unseen = {name for name, each in registry().items() if not each.seen_by_fixed_batches}
    assert unseen == {"augmentation", "mixup", "mosaic", "multi_scale", "progressive_resize"}
