"""Which combinations are set aside, worked out by hand."""

from __future__ import annotations

import math
import random

import pytest
from journals import SUITE, burst, head, launched, row
from pydantic import JsonValue

from bench.analysis.analyse import analyse
from bench.analysis.front import KEPT, Standing, set_aside, standings
from bench.analysis.interim import close_combinations
from bench.analysis.result import Verdict
from bench.analysis.simulation import Noise, Shape, simulate_run
from bench.journal.records import AnyRecord, SetAsideRecord
from bench.suite.model import Budget

BUDGET = SUITE.model_copy(update={"budget": Budget(time=100.0, rounds=None)})
QUIET = Noise(launch=0.01, burst=0.05, drift=0.01, outlier_share=0.05, outlier_size=0.3)


def at(low: float, high: float) -> Standing:
    return Standing(math.log(low), math.log(math.sqrt(low * high)), math.log(high))


def test_standing_is_three_deviations_either_way() -> None:
    # Two rounds at 0.02 and 0.04 differ by 0.02: scale 0.02 / 0.9538725524 = 0.0209671, limit 0.0314507, so nothing
    # is bounded: variance 2 * 0.01^2 / 1 = 0.0002, of the mean 0.0001. One launch: 0.05^2 = 0.0025 between launches.
    # Three times the square root of 0.0026 is 0.1529706.
    each = standings({"a": {0: [0.02, 0.04]}})["a"]
    assert each.mean == pytest.approx(0.03)
    assert each.low == pytest.approx(0.03 - 0.1529706)
    assert each.high == pytest.approx(0.03 + 0.1529706)


def test_a_single_round_gives_no_standing() -> None:
    assert standings({"a": {0: [0.02, 0.04]}, "b": {0: [0.5]}}).keys() == {"a"}
    assert standings({"b": {0: [0.5]}}) == {}


def test_single_rounds_of_two_launches_borrow_the_others_variance() -> None:
    # Launches at 0.4 and 0.6 have the variance (0.01 + 0.01) / 1 = 0.02 between them, of the mean of both 0.01. Rounds
    # have that of "a", 0.0002, of the mean 0.0002 * (1 + 1) / 2^2 = 0.0001. Three times the square root of 0.0101 is
    # 0.3014963. The single launch of "a" has 0.02 + 0.0001: three times the square root is 0.4253234.
    both = standings({"a": {0: [0.02, 0.04]}, "b": {1: [0.4], 2: [0.6]}})
    assert (both["b"].mean, both["b"].high) == (pytest.approx(0.5), pytest.approx(0.5 + 0.3014963))
    assert both["a"].high == pytest.approx(0.03 + 0.4253234)


def test_what_cannot_be_the_fastest_is_set_aside() -> None:
    standing = {
        "leader": at(0.70, 0.80),
        "near": at(0.79, 0.90),
        "third": at(0.81, 0.95),
        "behind": at(0.85, 0.99),
        "slow": at(1.2, 1.3),
    }
    aside = set_aside(standing, standing)
    assert set(aside) == {"behind", "slow"}  # "third" is behind too, but one of the three nearest
    assert aside["slow"] == "at best 1.20 of the baseline, the front at worst 0.80"


def test_the_baseline_is_at_the_front_too() -> None:
    slower = {name: at(1.1 + 0.1 * number, 1.2 + 0.1 * number) for number, name in enumerate("abcde")}
    assert set(set_aside(slower, slower)) == {"d", "e"}
    assert KEPT == 3


def test_what_gets_no_further_launch_sets_the_bar_and_keeps_no_place() -> None:
    standing = {
        "decided": at(0.50, 0.60),
        "leader": at(0.70, 0.80),
        "near": at(0.71, 0.90),
        "third": at(0.72, 0.95),
        "behind": at(0.73, 0.99),
    }
    # "behind" is not behind the 0.80 of "leader", and of those that race the fourth by its best case.
    aside = set_aside(standing, standing.keys() - {"decided"})
    assert aside == {"behind": "at best 0.73 of the baseline, the front at worst 0.60"}


@pytest.mark.parametrize(("base", "others"), [(1.5, 1.0), (1.0, 1.5)])
def test_a_disturbed_burst_of_a_blocks_only_round_sets_nothing_aside(base: float, others: float) -> None:
    # Were it to count, the block of one round would lie at log 1.5 = 0.4054651, below or above 0, give or take
    # 0.1558846 (three times the square root of 0.0025 + 0.0002), the other at 0.03 give or take 0.1529706: where the
    # baseline was disturbed "x", "y" and "z" are at best at -0.123 behind -0.250, and where the members were "u", "v"
    # and "w" are at best at 0.250 behind 0.
    single, twice = ("u", "v", "w"), ("x", "y", "z")
    records: list[AnyRecord] = [head(BUDGET), *map(row, ("base", *single, *twice))]
    records += [burst("base", 0, 0, base), *(burst(name, 0, 0, others) for name in single)]
    for number, log in enumerate((0.02, 0.04)):
        records += [burst("base", 1, number, 1.0), *(burst(name, 1, number, math.exp(log)) for name in twice)]
    assert close_combinations(BUDGET, records).all == set()


def one_decided() -> list[AnyRecord]:
    """Three launches of two rounds: "a" takes half of the baseline's time, the others as long or a little longer.

    Rounds lie 0.1 either way of logs that are the same in every launch. Two that differ by 0.2 have the variance
    2 * 0.1^2 / 1 = 0.02; launches differ by no more than that explains. The variance of a mean is
    0.02 * (1/2 + 1/2 + 1/2) / 3^2 = 0.02 / 6, and three times its square root is 0.1732051.
    """
    logs = {"base": 0.0, "a": math.log(0.5), "b": 0.0, "c": 0.02, "d": 0.04, "e": 0.1}
    records: list[AnyRecord] = [head(BUDGET), *map(row, logs)]
    for launch in range(3):
        for number, wobble in enumerate((-0.1, 0.1)):
            records += [
                burst(name, launch, number, math.exp(log + (0.0 if name == "base" else wobble)))
                for name, log in logs.items()
            ]
    return records


def test_a_decided_leader_still_sets_the_bar() -> None:
    # "a" is 12 standard errors of 0.0577 from 0, with 10 degrees of freedom: decided; "e" is 1.7. "e" is the fourth of
    # those that race: at best exp(0.1 - 0.1732) = 0.929, in front of the baseline, behind 0.5 * exp(0.1732) = 0.5946.
    closing = close_combinations(BUDGET, one_decided())
    assert closing.settled == {"a"}
    assert closing.set_aside == {"e": "at best 0.93 of the baseline, the front at worst 0.59"}


def test_what_trained_other_work_neither_leads_nor_is_decided() -> None:
    def told(name: str, batches: int) -> AnyRecord:
        # 20 images in batches of 8: three batches, or two where the incomplete last one is dropped
        facts: dict[str, JsonValue] = {"images": 20, "batch": 8, "batches": batches}
        return launched(name).model_copy(update={"facts": facts})

    assert close_combinations(BUDGET, [*one_decided(), told("base", 3), told("a", 2)]).all == set()
    assert close_combinations(BUDGET, [*one_decided(), told("base", 3), told("a", 3)]).all == {"a", "e"}


def race() -> list[AnyRecord]:
    """One launch of ten rounds: five combinations, of which two take far longer than the rest."""
    ratios = {"base": 1.0, "a": 0.7, "b": 0.9, "c": 0.95, "d": 1.5, "e": 2.0}
    records: list[AnyRecord] = [head(BUDGET), *map(row, ratios)]
    for number in range(10):
        records += [
            burst(name, 0, number, ratio * (1 + 0.01 * ((number + place) % 3)))
            for place, (name, ratio) in enumerate(ratios.items())
        ]
    return records


def test_one_launch_is_enough_to_set_the_hopeless_aside() -> None:
    closing = close_combinations(BUDGET, race())
    assert closing.settled == set()
    assert set(closing.set_aside) == {"d", "e"}
    fixed = BUDGET.model_copy(update={"budget": Budget(time=None, rounds=10)})
    assert close_combinations(fixed, race()).all == set()


def test_what_was_set_aside_stays_so_and_says_why() -> None:
    records = [*race(), SetAsideRecord(combination="b", before=1, reason="others are nearer")]
    assert close_combinations(BUDGET, records).set_aside["b"] == "others are nearer"
    rows = {each.combination: each for each in analyse(records).rows}
    assert (rows["b"].verdict, rows["b"].reason) == (Verdict.UNDECIDED, "set aside: others are nearer")


def best_found(race: bool, seed: int) -> bool:
    """Whether the best is found of thirty-one combinations, one of them ahead and most of them far behind."""
    effects = {str(number): math.log(0.95 + 0.04 * number) for number in range(30)} | {"best": math.log(0.9)}
    shape = Shape(launches=5, rounds=2, margin=0.02, race=race)
    outcomes = simulate_run(effects, QUIET, shape, random.Random(seed))
    slower = {name for name, outcome in outcomes.items() if outcome.verdict is Verdict.FASTER} - {"best", "0", "1", "2"}
    assert not slower, "these take as long as the baseline or longer"
    return outcomes["best"].verdict is Verdict.FASTER


def test_a_wide_suite_finds_its_best_more_often_for_setting_others_aside() -> None:
    racing, all_alike = (sum(best_found(race, seed) for seed in range(80)) for race in (True, False))
    assert racing >= 1.2 * all_alike
    assert racing >= 35
