"""What can stand still takes turns."""

from __future__ import annotations

import pytest

from bench.schedule.turns import turn_seconds
from bench.suite.model import MeasurementName


def test_epochs_on_a_processor_take_turns() -> None:
    assert turn_seconds("epoch", "cpu") == 0.2


@pytest.mark.parametrize(("measurement", "device"), [("epoch", "cuda:0"), ("memory", "cpu"), ("data_loading", "cpu")])
def test_what_cannot_stand_still_is_measured_whole(measurement: MeasurementName, device: str) -> None:
    assert turn_seconds(measurement, device) is None
