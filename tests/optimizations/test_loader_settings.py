"""What becomes of loader settings where there are no workers, and of measuring workers that come and go."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import Any

import pytest
from starting import StartTrial
from torch.utils.data import DataLoader, Dataset

from bench.environment import Machine
from bench.optimizations.registry import registry
from bench.suite.model import Level, Workload

PROCESSOR = Machine(cores=2, memory_bytes=8_000_000_000, cuda=(), cpp_compiler=True)


@pytest.mark.parametrize(
    ("levels", "settings", "idle"),
    [
        ({"prefetch_factor": 8}, {}, True),
        ({"prefetch_factor": 4}, {}, False),
        ({"prefetch_factor": 8}, {"workers": 2}, False),
        ({"prefetch_factor": 8, "loader_workers": 1}, {}, False),
        ({"prefetch_factor": 8, "loader_workers": 0}, {"workers": 2}, True),
        ({"persistent_workers": "off"}, {}, True),
        ({"persistent_workers": "on"}, {}, False),
        ({"persistent_workers": "off"}, {"workers": 2}, False),
    ],
)
def test_without_workers_there_is_nothing_to_act_on(
    tiny_workload: Workload, levels: dict[str, Level], settings: dict[str, Level], idle: bool
) -> None:
    optimization = registry()[next(iter(levels))]
    workload = tiny_workload.model_copy(update={"settings": settings})
    assert (optimization.idle(levels, workload, PROCESSOR) is not None) is idle


def test_ultralytics_has_workers_of_its_own_on_a_gpu(tiny_workload: Workload) -> None:
    machine = dataclasses.replace(PROCESSOR, cuda=(object(),))  # type: ignore[arg-type]
    assert registry()["prefetch_factor"].idle({"prefetch_factor": 8}, tiny_workload, machine) is None


@pytest.mark.parametrize(("name", "level"), [("prefetch_factor", 8), ("persistent_workers", "off")])
def test_conflict_with_no_workers(name: str, level: Level) -> None:
    optimization = registry()[name]
    assert optimization.conflict({name: level, "loader_workers": 0})
    assert optimization.conflict({name: level, "loader_workers": 2}) is None
    assert optimization.conflict({name: optimization.usual_levels[0], "loader_workers": 0}) is None


def test_pinned_batches_need_cuda() -> None:
    assert registry()["pin_memory"].unavailable("on", PROCESSOR) == "needs CUDA"
    assert registry()["pin_memory"].unavailable("off", PROCESSOR) is None


def test_restarted_workers_are_measured_and_counted(start_trial: StartTrial, tiny_workload: Workload) -> None:
    levels: dict[str, Level] = {"loader_workers": 2, "persistent_workers": "off", "prefetch_factor": 2}
    trial = start_trial(levels, tiny_workload)
    trial.ready()
    trial.measure("epoch")
    trial.measure("epoch")
    burst = trial.measure("data_loading")
    assert burst.values["worker_cpu_per_batch"] > 0
    trial.measure("epoch")
    shown = trial.evidence()
    assert {name: each.in_force for name, each in shown.items()} == dict.fromkeys(levels, True)


class FakeTrainer:
    """The loader of a trainer, and the callback that the evidence is read by."""

    def __init__(self, loader: Any) -> None:
        self.train_loader = loader
        self.callbacks: list[Callable[[Any], None]] = []

    def add_callback(self, event: str, callback: Callable[[Any], None]) -> None:
        self.callbacks.append(callback)


class LateFirst(Dataset[int]):
    """Five numbers, the first of which comes after those that the other worker has ready."""

    def __len__(self) -> int:
        return 5

    def __getitem__(self, index: int) -> int:
        if index == 0:
            time.sleep(0.5)
        return index


def test_batches_that_came_before_their_turn_are_ready(tiny_workload: Workload) -> None:
    loader: Any = DataLoader(LateFirst(), batch_size=1, num_workers=2, prefetch_factor=2)
    optimization = registry()["prefetch_factor"](2, tiny_workload)
    trainer = FakeTrainer(loader)
    optimization.observe(trainer)
    loader.iterator = iter(loader)
    next(loader.iterator)
    trainer.callbacks[0](trainer)
    shown = optimization.evidence(trainer)
    assert (shown.in_force, shown.observed) == (True, "4 batches ready or under way for 2 workers")


class Four(Dataset[int]):
    """Four numbers."""

    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> int:
        return index


def four_batches(kind: str, prefetched: int) -> Any:
    """Ultralytics' loader, the one that starts its workers anew, or the plain one, of four batches for two workers."""
    from ultralytics.data.build import InfiniteDataLoader

    from bench.loading.coco_dataset import PlainDataLoader
    from bench.workloads.restarting_loader import make_restarting

    settings: dict[str, Any] = {"batch_size": 1, "num_workers": 2, "prefetch_factor": prefetched}
    if kind == "plain":
        return PlainDataLoader(Four(), persistent_workers=True, **settings)
    loader = InfiniteDataLoader(Four(), **settings)
    if kind == "restarting":
        make_restarting(loader)
    return loader


@pytest.mark.parametrize(
    ("kind", "prefetched", "in_force", "ahead", "expected"),
    [
        # Two batches for each of two workers; but three are left of a pass that ends, when one of four is there.
        ("repeating", 2, True, 4, 4),
        ("repeating", 1, False, 2, 4),
        ("restarting", 2, True, 3, 3),
        ("restarting", 1, False, 2, 3),
        ("plain", 2, True, 3, 3),
        ("plain", 1, False, 2, 3),
    ],
)
def test_no_more_is_ahead_than_is_left_of_a_pass_that_ends(
    tiny_workload: Workload, kind: str, prefetched: int, in_force: bool, ahead: int, expected: int
) -> None:
    loader = four_batches(kind, prefetched)
    optimization = registry()["prefetch_factor"](2, tiny_workload)
    trainer = FakeTrainer(loader)
    optimization.observe(trainer)
    batches = iter(loader)
    next(batches)
    trainer.callbacks[0](trainer)
    shown = optimization.evidence(trainer)
    loader.reset()
    assert (shown.in_force, shown.observed, shown.expected) == (
        in_force,
        f"{ahead} batches ready or under way for 2 workers",
        f"{expected} batches",
    )
