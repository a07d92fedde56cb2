"""Stand-ins put time down to the right phase, pass everything on, and do not upset copying."""

from __future__ import annotations

import copy
import pickle
from types import SimpleNamespace
from typing import Any

import pytest
from fake_time import FakeTime

from bench.probes.phases import Phase, PhaseLedger
from bench.workloads.proxies import InFlight, TimedCriterion, TimedScaler


class SlowLoss:
    """A loss function that takes two seconds, and a loss whose backward pass takes four."""

    gain = 7.5

    def __init__(self, time: FakeTime) -> None:
        self.time = time
        self.updated = False

    def __call__(self, predictions: Any, batch: Any) -> str:
        self.time.advance(2)
        return f"loss of {predictions} on {batch}"

    def update(self) -> None:
        self.updated = True

    def backward(self) -> None:
        self.time.advance(4)


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def ledger(time: FakeTime) -> PhaseLedger:
    ledger = PhaseLedger()
    ledger.open(time, Phase.FORWARD)
    return ledger


def test_criterion_is_the_loss_phase_and_shows_predictions_and_batch_first(time: FakeTime, ledger: PhaseLedger) -> None:
    seen: list[tuple[str, dict[str, Any], float]] = []
    in_flight = InFlight()
    in_flight.put({"img": "pictures"})
    criterion = TimedCriterion(SlowLoss(time), ledger, [lambda *both: seen.append((*both, time.now))], in_flight)
    time.advance(1)
    assert criterion("predictions", "targets made of the batch") == "loss of predictions on targets made of the batch"
    assert seen == [("predictions", {"img": "pictures"}, 1)]
    assert in_flight.take() == {}, "the batch was let go"
    assert ledger.close().seconds == {Phase.FORWARD: 1, Phase.LOSS: 2}


def test_scaled_loss_times_its_backward_pass(time: FakeTime, ledger: PhaseLedger) -> None:
    scaler = TimedScaler(SimpleNamespace(scale=lambda loss: loss, is_enabled=lambda: True), ledger)
    loss = scaler.scale(SlowLoss(time))
    time.advance(1)
    loss.backward()
    time.advance(8)
    assert scaler.is_enabled()
    assert loss.gain == 7.5
    assert ledger.close().seconds == {Phase.FORWARD: 0, Phase.OTHER: 1 + 8, Phase.BACKWARD: 4}


def test_attributes_and_methods_are_the_targets(time: FakeTime, ledger: PhaseLedger) -> None:
    target = SlowLoss(time)
    criterion = TimedCriterion(target, ledger, [], InFlight())
    assert criterion.gain == 7.5
    criterion.update()
    assert target.updated
    assert not hasattr(criterion, "no_such_attribute")


def test_copies_work_like_those_of_an_ordinary_object(time: FakeTime, ledger: PhaseLedger) -> None:
    criterion = TimedCriterion(SlowLoss(time), ledger, [], InFlight())
    for twin in (copy.copy(criterion), copy.deepcopy(criterion), pickle.loads(pickle.dumps(criterion))):
        assert isinstance(twin, TimedCriterion)
        assert twin.gain == 7.5
