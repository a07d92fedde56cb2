"""How many identical trials a run of a suite's noise compares."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.run import prepare_noise

SUITES = Path(__file__).parent.parent / "suites"


@pytest.mark.parametrize(
    ("suite", "copies", "compared"),
    [
        ("small", None, 3),  # compares one combination, too few to estimate anything from
        ("quickstart", None, 3),
        ("everything", None, 7),  # compares 255, in blocks of eight with the baseline
        ("quickstart", 1, 1),
        ("quickstart", 20, 20),
    ],
)
def test_as_many_as_the_suite_compares_unless_told(suite: str, copies: int | None, compared: int) -> None:
    plan = prepare_noise(SUITES / f"{suite}.yaml", {"workload.device": "cpu"}, copies).plan
    assert len(plan.running) == compared + 1
    assert len({combination.id for combination in plan.running}) == compared + 1
    assert {tuple(combination.levels.items()) for combination in plan.running} == {tuple(plan.baseline.levels.items())}
