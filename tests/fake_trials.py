"""Trials that train nothing: engines start them in place of processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

import bench.engines.launch
from bench.measurements.base import Burst
from bench.optimizations.base import Evidence
from bench.suite.model import Level, MeasurementName
from bench.trials.messages import Ready, TrialSpec


class FakeTrial:
    """Stands in for a trial: each burst is complete after one turn, and an epoch has the four steps to be warm after.

    It tells ``facts`` of what it built.
    """

    def __init__(self, facts: Mapping[str, Level] | None = None) -> None:
        self.facts = dict(facts or {})

    def ready(self) -> Ready:
        return Ready({"ready": 1.0}, self.facts)

    def take_turn(self, measurement: MeasurementName, seconds: float | None, epochs: int = 1) -> Burst | None:
        return Burst({"seconds": 1.0}, {"step": (1.0,) * 4 * epochs})

    def evidence(self) -> dict[str, Evidence]:
        return {}

    def end(self) -> None:
        pass


def launch_fakes(monkeypatch: pytest.MonkeyPatch, make: Callable[[TrialSpec], FakeTrial]) -> None:
    """Let launches start what ``make`` makes of what a trial has to know."""

    def start(spec: TrialSpec, *_: Any) -> FakeTrial:
        return make(spec)

    monkeypatch.setattr(bench.engines.launch, "Trial", start)
