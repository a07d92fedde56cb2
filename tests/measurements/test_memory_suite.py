"""The suite about memory runs here, and what it compares moves the parts that it should."""

from __future__ import annotations

from pathlib import Path

import pytest
from starting import StartTrial

from bench.optimizations.registry import registry
from bench.suite.load import load_suite
from bench.suite.model import Level

SUITE = Path(__file__).parents[2] / "suites" / "memory.yaml"


def test_suite_measures_parts_of_what_moves_memory() -> None:
    suite = load_suite(SUITE, known=registry())
    assert suite.measure == ("memory_parts",)
    assert suite.budget.time == 360
    memory_axes = {"precision", "activation_checkpointing", "optimizer", "gradient_accumulation", "zero_grad"}
    assert memory_axes <= set(suite.axes)


def test_parts_follow_what_techniques_do(start_trial: StartTrial) -> None:
    def parts_with(levels: dict[str, Level]) -> dict[str, float]:
        trial = start_trial(levels)
        trial.ready()
        trial.measure("epoch")
        parts = trial.measure("memory_parts").values
        trial.end()
        return parts

    plain = parts_with({})
    changed = parts_with({"activation_checkpointing": "block", "optimizer": "AdamW", "zero_grad": "zero"})
    assert plain["optimizer_state"] == pytest.approx(plain["parameters"], rel=0.01)
    # AdamW keeps two averages, and counts the steps of each parameter besides: 4 bytes each.
    assert changed["optimizer_state"] == pytest.approx(2 * changed["parameters"], rel=0.01)
    assert plain["gradients_after_optimizer"] == 0
    assert changed["gradients_after_optimizer"] == changed["gradients_after_backward"] > 0
    assert changed["activations_after_loss"] < plain["activations_after_loss"]
    assert all(abs(parts["unexplained"]) <= 0.05 * parts["watched_peak"] for parts in (plain, changed))


@pytest.mark.parametrize(
    "levels",
    [
        {},
        {"activation_checkpointing": "block", "optimizer": "AdamW", "loader_workers": 2},
        {"precision": "bf16"},
    ],
    ids=["baseline", "checkpointing_adamw_two_workers", "bf16"],
)
def test_parts_sum_to_the_peak_where_activations_dominate(start_trial: StartTrial, levels: dict[str, Level]) -> None:
    workload = load_suite(SUITE, known=registry()).workload
    # Threads that wait for one another would make this slow on a busy machine.
    trial = start_trial(levels, workload=workload.model_copy(update={"threads": 1}))
    trial.ready()
    parts = trial.measure("memory_parts").values
    trial.end()
    tensors = sum(parts[name] for name in ("parameters", "optimizer_state", "ema"))
    assert parts["most_activations"] > 5 * tensors
    assert abs(parts["unexplained"]) <= 0.05 * parts["watched_peak"]
    # Two epochs: how far the loader's workers are ahead at the peak differs where the machine is busy.
    assert parts["watched_peak"] == pytest.approx(parts["peak"], rel=0.2)
