from __future__ import annotations

import dataclasses

from report_cases import BASELINE, EVERY_VERDICT, FASTER, NOT_RUN, SLOWER, analysis, ratio, ratios

from bench.reports.summary import fastest, summary_sentences


def test_every_verdict_is_counted_and_the_fastest_named_with_its_interval() -> None:
    assert summary_sentences(EVERY_VERDICT) == (
        "7 combinations against the baseline: 1 faster, 1 slower, 1 equivalent within ±2 %, 1 undecided, "
        "1 not in force, 1 failed, 1 not run.",
        "The fastest is precision=bf16: its epoch time is 0.82 [0.79, 0.85] times the baseline's.",
        "The run took 3.02 min.",
    )


def test_a_low_ratio_without_the_verdict_is_not_the_fastest() -> None:
    faster_still = dataclasses.replace(SLOWER, ratios=ratios(ratio(0.1, 0.01)))
    counts, best, _ = summary_sentences(analysis(BASELINE, faster_still))
    assert counts == "1 combination against the baseline: 1 slower."
    assert best == "No combination was found faster than the baseline."


def test_the_fastest_is_the_one_with_the_lowest_ratio() -> None:
    quicker = dataclasses.replace(FASTER, label="both", ratios=ratios(ratio(0.7, 0.03)))
    best = fastest(analysis(BASELINE, FASTER, quicker))
    assert best is quicker


def test_a_run_that_was_stopped_says_so() -> None:
    assert summary_sentences(analysis(BASELINE, NOT_RUN, complete=False))[2] == (
        "The run was stopped after 3.02 min, before its end."
    )


def test_a_baseline_alone() -> None:
    assert summary_sentences(analysis(BASELINE))[0] == "There is no combination beside the baseline."
