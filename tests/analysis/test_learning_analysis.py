"""What is said of learning, worked out by hand."""

from __future__ import annotations

import math

import pytest
from journals import SUITE, burst, clear_run, end, head, row

from bench.analysis.analyse import analyse
from bench.analysis.interim import close_combinations
from bench.analysis.learning import difference_over_seeds, estimate_over_seeds
from bench.analysis.ratio import as_ratio
from bench.analysis.result import Analysis, LearningFlag, Verdict
from bench.journal.records import AnyRecord, BurstRecord
from bench.suite.model import Learning

LEARNING = SUITE.model_copy(update={"measure": ("epoch", "learning"), "learning": Learning(images=100, accuracy=True)})


def learnt(name: str, launch: int, growth: float = 0.5, **values: float) -> BurstRecord:
    record = burst(name, launch, 0, growth, measurement="learning", value="growth")
    return record.model_copy(update={"values": {**record.values, **values}})


def journal(*bursts: BurstRecord) -> Analysis:
    """Two rows whose variant takes half of the baseline's time, and what was learnt."""
    records: list[AnyRecord] = [head(LEARNING), row("base"), row("fast")]
    for launch in range(3):
        for number in range(4):
            wobble = 1 + 0.01 * (-1) ** (launch + number)
            records += [burst("base", launch, number, wobble), burst("fast", launch, number, 0.5 * wobble**2)]
    return analyse([*records, *bursts, end()])


def test_the_interval_of_a_loss_is_students_over_launches() -> None:
    """Logs 0.1, 0.2 and 0.3: mean 0.2, standard deviation 0.1, t(0.975; 2) = 4.3027, so 0.2 ± 0.24842."""
    estimate = estimate_over_seeds({"fast": {0: [0.1], 1: [0.2], 2: [0.3]}})["fast"]
    ratio = as_ratio(estimate, 0.95)
    assert ratio.value == pytest.approx(math.exp(0.2))
    assert ratio.low == pytest.approx(math.exp(0.2 - 0.24842), rel=1e-4)
    assert ratio.high == pytest.approx(math.exp(0.2 + 0.24842), rel=1e-4)
    assert (ratio.rounds, ratio.launches) == (3, 3)


def test_one_combination_does_not_widen_the_interval_of_another() -> None:
    calm = {0: [0.1], 1: [0.2], 2: [0.3]}
    beside = estimate_over_seeds({"fast": calm, "wild": {0: [0.0], 1: [9.0], 2: [4.0]}})
    assert beside["fast"] == estimate_over_seeds({"fast": calm})["fast"]


def test_one_seed_gives_no_interval() -> None:
    ratio = as_ratio(estimate_over_seeds({"fast": {0: [0.1]}})["fast"], 0.95)
    assert (ratio.low, ratio.high, ratio.p_value) == (None, None, None)
    difference = difference_over_seeds([0.3], 0.95)
    assert (difference.value, difference.low, difference.high, difference.launches) == (0.3, None, None, 1)


def test_a_difference_is_paired_within_launches() -> None:
    """Differences -0.1 and -0.3: mean -0.2, standard error 0.1, t(0.975; 1) = 12.7062."""
    analysis = journal(
        learnt("base", 0, map50=0.8),
        learnt("fast", 0, map50=0.7),
        learnt("base", 1, map50=0.5),
        learnt("fast", 1, map50=0.2),
        learnt("fast", 2, map50=0.9),
    )
    difference = analysis.rows[1].differences["learning.map50"]
    assert difference.value == pytest.approx(-0.2)
    assert difference.low == pytest.approx(-0.2 - 1.27062, rel=1e-5)
    assert difference.high == pytest.approx(-0.2 + 1.27062, rel=1e-5)
    assert difference.launches == 2
    assert analysis.rows[0].differences == {}
    assert "learning.map50" not in analysis.rows[1].ratios, "what may be 0 has no ratio"


def losses(*pairs: tuple[float, float], value: str = "training_loss") -> list[BurstRecord]:
    """Losses of baseline and variant, a pair a launch."""
    return [
        learnt(name, launch, **{value: loss})
        for launch, pair in enumerate(pairs)
        for name, loss in zip(("base", "fast"), pair, strict=True)
    ]


def test_a_fast_combination_that_learns_worse_is_flagged_beside_its_speed() -> None:
    """Ratios 1.2, 1.21 and 1.19: the interval is 1.175 to 1.225, far above 1.05."""
    result = journal(*losses((5.0, 6.0), (4.0, 4.84), (3.0, 3.57))).rows[1]
    assert (result.verdict, result.flag) == (Verdict.FASTER, LearningFlag.LEARNS_WORSE)
    assert result.ratios["learning.training_loss"].value == pytest.approx((1.2 * 1.21 * 1.19) ** (1 / 3))


def test_an_interval_that_reaches_what_is_tolerated_is_no_flag() -> None:
    """Logs of 1.2, 1.0 and 1.3 spread too far; ratios of 1.04 and about are less than 5 %."""
    assert journal(*losses((5.0, 6.0), (5.0, 5.0), (5.0, 6.5))).rows[1].flag is None
    assert journal(*losses((5.0, 5.2), (5.0, 5.21), (5.0, 5.19))).rows[1].flag is None


def test_the_validation_loss_decides_where_there_is_one() -> None:
    worse = losses((5.0, 6.0), (4.0, 4.84), (3.0, 3.57))
    alike = losses((5.0, 5.0), (4.0, 4.01), (3.0, 2.99), value="validation_loss")
    assert journal(*worse, *alike).rows[1].flag is None


def test_a_training_loss_far_above_the_baselines_in_one_launch_diverges() -> None:
    """The interval over such seeds holds everything, so one launch is enough."""
    result = journal(*losses((5.0, 5.0), (5.0, 15.1), (5.0, 5.0))).rows[1]
    assert (result.verdict, result.flag) == (Verdict.FASTER, LearningFlag.DIVERGES)
    assert journal(*losses((5.0, 5.0), (5.0, 14.9), (5.0, 5.0))).rows[1].flag is None


def test_a_validation_loss_has_to_be_far_above_the_baselines_in_every_launch() -> None:
    result = journal(*losses((5.0, 15.1), (5.0, 900.0), (5.0, 16.0), value="validation_loss")).rows[1]
    assert (result.verdict, result.flag) == (Verdict.FASTER, LearningFlag.DIVERGES)
    assert journal(*losses((5.0, 14.9), (5.0, 900.0), (5.0, 16.0), value="validation_loss")).rows[1].flag is None


@pytest.mark.parametrize("fast", [(0.0, 0.0, 0.0), (0.0, 207044.0, 0.0)])
def test_a_validation_loss_of_0_is_a_model_that_sees_nothing(fast: tuple[float, ...]) -> None:
    pairs = zip((4.14, 4.1, 4.14), fast, strict=True)
    result = journal(*losses(*pairs, value="validation_loss")).rows[1]
    assert (result.verdict, result.flag) == (Verdict.FASTER, LearningFlag.DIVERGES)


def test_a_validation_loss_of_0_has_no_ratio() -> None:
    result = journal(*losses((4.14, 0.0), (4.1, 0.0), value="validation_loss")).rows[1]
    assert "learning.validation_loss" not in result.ratios
    assert result.figures["learning.validation_loss"].median == 0.0


def test_a_validation_loss_of_0_in_some_launches_or_beside_a_baseline_of_0_is_no_flag() -> None:
    assert journal(*losses((5.0, 0.0), (5.0, 5.1), (5.0, 0.0), value="validation_loss")).rows[1].flag is None
    assert journal(*losses((0.0, 0.0), (0.0, 0.0), value="validation_loss")).rows[1].flag is None


def test_every_launch_is_another_seed_so_none_is_spared() -> None:
    timed = SUITE.model_copy(update={"measure": ("epoch",)})
    assert close_combinations(timed, clear_run(0.5)).settled == {"fast"}
    assert close_combinations(LEARNING, clear_run(0.5)).settled == set()


def test_a_loss_far_above_its_own_first_epoch_diverges_even_in_the_baseline() -> None:
    analysis = journal(learnt("base", 0, growth=3.1), learnt("fast", 0, growth=2.9))
    assert [each.flag for each in analysis.rows] == [LearningFlag.DIVERGES, None]
