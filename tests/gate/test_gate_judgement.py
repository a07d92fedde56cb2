"""What the journal of a gate says, and how it is shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from journals import SUITE, burst, end, evidence, failure, head, launched, row

from bench.environment import Environment
from bench.errors import InputError
from bench.gate.bisect import same_regression
from bench.gate.decision import ExitCode, GateVerdict
from bench.gate.failures import undecided
from bench.gate.judgement import combinations_left, judge
from bench.gate.report import gate_json, gate_markdown
from bench.journal.records import AnyRecord, CommitRecord, GatedRecord, GateRecord
from bench.reports.metrics import metric_name
from bench.suite.model import Gate, Suite
from bench.trials.outcome import Failure

NOT_COMPARABLE = Failure.NOT_COMPARABLE

SIDES = ("a_base", "a_head", "b_base", "b_head")
GATED = SUITE.model_copy(
    update={"gate": Gate(metrics=("epoch.seconds",), first_launches=3, launches=5), "measure": ("epoch",)}
)
GATE = GateRecord(
    base=CommitRecord(commit="1" * 40, subject="Before"),
    head=CommitRecord(commit="2" * 40, subject="After | all"),
    gated=(
        GatedRecord(label="baseline", base="a_base", head="a_head"),
        GatedRecord(label="precision=bf16", base="b_base", head="b_head"),
    ),
)


def bursts(ratios: dict[str, float], launches: range, wobble: float = 0.001) -> list[AnyRecord]:
    """Four rounds a launch; head's bursts take so many times what base's take, give or take ``wobble``."""
    made: list[AnyRecord] = []
    for launch in launches:
        for number in range(4):
            for pair, ratio in ratios.items():
                swing = 1 + wobble * (-1) ** (launch + number)
                made += [
                    burst(f"{pair}_base", launch, number, 1.0),
                    burst(f"{pair}_head", launch, number, ratio * swing),
                ]
    return made


def journal(*rest: AnyRecord, suite: Suite = GATED) -> list[AnyRecord]:
    return [head(suite), *(row(side) for side in SIDES), GATE, *rest]


def verdicts(records: list[AnyRecord]) -> dict[str, GateVerdict]:
    return {each.judged.combination: each.judged.verdict for each in judge(records).results}


def test_only_the_combination_that_got_slower_is_a_regression() -> None:
    records = journal(*bursts({"a": 1.0, "b": 1.1}, range(3)), end())
    assert verdicts(records) == {"baseline": GateVerdict.CLEAN, "precision=bf16": GateVerdict.REGRESSION}
    judgement = judge(records)
    assert judgement.code is ExitCode.REGRESSION
    slower = judgement.results[1]
    assert slower.judged.ratio is not None
    assert slower.judged.ratio.value == pytest.approx(1.1, rel=1e-3)
    assert (slower.judged.ratio.rounds, slower.judged.ratio.launches) == (12, 3)
    assert slower.base is not None
    assert slower.base.median == 1.0


def test_pairs_are_compared_within_themselves() -> None:
    """The second combination is twice as fast as the first at both commits, which is nothing that a commit did."""
    made = [
        record.model_copy(update={"values": {"seconds": record.values["seconds"] / 2}})  # type: ignore[union-attr]
        if record.combination.startswith("b")  # type: ignore[union-attr]
        else record
        for record in bursts({"a": 1.0, "b": 1.0}, range(3))
    ]
    assert set(verdicts(journal(*made, end())).values()) == {GateVerdict.CLEAN}


def first_three() -> list[AnyRecord]:
    """The second combination's launches give 1.02, 1.03 and 1.04: neither within 2 % nor without.

    Its variance between launches is 0.0001, pooled over both 0.00005 with 4 / 2 * 2 / 1.25 = 3.2 degrees of freedom,
    of which the 99.5 % quantile is 5.5. So the first's interval is 1 ± 5.5 * sqrt(0.00005 / 3) = 1 ± 0.022, which is
    below 1.05, and the second's 1.03 ± 5.5 * sqrt(0.0001 / 3) = 1.03 ± 0.032, which is neither above 1.02 nor below.
    """
    made: list[AnyRecord] = []
    for launch, ratio in enumerate((1.02, 1.03, 1.04)):
        made += bursts({"a": 1.0, "b": ratio}, range(launch, launch + 1))
    return made


def test_more_launches_are_made_only_of_what_is_open() -> None:
    assert combinations_left(GATED, GATE, first_three()) == {"precision=bf16"}


def test_what_the_first_look_closed_stays_as_it_was() -> None:
    more = bursts({"b": 1.03}, range(3, 5))
    before, after = (
        {each.judged.combination: each.judged for each in judge(journal(*records, end())).results}
        for records in (first_three(), first_three() + more)
    )
    assert after["baseline"] == before["baseline"]
    assert (after["baseline"].confidence, after["baseline"].verdict) == (0.99, GateVerdict.CLEAN)
    assert after["precision=bf16"].confidence == 0.95
    assert after["precision=bf16"].ratio is not None
    assert after["precision=bf16"].ratio.launches == 5
    assert after["precision=bf16"].verdict is GateVerdict.REGRESSION


@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        ([failure("a_head"), end()], "head failed: crashed: killed by SIGSEGV"),
        ([failure("a_base"), end()], "base failed: crashed: killed by SIGSEGV"),
        ([evidence("a_head", in_force=False), end()], "head not in force: precision: float32; expected bfloat16"),
        ([], "the gate was stopped before its end"),
    ],
)
def test_what_went_wrong_is_the_reason_whatever_the_figures_say(extra: list[AnyRecord], reason: str) -> None:
    judgement = judge(journal(*bursts({"a": 1.0, "b": 1.0}, range(3)), *extra))
    assert judgement.code is ExitCode.NOT_JUDGED
    assert judgement.results[0].reason == reason


def base_only(*launches: int) -> list[AnyRecord]:
    return [burst("a_base", launch, number, 1.0) for launch in launches for number in range(4)]


FAILED_TWICE = [failure("a_head", 0), failure("a_head", 1)]


def test_a_head_that_fails_in_every_launch_is_a_regression(tmp_path: Path) -> None:
    records = journal(*FAILED_TWICE, *base_only(1), end())
    judgement = judge(records)
    assert judgement.code is ExitCode.REGRESSION
    assert verdicts(records)["precision=bf16"] is GateVerdict.NOT_JUDGED
    assert judgement.results[0].reason == "head failed: crashed: killed by SIGSEGV"
    assert judgement.results[0].head_failed
    records[0] = records[0].model_copy(update={"environment": Environment.collect("cpu", 1, tmp_path).to_json()})
    text = gate_markdown(judge(records))
    assert "Regression, because:\n\n- baseline, epoch: head failed: crashed: killed by SIGSEGV\n" in text.replace(
        metric_name("epoch.seconds"), "epoch"
    )


@pytest.mark.parametrize(
    "records",
    [
        [failure("a_head", 0), *base_only(0)],  # once may be chance
        [*FAILED_TWICE],  # base was never seen to train
        [*FAILED_TWICE, failure("a_base", 1), *base_only(0)],
        [*FAILED_TWICE, *base_only(1, 2), launched("a_head", 2)],  # it lived once
        [failure("b_head", 0), failure("b_head", 1), *bursts({"a": 1.0}, range(1)), burst("b_base", 0, 0, 1.0)],
        [failure("a_head", 0), *base_only(1), failure("a_head", 1).model_copy(update={"failure": NOT_COMPARABLE})],
    ],
)
def test_other_failures_are_no_regression(records: list[AnyRecord]) -> None:
    assert judge(journal(*records, end())).code is ExitCode.NOT_JUDGED


@pytest.mark.parametrize(
    ("records", "worth"),
    [
        ([failure("a_head", 0)], True),
        ([failure("b_head", 0)], True),  # its block ended before the baseline was started
        ([failure("a_head", 0), *base_only(0)], True),
        ([*FAILED_TWICE, *base_only(1)], False),  # known
        ([failure("a_base", 0)], False),
        ([failure("b_head", 0), launched("a_head", 0)], False),
    ],
)
def test_another_launch_is_made_where_it_can_tell(records: list[AnyRecord], worth: bool) -> None:
    assert undecided(GATE.gated[0], records) is worth
    assert not undecided(GATE.gated[1], records)


def test_a_bisection_tells_a_commit_that_is_slow_from_one_that_fails() -> None:
    slow = judge(journal(*bursts({"a": 1.1, "b": 1.0}, range(3)), end()))
    fails = judge(journal(*FAILED_TWICE, *base_only(1), end()))
    clean = judge(journal(*bursts({"a": 1.0, "b": 1.0}, range(3)), end()))
    said = {
        (sought, found): same_regression(judgements[sought], judgements[found])
        for judgements in [{"slow": slow, "fails": fails, "clean": clean}]
        for sought in ("slow", "fails")
        for found in judgements
    }
    assert said == {
        ("slow", "slow"): ExitCode.REGRESSION,
        ("slow", "fails"): ExitCode.NOT_JUDGED,
        ("slow", "clean"): ExitCode.CLEAN,
        ("fails", "slow"): ExitCode.CLEAN,
        ("fails", "fails"): ExitCode.REGRESSION,
        ("fails", "clean"): ExitCode.CLEAN,
    }


def test_nothing_measured_is_not_clean() -> None:
    judgement = judge(journal(end()))
    assert judgement.code is ExitCode.NOT_JUDGED
    assert judgement.results[0].reason == "nothing was measured at both commits"


def test_other_metrics_are_noted_and_decide_nothing() -> None:
    made = bursts({"a": 1.0, "b": 1.0}, range(3))
    for record in list(made):
        slower = record.combination == "b_head"  # type: ignore[union-attr]
        steps = {"backward": 1.2 if slower else 1.0, "forward": 1.0 + 0.001 * (-1) ** record.round}  # type: ignore[union-attr]
        made.append(record.model_copy(update={"measurement": "forward_backward", "values": steps}))
    judgement = judge(journal(*made, end()))
    assert judgement.code is ExitCode.CLEAN
    assert [(note.combination, note.metric) for note in judgement.notes] == [
        ("precision=bf16", "forward_backward.backward")
    ]
    assert judgement.notes[0].ratio.value == pytest.approx(1.2)
    assert judgement.looked_at >= 4


def test_journals_of_runs_are_no_gates() -> None:
    with pytest.raises(InputError, match="compares no commits"):
        judge([head(), row("base")])


def test_reports_say_the_same(tmp_path: Path) -> None:
    records = journal(*bursts({"a": 1.0, "b": 1.1}, range(3)), end())
    records[0] = records[0].model_copy(update={"environment": Environment.collect("cpu", 1, tmp_path).to_json()})
    judgement = judge(records)
    text = gate_markdown(judgement)
    assert text.startswith("## Regression: handmade\n\n`1111111` Before → `2222222` After \\| all\n")
    row_of = next(line for line in text.splitlines() if line.startswith("| precision=bf16"))
    assert "1.100" in row_of
    assert "**regression**" in row_of
    data = json.loads(json.dumps(gate_json(judgement)))
    assert (data["format"], data["exit_code"], data["outcome"]) == (1, 1, "regression")
    assert [each["head_failed"] for each in data["metrics"]] == [False, False]
    assert [each["verdict"] for each in data["metrics"]] == ["no regression", "regression"]
    assert data["metrics"][1]["ratio"] == pytest.approx(1.1, rel=1e-3)
