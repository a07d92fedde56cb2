"""A burst that stands still is timed without it."""

from __future__ import annotations

import pytest
from fake_time import FakeTime

import bench.probes.turns
from bench.probes.clock import HostClock
from bench.probes.turns import Turns


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    time = FakeTime()
    monkeypatch.setattr(bench.probes.turns, "time", time)
    return time


def test_a_turn_that_is_over_is_offered_to_others_and_not_counted(time: FakeTime) -> None:
    stood_still: list[float] = []

    def others() -> None:
        stood_still.append(time.now)
        time.advance(100)

    turns = Turns()
    clock = HostClock(turns)
    turns.begin(2.0, others)
    began = clock.stamp()
    for _ in range(5):
        time.advance(1)
        turns.offer()
    # Five seconds of its own; others went on after the second and the fourth of them.
    assert stood_still == [2, 104]
    assert clock.seconds(began, clock.stamp()) == 5


def test_a_burst_without_turns_is_never_interrupted(time: FakeTime) -> None:
    turns = Turns()
    turns.begin(None, pytest.fail)
    time.advance(1000)
    turns.offer()
    assert turns.now() == 1000e9
