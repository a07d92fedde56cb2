"""The largest batch of the tiny detector, with little memory granted and with plenty."""

from __future__ import annotations

import os
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import bench.fitting.trials
from bench.engines.progress import Silent
from bench.fitting.grant import Grant
from bench.fitting.search import Attempt, largest_of
from bench.fitting.trials import SearchFailedError, find_largest, ran_out, with_batch
from bench.measurements.base import Burst
from bench.suite.model import ShapesData, Workload
from bench.trials.messages import Failed, Ready, TrialSpec
from bench.trials.outcome import Failure
from bench.trials.trial import TrialFailedError
from bench.trials.warden import Warden
from bench.workloads.data import prepare_data

PLENTY = Grant(6_000_000_000, None)


@pytest.fixture
def spec(tiny_workload: Workload, tmp_path: Path) -> TrialSpec:
    """A trial of 24 pictures scaled up, so that a batch of them needs much more memory than one."""
    workload = tiny_workload.model_copy(
        update={"data": ShapesData(images=24, validation_images=2, size=64), "image_size": 160, "batch": 6}
    )
    cores = tuple(sorted(os.sched_getaffinity(0)))
    return TrialSpec(workload, "cpu", {}, prepare_data(workload.data), tmp_path / "trial", cores)


def test_memory_decides(spec: TrialSpec, warden: Warden) -> None:
    plenty = find_largest(spec, PLENTY, warden, 300, Silent())
    assert [(each.batch, each.fits, each.tried) for each in plenty] == [
        (6, True, True),
        (12, True, True),
        (24, True, True),
    ]
    assert not spec.folder.exists()
    small, _, large = (each.need or 0 for each in plenty)
    granted = (small + large) // 2
    assert small < granted
    attempts = find_largest(spec, Grant(granted, None), warden, 300, Silent())
    largest = largest_of(attempts)
    assert largest is not None
    assert 6 <= largest < 24
    refused = [each for each in attempts if not each.fits]
    assert refused
    assert all(each.reason for each in refused)


def test_nothing_fits_into_nothing(spec: TrialSpec, warden: Warden) -> None:
    attempts = find_largest(spec, Grant(1_000_000, None), warden, 300, Silent())
    assert [each.batch for each in attempts] == [6, 3, 1]
    assert largest_of(attempts) is None


def test_a_failure_that_memory_did_not_cause_is_told(spec: TrialSpec, warden: Warden) -> None:
    broken = replace(spec, workload=spec.workload.model_copy(update={"model": "not_there.yaml"}))
    with pytest.raises(SearchFailedError, match=r"a trial of batch 6 failed: exception") as raised:
        find_largest(broken, PLENTY, warden, 300, Silent())
    assert raised.value.failed.failure is Failure.EXCEPTION


class SlowTrial:
    """Stands in for a trial; one with more images in a batch than ``most`` never answers."""

    most: int
    group = 0

    def __init__(self, spec: TrialSpec, *_: Any) -> None:
        self.batch = spec.workload.batch

    def ready(self) -> Ready:
        return Ready({}, {"images": 24, "batches": 3, "accumulate": 1})

    def measure(self, measurement: str) -> Burst:
        if self.batch > self.most:
            raise TrialFailedError(Failed(Failure.TIMED_OUT, "no answer within 9 s"))
        return Burst({"peak": 1000.0 + self.batch}, {})

    def end(self) -> None:
        pass


def slow_search(spec: TrialSpec, warden: Warden, monkeypatch: pytest.MonkeyPatch, most: int) -> tuple[Attempt, ...]:
    monkeypatch.setattr(bench.fitting.trials, "Trial", type("Slow", (SlowTrial,), {"most": most}))
    monkeypatch.setattr(bench.fitting.trials, "MemoryGuard", lambda *_: nullcontext(SimpleNamespace(ended=False)))
    return find_largest(spec, PLENTY, warden, 9, Silent())


def test_a_batch_that_takes_too_long_does_not_fit(
    spec: TrialSpec, warden: Warden, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = slow_search(spec, warden, monkeypatch, most=8)
    assert [(each.batch, each.fits) for each in attempts] == [(6, True), (12, False), (9, False), (7, True), (8, True)]
    assert {each.reason for each in attempts if not each.fits} == {"no answer within 9 s"}


def test_one_image_that_takes_too_long_is_a_failure(
    spec: TrialSpec, warden: Warden, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SearchFailedError, match=r"a trial of batch 1 failed: timed out") as raised:
        slow_search(spec, warden, monkeypatch, most=0)
    assert raised.value.failed.failure is Failure.TIMED_OUT


def test_an_attempt_trains_long_enough_for_an_optimizer_step(spec: TrialSpec) -> None:
    # With Ultralytics' nbs of 64, batches of 8 are accumulated 8 times: 9 batches are 72 pictures.
    usual = replace(spec, workload=spec.workload.model_copy(update={"settings": {}}))
    assert with_batch(usual, 8).workload.settings == {"fraction": 72}
    assert with_batch(usual, 64).workload.settings == {"fraction": 192}
    own = replace(spec, workload=spec.workload.model_copy(update={"settings": {"fraction": 0.5}}))
    assert with_batch(own, 8).workload.settings == {"fraction": 0.5}
    assert with_batch(usual, 8).levels == {"batch": 8}


@pytest.mark.parametrize(
    ("failed", "expected"),
    [
        (Failed(Failure.OUT_OF_MEMORY, "OutOfMemoryError: CUDA out of memory"), True),
        (Failed(Failure.CRASHED, "killed by SIGKILL, as the system does when memory runs out"), True),
        (Failed(Failure.CRASHED, "killed by SIGSEGV"), False),
        (Failed(Failure.TIMED_OUT, "no answer within 9 s"), False),
        (Failed(Failure.EXCEPTION, "ValueError: no"), False),
    ],
)
def test_what_counts_as_running_out(failed: Failed, expected: bool) -> None:
    assert ran_out(failed) is expected
