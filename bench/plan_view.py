"""A plan, shown before anything runs."""

from __future__ import annotations

from typing import Any

from tabulate import tabulate

from bench.run import Prepared
from bench.schedule.duration import expected_seconds


def plan_json(prepared: Prepared) -> dict[str, Any]:
    """Return what would be run; seconds are a guess unless the budget is a time."""
    suite, plan = prepared.suite, prepared.plan
    return {
        "suite": suite.name,
        "device": plan.device,
        "combinations": [
            {
                "combination": row.combination.id,
                "label": row.combination.label(plan.baseline),
                "levels": row.combination.levels,
                "not_run": row.not_run,
            }
            for row in plan.rows
        ],
        "trials": plan.trials,
        "launches": plan.launches,
        "blocks_per_launch": plan.blocks_per_launch,
        "measure": list(suite.measure),
        "expected_seconds": round(expected_seconds(suite, plan)),
        "expected_seconds_are": "the budget" if suite.budget.time is not None else "a rough guess",
    }


def plan_text(prepared: Prepared) -> str:
    """Return what would be run, for a person."""
    suite, plan = prepared.suite, prepared.plan
    rows = [
        (number, row.combination.label(plan.baseline), "run" if row.not_run is None else f"not run: {row.not_run}")
        for number, row in enumerate(plan.rows, start=1)
    ]
    table = tabulate(rows, headers=("", "combination", ""), maxcolwidths=[None, 70, 50])
    minutes = expected_seconds(suite, plan) / 60
    length = f"{minutes:.0f} min" if minutes >= 1 else f"{minutes * 60:.0f} s"
    basis = "its budget" if suite.budget.time is not None else "a rough guess"
    running = len(plan.running)
    return (
        f"{table}\n\n"
        f"{running} of {len(plan.rows)} combinations run on {plan.device}, measuring {', '.join(suite.measure)}.\n"
        f"{plan.trials} trials: {plan.launches} launches of {plan.blocks_per_launch} blocks, "
        f"at most {plan.block_size} trials alive at once.\n"
        f"Expected time: {length} ({basis})."
    )
