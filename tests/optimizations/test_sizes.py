"""Sizes that batches take: schedules by hand, and real rectangles."""

from __future__ import annotations

from typing import Any

import pytest
from starting import StartTrial

from bench.environment import Machine
from bench.optimizations.multi_scale import MultiScale
from bench.optimizations.progressive_resize import Growth, ProgressiveResize, side_at
from bench.optimizations.rect import Rect
from bench.suite.model import Data, Level, ShapesData, TreesData, UserData, Workload


def test_sides_grow_over_an_epoch_and_begin_again() -> None:
    growth = Growth(start=0.5, stages=3, epochs=1)
    # 160 px and a grid of 32: 80 px lies between 64 and 96, 120 between 96 and 128, each nearest to the upper.
    assert [side_at(growth, number, 6, 160, 32) for number in range(8)] == [96, 96, 128, 128, 160, 160, 96, 96]


def test_sides_grow_over_epochs() -> None:
    growth = Growth(start=0.2, stages=2, epochs=2)
    assert [side_at(growth, number, 3, 160, 32) for number in range(8)] == [32, 32, 32, 160, 160, 160, 32, 32]


def test_fewer_batches_than_stages_skip_some() -> None:
    growth = Growth(start=0.25, stages=4, epochs=1)
    assert [side_at(growth, number, 2, 128, 32) for number in range(2)] == [32, 96]


def test_sides_repeat_after_the_epochs_of_the_schedule(tiny_workload: Workload) -> None:
    growth = Growth(start=0.5, stages=3, epochs=4)
    assert ProgressiveResize(growth.model_dump(mode="json"), tiny_workload).repeats_after(None) == 4
    assert ProgressiveResize("off", tiny_workload).repeats_after(None) == 1
    first, second = ([side_at(growth, start + number, 5, 160, 32) for number in range(4 * 5)] for start in (0, 4 * 5))
    assert first == second


@pytest.mark.parametrize(
    ("optimization", "levels", "conflicts"),
    [
        (Rect, {"rect": "on"}, False),
        (Rect, {"rect": "on", "mosaic": "off", "cuda_graphs": "off"}, False),
        (Rect, {"rect": "on", "mosaic": 0.5}, True),
        (Rect, {"rect": "off", "mosaic": 0.5}, False),
        (Rect, {"rect": "on", "cuda_graphs": "on"}, True),
        (MultiScale, {"multi_scale": 0.5, "cuda_graphs": "on"}, True),
        (MultiScale, {"multi_scale": 0.0, "cuda_graphs": "on"}, False),
        (ProgressiveResize, {"progressive_resize": {"start": 0.5}, "multi_scale": 0.5}, True),
        (ProgressiveResize, {"progressive_resize": {"start": 0.5}, "multi_scale": 0.0}, False),
        (ProgressiveResize, {"progressive_resize": "off", "multi_scale": 0.5, "cuda_graphs": "on"}, False),
    ],
)
def test_conflicts(
    optimization: type[Rect | MultiScale | ProgressiveResize], levels: dict[str, Level], conflicts: bool
) -> None:
    assert (optimization.conflict(levels) is not None) is conflicts


@pytest.mark.parametrize(
    ("levels", "settings", "idle"),
    [
        ({"rect": "on"}, {}, True),  # Ultralytics' own mosaic is on
        ({"rect": "on"}, {"mosaic": 0.0}, False),
        ({"rect": "on"}, {"mosaic": 0.0, "mixup": 0.5}, True),
        ({"rect": "on", "mosaic": "off"}, {}, False),
        ({"rect": "off"}, {}, False),
    ],
)
def test_rectangles_are_not_compared_with_mosaics(
    tiny_workload: Workload, wide_and_high: UserData, levels: dict[str, Level], settings: dict[str, Any], idle: bool
) -> None:
    workload = tiny_workload.model_copy(update={"data": wide_and_high, "settings": settings})
    assert (Rect.idle(levels, workload, Machine.here()) is not None) is idle


@pytest.mark.parametrize("data", [ShapesData(), TreesData()], ids=lambda data: data.kind)
def test_rectangles_are_idle_where_all_pictures_are_squares(tiny_workload: Workload, data: Data) -> None:
    workload = tiny_workload.model_copy(update={"data": data, "settings": {"mosaic": 0.0}})
    assert Rect.idle({"rect": "off"}, workload, Machine.here()) is None
    assert Rect.idle({"rect": "on"}, workload, Machine.here()) == (
        f"all pictures of {data.kind} are squares of one size: needs workload.data of other shapes"
    )


def test_rectangles_are_not_padded_to_squares(
    start_trial: StartTrial, tiny_workload: Workload, wide_and_high: UserData
) -> None:
    trial = start_trial({"rect": "on"}, tiny_workload.model_copy(update={"data": wide_and_high}))
    trial.ready()
    trial.measure("epoch")
    trial.measure("forward_backward")
    shown = trial.evidence()["rect"]
    assert shown.in_force
    assert shown.observed == "batches of 32x64, 64x32 px, pictures grouped by shape"


def test_squares_grouped_by_shape_are_no_rectangles(start_trial: StartTrial) -> None:
    trial = start_trial({"rect": "on"})
    trial.ready()
    trial.measure("epoch")
    shown = trial.evidence()["rect"]
    assert shown.observed == "batches of 64x64 px, pictures grouped by shape"
    assert not shown.in_force
