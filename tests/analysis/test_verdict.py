"""Verdicts and their adjustment for many comparisons."""

from __future__ import annotations

import pytest

from bench.analysis.ratio import Estimate
from bench.analysis.result import Verdict
from bench.analysis.verdict import holm, verdicts


def estimate(mean: float, error: float | None) -> Estimate:
    return Estimate(mean, None if error is None else error**2, 20.0, rounds=12, launches=3, bounded=0)


def judge(**estimates: Estimate) -> dict[str, Verdict]:
    return verdicts(estimates, margin=0.02, alpha_difference=0.01, alpha_equivalence=0.05)


def test_holm_by_hand() -> None:
    # 3 * 0.01, then 2 * 0.02 = 0.04, then 1 * 0.03 raised to the one before it
    adjusted = holm({"b": 0.02, "a": 0.01, "c": 0.03})
    assert adjusted == {"a": pytest.approx(0.03), "b": pytest.approx(0.04), "c": pytest.approx(0.04)}


def test_holm_never_passes_one() -> None:
    assert holm({"a": 0.6, "b": 0.9}) == {"a": 1.0, "b": 1.0}


def test_clear_differences() -> None:
    result = judge(a=estimate(-0.2, 0.01), b=estimate(0.2, 0.01))
    assert result == {"a": Verdict.FASTER, "b": Verdict.SLOWER}


def test_small_and_certain_is_equivalent_even_if_it_differs() -> None:
    # half a percent, known to a thousandth: different from 0 and far within two percent
    assert judge(a=estimate(-0.005, 0.0005)) == {"a": Verdict.EQUIVALENT}


def test_noise_is_undecided() -> None:
    assert judge(a=estimate(-0.05, 0.05)) == {"a": Verdict.UNDECIDED}


def test_no_interval_is_undecided() -> None:
    assert judge(a=estimate(-0.5, None)) == {"a": Verdict.UNDECIDED}


def test_many_comparisons_raise_the_bar() -> None:
    # 3.2 standard errors at 20 degrees of freedom: p = 0.0045, enough alone and not among ten
    alone = judge(a=estimate(-0.32, 0.1))
    among_ten = judge(a=estimate(-0.32, 0.1), **{f"n{i}": estimate(0.0, 0.1) for i in range(9)})
    assert (alone["a"], among_ten["a"]) == (Verdict.FASTER, Verdict.UNDECIDED)
