"""A plan, shown before anything runs."""

from __future__ import annotations

from typing import Any

from tabulate import tabulate

from bench.run import Prepared
from bench.schedule.duration import duration_text, expected_seconds


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
        "trials_alive_at_once": plan.block_size,
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
    seconds = expected_seconds(suite, plan)
    if suite.budget.time is not None:
        length = f"{duration_text(seconds)} (its budget)"
    else:
        length = f"about {duration_text(_rounded(seconds))} (a rough guess)"
    return (
        f"{table}\n\n"
        f"{len(plan.running)} of {_count(len(plan.rows), 'combination')} run on {plan.device}, "
        f"measuring {', '.join(suite.measure)}.\n"
        f"{_count(plan.trials, 'trial')}: {_count(plan.launches, 'launch', 'launches')} of "
        f"{_count(plan.blocks_per_launch, 'block')}, at most {plan.block_size} trials alive at once.\n"
        f"Expected time: {length}."
    )


def _rounded(seconds: float) -> float:
    """Return a guess to the minute, or to ten seconds where it is short; a finer one would claim to know."""
    step = 60 if seconds >= 600 else 10
    return max(step, round(seconds / step) * step)


def _count(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun in the right form."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
