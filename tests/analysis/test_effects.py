"""Main effects and interactions against values worked out by hand."""

from __future__ import annotations

import math

import pytest
from factorials import exact_ratios, factorial

from bench.analysis.effect_result import Effects
from bench.analysis.effects import estimate_effects
from bench.analysis.policy import POLICY
from bench.analysis.result import Verdict
from bench.suite.model import Level

TERMS = {
    "a": math.log(0.8),
    "b": math.log(0.9),
    "c": math.log(0.7),
    "ab": math.log(1.1),
    "ac": math.log(1.2),
    "bc": math.log(1.3),
}
NEVER = "in no combination that could be compared"


def effects_of(levels: dict[str, dict[str, Level]], ratios: dict[str, dict[int, list[float]]]) -> Effects:
    effects = estimate_effects(levels, ratios, 0.02, POLICY)
    assert effects is not None
    return effects


def main_of(effects: Effects) -> dict[object, float]:
    return {each.axis: each.ratio.value for each in effects.main}


def interactions_of(effects: Effects) -> dict[str, float]:
    return {"".join(each.levels): each.ratio.value for each in effects.interactions}


def test_two_axes_without_noise() -> None:
    levels = factorial("ab")
    effects = effects_of(levels, exact_ratios(levels, TERMS))
    # over b off and on: 0.8 and 0.8 x 1.1
    assert main_of(effects) == {
        "a": pytest.approx(0.8 * math.sqrt(1.1)),
        "b": pytest.approx(0.9 * math.sqrt(1.1)),
    }
    (pair,) = effects.interactions
    assert pair.levels == {"a": "on", "b": "on"}
    assert pair.ratio.value == pytest.approx(1.1)
    assert {axis: ratio.value for axis, ratio in pair.alone.items()} == {
        "a": pytest.approx(0.8),
        "b": pytest.approx(0.9),
    }
    assert pair.both is not None
    assert pair.both.value == pytest.approx(0.8 * 0.9 * 1.1)
    # two blocks of four trials, three terms
    assert (effects.trials, effects.degrees, effects.left_out) == (8, 3, {})


def test_all_that_are_not_asked_about_are_averaged_over() -> None:
    levels = factorial("abc")
    effects = effects_of(levels, exact_ratios(levels, TERMS))
    # a over b and c off and on: 0.8, 0.8 x 1.1, 0.8 x 1.2 and 0.8 x 1.1 x 1.2, their geometric mean
    assert main_of(effects) == {
        "a": pytest.approx(0.8 * math.sqrt(1.1 * 1.2)),
        "b": pytest.approx(0.9 * math.sqrt(1.1 * 1.3)),
        "c": pytest.approx(0.7 * math.sqrt(1.2 * 1.3)),
    }
    assert interactions_of(effects) == {
        "ab": pytest.approx(1.1),
        "ac": pytest.approx(1.2),
        "bc": pytest.approx(1.3),
    }
    # a and b over c off and on, with the other of the two off
    first = effects.interactions[0]
    assert first.alone["a"].value == pytest.approx(0.8 * math.sqrt(1.2))
    assert first.alone["b"].value == pytest.approx(0.9 * math.sqrt(1.3))
    assert first.both is not None
    assert first.both.value == pytest.approx(0.8 * 0.9 * 1.1 * math.sqrt(1.2 * 1.3))
    assert (effects.trials, effects.degrees) == (16, 16 - 2 - 6)


def test_each_level_of_three_is_compared_with_the_first() -> None:
    levels: dict[str, dict[str, Level]] = {
        f"{precision} {cache}": {"precision": precision, "cache": cache}
        for precision in ("fp32", "bf16", "fp16")
        for cache in ("none", "ram")
    }
    figures = {"bf16 none": 0.8, "fp16 none": 0.7, "fp32 ram": 0.9, "bf16 ram": 0.8 * 0.9 * 1.1}
    figures["fp16 ram"] = 0.7 * 0.9 * 1.3
    effects = effects_of(levels, {name: {0: [math.log(figure)]} for name, figure in figures.items()})
    assert {each.level: each.ratio.value for each in effects.main} == {
        "bf16": pytest.approx(0.8 * math.sqrt(1.1)),
        "fp16": pytest.approx(0.7 * math.sqrt(1.3)),
        # over three levels of precision: 0.9, 0.9 x 1.1 and 0.9 x 1.3
        "ram": pytest.approx(0.9 * (1.1 * 1.3) ** (1 / 3)),
    }
    assert [each.ratio.value for each in effects.interactions] == [pytest.approx(1.1), pytest.approx(1.3)]


def wobbling(first: float, wobble: float) -> Effects:
    """Two launches of a 2 x 2: only ``a`` does anything, and its two launches lie ``wobble`` about ``first``."""
    ratios = {
        "a": {0: [first + wobble], 1: [first - wobble]},
        "b": {0: [0.0], 1: [0.0]},
        "ab": {0: [first], 1: [first]},
    }
    return effects_of(factorial("ab"), ratios)


def test_intervals_are_students_over_trials() -> None:
    # Residuals of each block about its mean: 3/4 e for a, -1/4 e for the others, e = 0.02; squares 12/16 e^2, two
    # blocks 1.5 e^2, over 8 - 2 - 3 = 3 degrees e^2 / 2. A mean of two trials has e^2 / 4; the interaction takes four
    # of these, so its standard error is e, and a main effect half of each, so e / 2. t(0.975, 3) = 3.182446.
    effects = wobbling(math.log(0.8), 0.02)
    main, pair = effects.main[0].ratio, effects.interactions[0].ratio
    assert effects.degrees == 3
    assert (main.low, main.high) == (
        pytest.approx(0.8 * math.exp(-3.182446 * 0.01), rel=1e-6),
        pytest.approx(0.8 * math.exp(3.182446 * 0.01), rel=1e-6),
    )
    assert pair.value == pytest.approx(1.0)
    assert pair.high == pytest.approx(math.exp(3.182446 * 0.02), rel=1e-6)
    assert (main.rounds, main.launches) == (6, 2)


def test_main_effects_are_not_adjusted_for_the_number_of_interactions() -> None:
    # Eight standard errors with 3 degrees: with x = 8 / sqrt(3), p = 1 - 2 / pi (x / (1 + x^2) + atan x) = 0.0041.
    # Twice that is below 1 %, and three times is not.
    effects = wobbling(math.log(0.8), -math.log(0.8) / 4)
    first, second = effects.main
    assert first.ratio.p_value == pytest.approx(0.0041, abs=0.0001)
    assert (first.verdict, second.verdict) == (Verdict.FASTER, Verdict.UNDECIDED)
    assert effects.interactions[0].verdict is Verdict.UNDECIDED


def test_outliers_are_bounded_as_they_are_for_rows() -> None:
    # Differences of the rounds of a, sorted: 0, 0.01 x 4, 0.02, 0.99, ...; their median 0.015 makes the scale 0.015 /
    # 0.95387, and the last round counts as if it were at 1.5 times that. Four residuals balance it: a quarter of it.
    levels = factorial("ab")
    ratios = exact_ratios(levels, {"a": TERMS["a"], "b": TERMS["b"]}, launches=1)
    ratios["a"] = {0: [TERMS["a"] + each for each in (-0.01, 0.0, 0.01, 0.0, 1.0)]}
    effects = effects_of(levels, ratios)
    alone = effects.interactions[0].alone["a"]
    assert alone.value == pytest.approx(0.8 * math.exp(1.5 * 0.015 / 0.9538725524 / 4))


def test_no_degrees_of_freedom_give_no_intervals() -> None:
    levels = factorial("ab")
    effects = effects_of(levels, exact_ratios(levels, TERMS, launches=1))
    assert effects.degrees == 0
    assert (effects.main[0].ratio.low, effects.main[0].ratio.p_value) == (None, None)
    assert {each.verdict for each in (*effects.main, *effects.interactions)} == {Verdict.UNDECIDED}


def test_what_the_design_does_not_tell_apart_is_left_out_by_name() -> None:
    # c is only on where a and b are: its own term and those with a and b are known as a sum alone.
    levels = factorial("abc")
    listed = {name: levels[name] for name in ("0", "a", "b", "ab", "abc")}
    effects = effects_of(listed, exact_ratios(listed, TERMS))
    assert main_of(effects) == {}
    assert interactions_of(effects) == {"ab": pytest.approx(1.1)}
    assert (effects.interactions[0].alone, effects.interactions[0].both) == ({}, None)
    assert list(effects.left_out) == ["a=on", "b=on", "c=on", "a=on with c=on", "b=on with c=on"]
    assert set(effects.left_out.values()) == {
        "the combinations that could be compared do not tell c=on, a=on with c=on and b=on with c=on apart"
    }
    # ten trials, two blocks, and four sums of terms that are told
    assert effects.degrees == 4


def test_levels_that_were_never_together_are_left_out_of_averages() -> None:
    levels = factorial("abc")
    ratios = {name: logs for name, logs in exact_ratios(levels, TERMS).items() if name not in {"ab", "abc"}}
    effects = effects_of(levels, ratios)
    assert effects.left_out == {"a=on with b=on": NEVER}
    assert main_of(effects) == {
        "a": pytest.approx(0.8 * math.sqrt(1.2)),
        "b": pytest.approx(0.9 * math.sqrt(1.3)),
        "c": pytest.approx(0.7 * math.sqrt(1.2 * 1.3)),
    }
    assert interactions_of(effects) == {"ac": pytest.approx(1.2), "bc": pytest.approx(1.3)}


def test_a_level_that_was_in_no_combination_is_named_once() -> None:
    levels = factorial("abc")
    ratios = {name: logs for name, logs in exact_ratios(levels, TERMS).items() if "c" not in name}
    effects = effects_of(levels, ratios)
    assert effects.left_out == {"c=on": NEVER}
    assert main_of(effects) == {"a": pytest.approx(0.8 * math.sqrt(1.1)), "b": pytest.approx(0.9 * math.sqrt(1.1))}


@pytest.mark.parametrize("names", [("0", "a"), ("0", "a", "b", "c"), ("0", "ab", "ac", "bc"), ("0",)])
def test_designs_without_an_interaction_tell_nothing(names: tuple[str, ...]) -> None:
    levels = {name: each for name, each in factorial("abc").items() if name in names}
    assert estimate_effects(levels, exact_ratios(levels, TERMS), 0.02, POLICY) is None
