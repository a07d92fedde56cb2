from __future__ import annotations

import pytest

from bench.reports.metrics import Unit, metric_name, unit_of


@pytest.mark.parametrize(
    ("metric", "unit"),
    [
        ("epoch.seconds", Unit.SECONDS),
        ("epoch.data_wait", Unit.SECONDS),
        ("epoch.steps", Unit.NUMBER),
        ("epoch.parts_share", Unit.NUMBER),
        ("epoch.training_loss", Unit.NUMBER),
        ("data_loading.seconds_per_image", Unit.SECONDS),
        ("data_loading.images_per_second", Unit.IMAGES_PER_SECOND),
        ("forward_backward.loss", Unit.SECONDS),
        ("forward_backward.parts_share", Unit.NUMBER),
        ("memory.peak", Unit.BYTES),
        ("memory.host_forward", Unit.BYTES),
    ],
)
def test_unit(metric: str, unit: Unit) -> None:
    assert unit_of(metric) is unit


def test_a_metric_without_a_name_goes_by_its_own() -> None:
    assert metric_name("epoch.seconds") == "epoch time"
    assert metric_name("epoch.ema") == "epoch.ema"
