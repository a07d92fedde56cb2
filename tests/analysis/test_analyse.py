"""What a journal says, row by row."""

from __future__ import annotations

import pytest
from journals import SUITE, burst, clear_run, end, evidence, failure, head, launched, row
from pydantic import JsonValue

from bench.analysis.analyse import analyse
from bench.analysis.deciding import deciding_metric
from bench.analysis.interim import close_combinations
from bench.analysis.result import Verdict
from bench.errors import BenchError
from bench.journal.records import AnyRecord


def test_a_clear_difference_is_called_with_its_size() -> None:
    analysis = analyse([*clear_run(0.5), evidence("base", True), evidence("fast", True), end()])
    base, fast = analysis.rows
    assert base.verdict is Verdict.BASELINE
    assert fast.verdict is Verdict.FASTER
    ratio = fast.ratios["epoch.seconds"]
    assert ratio.value == pytest.approx(0.5, rel=0.01)
    assert ratio.low is not None
    assert ratio.high is not None
    assert ratio.low < 0.5 < ratio.high
    assert (ratio.rounds, ratio.launches) == (12, 3)
    assert analysis.complete


def test_evidence_against_it_beats_any_speed() -> None:
    analysis = analyse([*clear_run(0.5), evidence("fast", True), evidence("fast", False), end()])
    assert analysis.rows[1].verdict is Verdict.NOT_IN_FORCE
    assert analysis.rows[1].reason == "precision: float32; expected bfloat16"


def test_one_launch_out_of_force_is_enough() -> None:
    records = [*clear_run(0.5), evidence("fast", False, launch=0), evidence("fast", True, launch=1)]
    assert analyse(records).rows[1].verdict is Verdict.NOT_IN_FORCE


def test_failed_and_not_run_rows_keep_their_reason() -> None:
    records = [head(), row("base"), row("fast"), row("gone", not_run="needs CUDA"), failure("fast"), end()]
    _, failed, not_run = analyse(records).rows
    assert (failed.verdict, failed.reason.splitlines()[0]) == (Verdict.FAILED, "crashed: killed by SIGSEGV")
    assert (not_run.verdict, not_run.reason) == (Verdict.NOT_RUN, "needs CUDA")


def test_warm_up_rounds_do_not_count() -> None:
    analysis = analyse([head(), row("base"), row("fast"), burst("base", 0, -1, 9.0), burst("base", 0, 0, 1.0)])
    assert analysis.rows[0].figures["epoch.seconds"].median == 1.0


def test_set_up_is_the_median_over_launches() -> None:
    records = [head(), row("base"), launched("base", 0, data=1.0), launched("base", 1, data=3.0)]
    assert analyse(records).rows[0].setup == {"data": 2.0}


def test_an_unfinished_run_says_so() -> None:
    assert "bench resume" in analyse(clear_run(0.5)).warnings[0]


def test_parts_that_do_not_add_up_are_shown() -> None:
    wrong = burst("base", 0, 0, 1.0)
    wrong = wrong.model_copy(update={"values": {**wrong.values, "parts_share": 0.95}})
    assert any("1 of 1 bursts" in text and "95.0%" in text for text in analyse([head(), row("base"), wrong]).warnings)


def test_a_journal_without_rows_is_no_run() -> None:
    with pytest.raises(BenchError, match="no rows"):
        analyse([head()])


def test_the_first_measurement_decides_unless_epochs_are_measured() -> None:
    both = SUITE.model_copy(update={"measure": ("memory", "epoch")})
    memory = SUITE.model_copy(update={"measure": ("memory", "data_loading")})
    assert (deciding_metric(both), deciding_metric(memory)) == ("epoch.seconds", "memory.peak")


def test_decided_failed_and_unproven_combinations_get_no_further_launch() -> None:
    assert close_combinations(SUITE, clear_run(0.5)).settled == {"fast"}
    assert close_combinations(SUITE, clear_run(1.05)).all == set()
    assert close_combinations(SUITE, [*clear_run(1.05), failure("fast")]).settled == {"fast"}
    assert close_combinations(SUITE, [*clear_run(1.05), evidence("fast", False)]).settled == {"fast"}


def test_an_epoch_of_fewer_images_is_never_faster() -> None:
    def told(name: str, batches: int) -> AnyRecord:
        # 20 images in batches of 8: three batches, or two where the incomplete last one is dropped
        facts: dict[str, JsonValue] = {"images": 20, "batch": 8, "batches": batches}
        return launched(name, ready=1.0).model_copy(update={"facts": facts})

    fast = analyse([*clear_run(0.5), told("base", 3), told("fast", 2)]).rows[1]
    assert fast.verdict is Verdict.UNDECIDED
    assert fast.reason == "not comparable: its epoch trains on 16 images, the baseline's on 20"
    assert analyse([*clear_run(0.5), told("base", 3), told("fast", 3)]).rows[1].verdict is Verdict.FASTER
