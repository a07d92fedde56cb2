"""What is shown of a plan before anything runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench.environment import CudaDevice, Machine
from bench.optimizations.registry import registry
from bench.plan_view import plan_json, plan_text
from bench.run import Prepared
from bench.schedule.plan import make_plan
from bench.suite.design import expand
from bench.suite.model import Budget, Exclusion, ShapesData, Suite, Workload

GPU = CudaDevice(0, "GPU", 24_000_000_000, "580.1", (9, 0))


def prepared(device: str = "cpu", gpus: tuple[CudaDevice, ...] = (), **changes: Any) -> Prepared:
    """Two axes, one combination excluded, two rounds on ten pictures; on a machine with 7.5 GB."""
    given: dict[str, Any] = {
        "name": "mine",
        "workload": Workload(model="yolo26n.yaml", data=ShapesData(images=10)),
        "axes": {"precision": ("fp32", "bf16"), "memory_format": ("contiguous", "channels_last")},
        "exclude": (Exclusion(when={"precision": "bf16", "memory_format": "channels_last"}, reason="known to crash"),),
        "measure": ("epoch", "memory"),
        "budget": Budget(rounds=2, time=None),
        "launches": 2,
    }
    suite = Suite(**given | changes)
    machine = Machine(cores=4, memory_bytes=7_500_000_000, cuda=gpus, cpp_compiler=True)
    return Prepared(
        Path("mine.yaml"), suite, make_plan(suite, expand(suite, machine), machine, (0, 1, 2, 3), device, registry())
    )


def test_a_plan_for_people() -> None:
    # Four trials at once by memory; 2 launches of 3 trials, 0.7 s + 0.6 s * (1 + 2 + 1) each, after 5 s: 23.6 s.
    assert plan_text(prepared()) == (
        "    combination\n"
        "--  -------------------------------------------  -----------------------\n"
        " 1  baseline                                     run\n"
        " 2  memory_format=channels_last                  run\n"
        " 3  precision=bf16                               run\n"
        " 4  precision=bf16, memory_format=channels_last  not run: known to crash\n"
        "\n"
        "3 of 4 combinations run on cpu, measuring epoch, memory.\n"
        "6 trials: 2 launches of 1 block, at most 4 trials alive at once.\n"
        "Expected time: about 20 s (a rough guess)."
    )


def test_a_time_budget_is_the_expected_time() -> None:
    text = plan_text(prepared(budget=Budget(time=90.0, rounds=None)))
    assert text.endswith("Expected time: 1 min 30 s (its budget).")


@pytest.mark.parametrize(
    ("rounds", "length"),
    [
        (40, "about 2 min 40 s"),  # 5 + 6 * (0.7 + 42 * 0.6) = 160.4
        (200, "about 12 min"),  # 5 + 6 * (0.7 + 202 * 0.6) = 736.4
    ],
)
def test_a_guess_is_shown_no_finer_than_it_is(rounds: int, length: str) -> None:
    text = plan_text(prepared(budget=Budget(rounds=rounds, time=None)))
    assert text.endswith(f"Expected time: {length} (a rough guess).")


def test_a_plan_for_programs() -> None:
    shown = plan_json(prepared())
    assert json.loads(json.dumps(shown)) == shown
    rows = shown.pop("combinations")
    assert shown == {
        "suite": "mine",
        "device": "cpu",
        "trials": 6,
        "launches": 2,
        "blocks_per_launch": 1,
        "trials_alive_at_once": 4,
        "measure": ["epoch", "memory"],
        "expected_seconds": 24,
        "expected_seconds_are": "a rough guess",
    }
    assert [row["label"] for row in rows] == [
        "baseline",
        "memory_format=channels_last",
        "precision=bf16",
        "precision=bf16, memory_format=channels_last",
    ]
    assert [row["not_run"] for row in rows] == [None, None, None, "known to crash"]
    assert rows[2]["levels"] == {"precision": "bf16", "memory_format": "contiguous"}
    assert len({row["combination"] for row in rows}) == 4


def test_a_time_budget_for_programs() -> None:
    shown = plan_json(prepared(budget=Budget(time=90.0, rounds=None)))
    assert (shown["expected_seconds"], shown["expected_seconds_are"]) == (90, "the budget")


def test_a_plan_for_a_gpu() -> None:
    # 0.8 * 24 / 6 = 3 trials at once.
    text = plan_text(prepared(device="cuda:0", gpus=(GPU,), launches=1))
    assert "3 of 4 combinations run on cuda:0, measuring epoch, memory." in text
    assert "3 trials: 1 launch of 1 block, at most 3 trials alive at once." in text
