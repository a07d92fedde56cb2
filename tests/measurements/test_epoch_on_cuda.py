"""On CUDA an epoch's burst is two epochs: one nobody disturbs, and one taken apart with the device waited for.

Where epochs are not alike, a burst has several, on any device.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from fake_time import FakeEvent, FakeTime

import bench.measurements.forward_backward
import bench.probes.turns
from bench.measurements.epoch import Epoch
from bench.measurements.forward_backward import ForwardBackward, steps_a_burst
from bench.measurements.memory import Memory
from bench.probes.phases import Phase, PhaseLedger
from bench.probes.turns import Turns


class FakeCuda:
    """A device that notes what it is asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.time = FakeTime()
        self.synchronized: list[int] = []
        for module in (bench.probes.turns, bench.measurements.forward_backward):
            monkeypatch.setattr(module, "time", self.time)
        monkeypatch.setattr(FakeEvent, "time", self.time, raising=False)
        monkeypatch.setattr(FakeEvent, "made", [], raising=False)
        monkeypatch.setattr(torch.cuda, "Event", FakeEvent)
        monkeypatch.setattr(torch.cuda, "synchronize", lambda device: self.synchronized.append(len(FakeEvent.made)))

    @property
    def events(self) -> int:
        return len(FakeEvent.made)


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> FakeCuda:
    return FakeCuda(monkeypatch)


def trainer_on_cuda(**more: Any) -> Any:
    return SimpleNamespace(device=torch.device("cuda:0"), phases=PhaseLedger(), turns=Turns(), **more)


def epoch(phases: PhaseLedger, time: FakeTime, slower: float) -> None:
    """Two steps: waits 1 and 2, forward 4, the rest of each step 8, then a checkpoint of 16 seconds, all scaled."""
    for wait in (1, 2):
        time.advance(wait * slower)
        phases.begin_step()
        phases.switch(Phase.FORWARD)
        time.advance(4 * slower)
        phases.switch(Phase.OTHER)
        time.advance(8 * slower)
        phases.end_step()
    with phases.inside(Phase.CHECKPOINT):
        time.advance(16 * slower)


def test_first_epoch_is_not_synchronized_and_the_second_gives_the_split(cuda: FakeCuda) -> None:
    trainer = trainer_on_cuda(tloss={"box": torch.tensor(1.5), "cls": torch.tensor(2.0)})
    measurement = Epoch()
    assert measurement.start(trainer) is None

    measurement.epoch_started(trainer)
    epoch(trainer.phases, cuda.time, slower=1)
    assert measurement.epoch_ended(trainer) is None
    assert cuda.events == 0
    assert len(cuda.synchronized) == 2  # before the epoch and after it, never within

    measurement.epoch_started(trainer)
    epoch(trainer.phases, cuda.time, slower=10)
    burst = measurement.epoch_ended(trainer)
    assert burst is not None
    assert all(event.calls == ["record", "synchronize"] for event in FakeEvent.made)
    assert cuda.synchronized[3] == cuda.events - 1  # all but the closing one were made before the epoch's end

    assert burst.series == {"step": (12, 12), "wait": (1, 2)}
    assert burst.values == {
        "seconds": 1 + 12 + 2 + 12 + 16,
        "step": 12,
        "wait": 1.5,
        "steps": 2,
        "split_seconds": 430,
        "compilation": 0,
        "parts_share": 1,
        "training_loss": 3.5,
        "first_batch": 10,
        "data_wait": 20,
        "preprocess": 0,
        "forward": 80,
        "loss": 0,
        "backward": 0,
        "optimizer": 0,
        "ema": 0,
        "validation": 0,
        "checkpoint": 160,
        "other": 160,
    }


def test_epochs_that_are_not_alike_are_averaged_apart_with_and_without_synchronization(cuda: FakeCuda) -> None:
    trainer = trainer_on_cuda(tloss={"box": torch.tensor(1.5)})
    measurement = Epoch(2)
    bursts = []
    for slower in (1, 3, 10, 30):
        measurement.epoch_started(trainer)
        epoch(trainer.phases, cuda.time, slower)
        assert (cuda.events > 0) == (slower > 3)
        bursts.append(measurement.epoch_ended(trainer))
    assert bursts[:3] == [None, None, None]
    burst = bursts[3]
    assert burst is not None
    assert burst.series == {"step": (12, 12, 36, 36), "wait": (1, 2, 3, 6)}
    # An epoch takes 43 s: 43 and 129 without synchronisation, 430 and 1290 with it. Forward is 8 of the 43, the
    # checkpoint 16.
    expected = {
        "seconds": 86,
        "step": 24,
        "wait": 3,
        "steps": 2,
        "split_seconds": 860,
        "forward": 160,
        "checkpoint": 320,
        "parts_share": 1,
    }
    assert {name: burst.values[name] for name in expected} == pytest.approx(expected)


def test_on_a_processor_the_same_epochs_give_both(cuda: FakeCuda, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = iter([0.0, 6.0, 6.0])
    monkeypatch.setattr(bench.measurements.epoch, "compiled_seconds", lambda: next(compiled))
    trainer: Any = SimpleNamespace(
        device=torch.device("cpu"), phases=PhaseLedger(), turns=Turns(), tloss={"box": torch.tensor(1.5)}
    )
    measurement = Epoch(2)
    measurement.epoch_started(trainer)
    epoch(trainer.phases, cuda.time, slower=1)
    assert measurement.epoch_ended(trainer) is None
    measurement.epoch_started(trainer)
    epoch(trainer.phases, cuda.time, slower=3)
    burst = measurement.epoch_ended(trainer)
    assert burst is not None
    # The compiler worked for 6 s in the first of two epochs.
    expected = {"seconds": 86, "split_seconds": 86, "forward": 16, "checkpoint": 32, "compilation": 3, "parts_share": 1}
    assert {name: burst.values[name] for name in expected} == pytest.approx(expected)


def test_forward_backward_takes_the_step_without_events_and_the_split_with(cuda: FakeCuda) -> None:
    trainer = trainer_on_cuda(fixed_batches=lambda count: [{"img": [0.0] * 7}] * count, accumulate=1)
    events_before_steps = []

    def step_on(batch: dict[str, Any], update: bool) -> None:
        assert update
        events_before_steps.append(cuda.events)
        slower = 10 if cuda.events else 1
        for phase, seconds in ((Phase.FORWARD, 1), (Phase.LOSS, 2), (Phase.BACKWARD, 4), (Phase.OPTIMIZER, 8)):
            with trainer.phases.inside(phase):
                cuda.time.advance(seconds * slower)
        with trainer.phases.inside(Phase.EMA):
            cuda.time.advance(16 * slower)
        cuda.time.advance(32 * slower)

    trainer.step_on = step_on
    burst = ForwardBackward().start(trainer)
    assert events_before_steps[:4] == [0, 0, 0, 0]
    assert len(events_before_steps) == 8
    assert burst.values == {
        "seconds_per_image": 9,
        "forward_per_image": pytest.approx(10 / 7),
        "backward_per_image": pytest.approx(40 / 7),
        "step": 63,
        "forward": 10,
        "loss": 20,
        "backward": 40,
        "optimizer": 240,
        "other": 320,
        "parts_share": 1,
    }


@pytest.mark.parametrize(("accumulate", "steps"), [(1, 4), (2, 4), (3, 6), (4, 4), (5, 10), (8, 8)])
def test_a_burst_is_whole_optimizer_steps_and_as_many_of_each_batch(accumulate: int, steps: int) -> None:
    assert steps_a_burst(accumulate) == steps


def test_the_time_of_an_optimizer_step_is_shared_by_the_batches_that_it_is_for(cuda: FakeCuda) -> None:
    trainer = trainer_on_cuda(fixed_batches=lambda count: [{"img": [0.0] * 2}] * count, accumulate=3)
    updates: list[bool] = []

    def step_on(batch: dict[str, Any], update: bool) -> None:
        updates.append(update)
        for phase, seconds in ((Phase.FORWARD, 1), (Phase.BACKWARD, 4), (Phase.OPTIMIZER, 9 if update else 0)):
            with trainer.phases.inside(phase):
                cuda.time.advance(seconds)

    trainer.step_on = step_on
    values = ForwardBackward().start(trainer).values
    # Six batches in each window: 6 * 5 s, and twice 9 s for the weights, which is 3 s a batch.
    assert updates == [False, False, True] * 4
    expected = {"step": 8, "forward": 1, "backward": 4, "optimizer": 3, "seconds_per_image": 4, "parts_share": 1}
    assert {name: values[name] for name in expected} == pytest.approx(expected)


def test_memory_reports_the_allocators_peaks_by_phase(monkeypatch: pytest.MonkeyPatch) -> None:
    peaks = iter([100, 700, 300])
    peak = 0

    def reset(device: Any) -> None:
        nonlocal peak
        peak = next(peaks, 0)

    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", reset)
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda device: peak)
    monkeypatch.setattr(torch.cuda, "max_memory_reserved", lambda device: peak + 1)
    trainer = trainer_on_cuda()
    measurement = Memory()
    measurement.epoch_started(trainer)
    trainer.phases.switch(Phase.FORWARD)
    trainer.phases.switch(Phase.BACKWARD)
    burst = measurement.epoch_ended(trainer)
    assert burst is not None
    values = burst.values
    assert trainer.phases.on_switch is None
    assert values["peak"] == values["allocated"] == 700
    assert values["reserved"] == 701
    assert {name: size for name, size in values.items() if name.startswith(("allocated_", "reserved_"))} == {
        "allocated_first_batch": 100,
        "allocated_forward": 700,
        "allocated_backward": 300,
        "reserved_first_batch": 101,
        "reserved_forward": 701,
        "reserved_backward": 301,
    }
    assert values["host"] >= values["host_main"] > 0


def test_memory_of_several_epochs_is_the_highest_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    # After the reset: up to the first epoch's forward pass, to its end, between the two, and the same of the second.
    peaks = iter([100, 700, 300, 900, 500])
    peak = 0

    def reset(device: Any) -> None:
        nonlocal peak
        peak = next(peaks, 0)

    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", reset)
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda device: peak)
    monkeypatch.setattr(torch.cuda, "max_memory_reserved", lambda device: peak + 1)
    trainer = trainer_on_cuda()
    measurement = Memory(2)
    measurement.epoch_started(trainer)
    trainer.phases.switch(Phase.FORWARD)
    assert measurement.epoch_ended(trainer) is None
    measurement.epoch_started(trainer)
    trainer.phases.switch(Phase.FORWARD)
    burst = measurement.epoch_ended(trainer)
    assert burst is not None
    names = ("peak", "allocated_first_batch", "allocated_forward", "reserved")
    assert [burst.values[name] for name in names] == [900, 900, 700, 901]
    assert trainer.phases.on_switch is None
