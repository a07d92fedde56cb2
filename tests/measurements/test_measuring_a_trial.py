"""Measurements of a real trial give the figures that their classes promise, and the figures agree."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from bench.measurements.base import Burst
from bench.measurements.registry import MEASUREMENTS
from bench.probes.parts import Moment, Part
from bench.probes.phases import Phase
from bench.suite.model import MeasurementName, Workload
from bench.trials.messages import TrialSpec
from bench.trials.server import trial_context
from bench.trials.trial import Trial
from bench.trials.warden import Warden
from bench.workloads.data import prepare_data

PHASES = {phase.value for phase in Phase}
STEPS = 6
BATCH = 4


@dataclass(frozen=True)
class Measured:
    """A trial's bursts, and how many loader workers it had."""

    workers: int
    bursts: dict[MeasurementName, Burst]

    def values(self, name: MeasurementName) -> dict[str, float]:
        return self.bursts[name].values


@pytest.fixture(scope="module", params=[0, 2], ids=["no_workers", "two_workers"])
def measured(
    request: pytest.FixtureRequest, tiny_workload: Workload, warden: Warden, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Measured]:
    """Every measurement once, after a warm-up, in the order of a launch."""
    spec = TrialSpec(
        workload=tiny_workload,
        device="cpu",
        levels={"loader_workers": request.param},
        data=prepare_data(tiny_workload.data),
        folder=tmp_path_factory.mktemp("measured") / "trial",
        cores=tuple(sorted(os.sched_getaffinity(0))),
    )
    trial = Trial(spec, trial_context("cpu"), warden, timeout=300)
    try:
        trial.ready()
        trial.measure("epoch")
        yield Measured(request.param, {name: trial.measure(name) for name in MEASUREMENTS})
    finally:
        trial.end()


def test_all_figures_are_finite_and_none_is_negative(measured: Measured) -> None:
    for burst in measured.bursts.values():
        # What is unexplained is a difference, and set-up is one too.
        sizes = {name: value for name, value in burst.values.items() if not name.startswith(("unexplained", "set_up"))}
        assert all(math.isfinite(value) for value in burst.values.values()), burst.values
        assert all(value >= 0 for value in sizes.values()), burst.values
        assert all(value > 0 for series in burst.series.values() for value in series)


def test_epoch_gives_what_it_promises(measured: Measured) -> None:
    burst = measured.bursts["epoch"]
    whole = {"seconds", "step", "wait", "split_seconds", "training_loss", "steps", "compilation", "parts_share"}
    assert set(burst.values) == whole | PHASES
    assert {name: len(series) for name, series in burst.series.items()} == {"step": STEPS, "wait": STEPS}
    assert burst.values["steps"] == STEPS


def test_phases_sum_to_the_epoch(measured: Measured) -> None:
    values = measured.values("epoch")
    parts = sum(values[phase] for phase in PHASES)
    assert parts == pytest.approx(values["split_seconds"], rel=0.01)
    assert parts == pytest.approx(values["parts_share"] * values["split_seconds"], rel=1e-9)
    assert values["split_seconds"] == values["seconds"]
    assert all(values[phase] > 0 for phase in PHASES)


def test_steps_and_waits_are_the_training_part(measured: Measured) -> None:
    burst = measured.bursts["epoch"]
    values, steps, waits = burst.values, burst.series["step"], burst.series["wait"]
    assert values["step"] == pytest.approx(sum(steps) / STEPS, rel=1e-9)
    assert values["wait"] == pytest.approx(sum(waits) / STEPS, rel=1e-9)
    assert waits[0] == pytest.approx(values["first_batch"], rel=1e-9)
    assert sum(waits[1:]) <= values["data_wait"]
    assert sum(steps) + sum(waits) + values["validation"] + values["checkpoint"] < values["seconds"]
    inside = ("preprocess", "forward", "loss", "backward", "optimizer", "ema")
    assert sum(values[phase] for phase in inside) < sum(steps)


def test_data_loading_agrees_with_itself(measured: Measured) -> None:
    values = measured.values("data_loading")
    by_batch = {"seconds_per_batch", "main_cpu_per_batch", "worker_cpu_per_batch"}
    assert set(values) == by_batch | {"seconds_per_image", "images_per_second", "first_batch"}
    assert values["seconds_per_batch"] == pytest.approx(BATCH * values["seconds_per_image"], rel=1e-9)
    assert values["images_per_second"] * values["seconds_per_batch"] == pytest.approx(BATCH, rel=1e-9)
    assert values["first_batch"] > 0
    if not measured.workers:
        assert values["worker_cpu_per_batch"] == 0


def test_forward_backward_parts_sum_to_the_step(measured: Measured) -> None:
    values = measured.values("forward_backward")
    parts = {"forward", "loss", "backward", "optimizer", "other"}
    by_image = {"seconds_per_image": "step", "forward_per_image": "forward", "backward_per_image": "backward"}
    assert set(values) == parts | {"step", "parts_share", *by_image}
    for name, by_step in by_image.items():
        assert values[by_step] == pytest.approx(BATCH * values[name], rel=1e-9)
    assert sum(values[part] for part in parts) == pytest.approx(values["step"], rel=0.05)
    assert values["parts_share"] == pytest.approx(1, abs=0.01)
    assert all(values[part] > 0 for part in parts)


def test_parts_of_memory_sum_to_the_peak_that_was_counted_apart(measured: Measured) -> None:
    values = measured.values("memory_parts")
    parts = {part.value: values[part.value] for part in Part}
    assert values["unexplained"] == values["watched_peak"] - sum(parts.values())
    assert abs(values["unexplained"]) <= 0.05 * values["watched_peak"]
    assert (parts["workers"] > 0) == (measured.workers > 0)
    # Workers keep the pictures that they decode.
    assert (parts["pictures"] > 0) == (measured.workers == 0)
    present = ("parameters", "optimizer_state", "ema", "most_activations", "process")
    assert all(values[name] > 0 for name in present), values
    # Weights and their average are 4 bytes a number, and SGD with momentum keeps as much again.
    assert parts["parameters"] <= parts["ema"]
    assert parts["optimizer_state"] <= parts["parameters"]


def test_parts_of_memory_come_and_go_along_a_step(measured: Measured) -> None:
    values = measured.values("memory_parts")
    for moment in Moment:
        summed = sum(values[f"{part.value}_after_{moment.value}"] for part in Part)
        assert summed == pytest.approx(values[f"total_after_{moment.value}"], rel=0.05)
    assert 0.5 * values["most_activations"] < values["activations_after_forward"] <= values["most_activations"]
    assert values["activations_after_backward"] < 0.1 * values["activations_after_loss"]
    assert values["gradients_after_forward"] == values["gradients_after_optimizer"] == 0
    assert values["gradients_after_backward"] == pytest.approx(values["parameters"], rel=0.01)


def test_memory_counts_the_trial_and_its_workers(measured: Measured) -> None:
    values = measured.values("memory")
    sizes = {"peak", "host", "host_main", "host_workers"}
    by_phase = set(values) - sizes
    assert sizes <= set(values)
    assert by_phase
    assert by_phase <= {f"host_{phase}" for phase in PHASES}
    assert values["peak"] == values["host"] == max(values[name] for name in by_phase)
    assert values["peak"] >= values["host_main"] > 0
    assert values["host"] <= values["host_main"] + values["host_workers"]
    assert (values["host_workers"] > 0) == (measured.workers > 0)
