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


@pytest.mark.parametrize(
    "levels", [{}, {"activation_checkpointing": "block", "optimizer": "AdamW"}, {"zero_grad": "zero"}]
)
def test_parts_follow_what_a_technique_does(levels: dict[str, Level], start_trial: StartTrial) -> None:
    trial = start_trial(levels)
    trial.ready()
    trial.measure("epoch")
    parts = trial.measure("memory_parts").values
    states = 2 if levels.get("optimizer") == "AdamW" else 1
    # AdamW counts the steps of each parameter besides: 4 bytes each.
    assert parts["optimizer_state"] == pytest.approx(states * parts["parameters"], rel=0.01)
    kept = parts["activations_after_loss"] / 2**20
    assert kept < 1.0 if "activation_checkpointing" in levels else kept > 1.0
    left = parts["gradients_after_optimizer"]
    assert left == (parts["gradients_after_backward"] if "zero_grad" in levels else 0)
    assert abs(parts["unexplained"]) <= 0.05 * parts["peak"]
