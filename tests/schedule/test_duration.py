"""How long runs should take, against what was worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from plan_cases import GB, machine_of, numbered, plan_of, planned, suite_of

from bench.errors import InputError
from bench.schedule.duration import (
    check_budget,
    duration_text,
    epoch_seconds,
    expected_seconds,
    least_seconds,
)
from bench.suite.combination import Combination
from bench.suite.model import Budget, Learning, Level, ShapesData, UserData, Workload


@pytest.mark.parametrize(
    ("changes", "device", "seconds"),
    [
        ({}, "cpu", 2.22),  # 0.3 + 64 * 0.03
        ({"model": "yolov8s.yaml"}, "cpu", 5.1),  # 0.3 + 64 * 0.03 * 2.5
        ({"image_size": 320}, "cpu", 7.98),  # 0.3 + 64 * 0.03 * 4
        ({"data": ShapesData(images=10)}, "cpu", 0.6),  # 0.3 + 10 * 0.03
        ({}, "cuda:0", 0.332),  # 0.3 + 64 * 0.0005
        ({"data": UserData(path=Path("mine.yaml"))}, "cpu", 7.98),  # 0.3 + 256 * 0.03
        ({"model": "/home/me/yolo11x/small.yaml"}, "cpu", 2.22),  # the folder's name says nothing
    ],
)
def test_an_epoch_is_guessed_from_its_pictures(changes: dict[str, Any], device: str, seconds: float) -> None:
    workload = Workload(**{"model": "yolo26n.yaml"} | changes)
    assert epoch_seconds(workload, device) == pytest.approx(seconds)


def test_rounds_are_guessed() -> None:
    plan = plan_of(numbered(1), block_size=2, launches=2)
    # Four trials, each 0.7 s to start and 2.22 s for each of 1 + 3 + 1 epochs, after 5 s for the fork server.
    assert expected_seconds(suite_of(measure=("epoch", "memory")), plan) == pytest.approx(5 + 4 * (0.7 + 5 * 2.22))
    # The two others take 0.3 of an epoch a round: 1 + 3 * 0.3 + 3 * 0.3 epochs.
    suite = suite_of(measure=("data_loading", "forward_backward"))
    assert expected_seconds(suite, plan) == pytest.approx(5 + 4 * (0.7 + 2.8 * 2.22))


def test_learning_takes_what_other_epochs_leave() -> None:
    plan = plan_of(numbered(1), block_size=2, launches=2)
    suite = suite_of(measure=("epoch", "learning"), learning=Learning(images=1000))
    # Four epochs are trained anyway, 256 images; the 744 left take 0.03 s each.
    assert expected_seconds(suite, plan) == pytest.approx(5 + 4 * (0.7 + 4 * 2.22 + 744 * 0.03))
    assert least_seconds(suite, plan) == pytest.approx(4 * (0.7 + 2 * 2.22 + 872 * 0.03) / 8)
    short = suite_of(measure=("epoch", "learning"), learning=Learning(images=256))
    assert expected_seconds(short, plan) == expected_seconds(suite_of(measure=("epoch",)), plan)


def test_a_time_budget_is_what_a_run_takes() -> None:
    suite = suite_of(budget=Budget(time=90.0, rounds=None))
    assert expected_seconds(suite, plan_of(numbered(1), block_size=2)) == 90.0


def test_trials_on_cuda_start_slowly() -> None:
    suite, machine = suite_of(measure=("epoch",), launches=2), machine_of(gpus=(80 * GB,))
    plan = planned(suite, machine, "cuda:0")
    assert plan.trials == 8
    assert expected_seconds(suite, plan) == pytest.approx(5 + 8 * (8.0 + 4 * 0.332))


def test_the_least_is_an_eighth_of_the_guess_for_one_round() -> None:
    plan = plan_of(numbered(1), block_size=2, launches=2)
    assert least_seconds(suite_of(), plan) == pytest.approx(4 * (0.7 / 8 + 2 * 2.22 / 8))


def test_the_least_counts_one_batch_of_data_that_nobody_has_looked_at() -> None:
    plan = plan_of(numbered(1), block_size=2, launches=2)
    suite = suite_of(workload=Workload(model="yolo26n.yaml", batch=10, data=UserData(path=Path("mine.yaml"))))
    assert least_seconds(suite, plan) == pytest.approx(4 * (0.7 / 8 + 2 * 0.6 / 8))


def test_axes_that_change_the_work_are_reckoned_with() -> None:
    levels: list[dict[str, Level]] = [
        {"model": "yolo26n.yaml", "image_size": 160},
        {"model": "yolo26n.yaml", "image_size": 320},
        {"model": "yolov8s.yaml", "image_size": 160},
    ]
    plan = plan_of(tuple(map(Combination.of, levels)), block_size=2)
    assert (plan.launches, plan.blocks_per_launch) == (2, 2)
    # Each launch starts the baseline in both blocks, and once what has four times the pixels and 2.5 times the work.
    epochs = 2 * 2.22 + 7.98 + 5.1
    assert expected_seconds(suite_of(measure=("epoch",)), plan) == pytest.approx(5 + 2 * (4 * 0.7 + 4 * epochs))
    assert least_seconds(suite_of(), plan) == pytest.approx(2 * (4 * 0.7 + 2 * epochs) / 8)


def test_one_batch_is_as_large_as_the_axis_says() -> None:
    # Epochs of 10, 20 and, for the largest as long as nobody knows it, the workload's 30 images.
    combinations = tuple(Combination.of({"batch": level}) for level in (10, 20, "largest"))
    plan = plan_of(combinations, block_size=3, launches=1)
    assert plan.blocks_per_launch == 1
    suite = suite_of(workload=Workload(model="yolo26n.yaml", batch=30, data=UserData(path=Path("mine.yaml"))))
    assert least_seconds(suite, plan) == pytest.approx((3 * 0.7 + 2 * (0.6 + 0.9 + 1.2)) / 8)


def test_a_budget_that_cannot_hold_one_round_is_refused() -> None:
    plan = plan_of(numbered(1), block_size=2, launches=2)  # at least 2.57 s
    check_budget(suite_of(budget=Budget(time=2.6, rounds=None)), plan)
    check_budget(suite_of(), plan)
    with pytest.raises(InputError) as caught:
        check_budget(suite_of(budget=Budget(time=2.5, rounds=None)), plan)
    assert caught.value.field == "budget.time"
    assert caught.value.found == "2.5 s"
    assert caught.value.expected == "at least 3 s: 4 trials are started, each for one round or more"
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.4, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (65, "1 min 05 s"),
        (180, "3 min"),
        (3599, "59 min 59 s"),
        (3600, "1 h"),
        (5460, "1 h 31 min"),
        (7259, "2 h"),
        (7260, "2 h 01 min"),
    ],
)
def test_a_length_of_time_in_words(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text
