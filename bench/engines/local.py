"""Runs the blocks of a plan on this machine, one after the other."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from bench.engines.launch import Launch, Surroundings
from bench.engines.past import Past
from bench.engines.progress import Progress
from bench.journal.file import Journal
from bench.journal.records import EndRecord
from bench.schedule.plan import Plan
from bench.suite.model import MeasurementName, Suite
from bench.trials.server import trial_context
from bench.trials.warden import Warden


def run_plan(suite: Suite, plan: Plan, data: Path, journal: Journal, progress: Progress, past: Past) -> bool:
    """Run all blocks that ``past`` has not finished, each within an equal share of the time that is left.

    Args:
        suite: what is compared.
        plan: its blocks.
        data: YOLO data YAML that trials make their private views of.
        journal: where all that is seen goes.
        progress: somebody who watches.
        past: what an earlier part of the same run has done.

    Returns:
        Whether the baseline lived through some block, so that there is something to report.
    """
    began = time.monotonic() - past.seconds

    def now() -> float:
        return time.monotonic() - began

    bursts_expected = expected_bursts(suite, plan)
    bursts = sum(past.rounds.values())
    budget = suite.budget.time

    def burst_over() -> None:
        nonlocal bursts
        bursts += 1
        if budget is not None:
            progress.advance(min(1.0, now() / budget), max(0.0, budget - now()))
        else:
            share = min(1.0, bursts / bursts_expected)
            progress.advance(share, now() / share - now())

    warden = Warden()
    context = trial_context(plan.device)
    around = Surroundings(suite, plan.device, data, context, warden, journal.write, now, burst_over, progress)
    todo = [block for block in plan.blocks if block.index not in past.finished]
    lived = len(todo) < len(plan.blocks)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
            for number, block in enumerate(todo):
                deadline = None if budget is None else now() + max(0.0, budget - now()) / (len(todo) - number)
                done: dict[MeasurementName, int] = {
                    measurement: rounds for (index, measurement), rounds in past.rounds.items() if index == block.index
                }
                launch = Launch(around, block, past.launches + number, Path(scratch) / str(number))
                lived |= launch.run(deadline, done)
    finally:
        warden.close()
    reason = "baseline failed" if not lived else "rounds done" if budget is None else "budget spent"
    journal.write(EndRecord(at=now(), reason=reason))
    return lived


def expected_bursts(suite: Suite, plan: Plan) -> int:
    """Return how many bursts a run with a fixed number of rounds makes when no trial fails, warm-up included."""
    rounds = suite.budget.rounds or 1
    per_trial = 1 + sum(1 if measurement == "memory" else rounds for measurement in suite.measure)
    return plan.trials * per_trial
