"""Stamps of the host never wait for a device; stamps of events always do."""

from __future__ import annotations

import pytest
import torch
from fake_time import FakeEvent, FakeTime

import bench.probes.turns
from bench.probes.clock import EventClock, HostClock
from bench.probes.phases import Phase, PhaseLedger


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    time = FakeTime()
    monkeypatch.setattr(bench.probes.turns, "time", time)
    monkeypatch.setattr(torch.cuda, "Event", FakeEvent)
    monkeypatch.setattr(FakeEvent, "time", time, raising=False)
    monkeypatch.setattr(FakeEvent, "made", [], raising=False)
    return time


def test_host_clock_gives_seconds_and_makes_no_event(time: FakeTime) -> None:
    clock = HostClock()
    earlier = clock.stamp()
    time.advance(1.25)
    assert clock.seconds(earlier, clock.stamp()) == 1.25
    assert FakeEvent.made == []


def test_event_clock_records_and_waits_at_every_stamp(time: FakeTime) -> None:
    clock = EventClock()
    earlier = clock.stamp()
    time.advance(1.25)
    later = clock.stamp()
    assert [event.calls for event in FakeEvent.made] == [["record", "synchronize"]] * 2
    assert clock.seconds(earlier, later) == 1.25


def test_ledger_on_an_event_clock_waits_at_every_change_of_phase(time: FakeTime) -> None:
    ledger = PhaseLedger()
    ledger.open(EventClock(), Phase.FORWARD)
    time.advance(2)
    ledger.switch(Phase.BACKWARD)
    time.advance(4)
    assert ledger.close().seconds == {Phase.FORWARD: 2, Phase.BACKWARD: 4}
    assert [event.calls for event in FakeEvent.made] == [["record", "synchronize"]] * 3
