"""A run of planted slowdowns, and the table of what it found by budget."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from statistics import median

from tabulate import tabulate

from bench.benchmarks.planted import AXIS, PHASES, SHARES, Planted, Slowdown, findings, run_planted_trial
from bench.benchmarks.stage import PROBED, epoch_seconds, stage
from bench.environment import Machine
from bench.environment.machine import usable_cores
from bench.journal.head import head_of
from bench.journal.records import AnyRecord, RowRecord
from bench.optimizations.registry import Registry, registry
from bench.reports.numbers import NOT_AVAILABLE, percentage_text
from bench.run import Prepared
from bench.schedule.plan import make_plan
from bench.suite.combination import Combination
from bench.suite.design import Row

PILOT_EPOCHS = 5


def plant(prepared: Prepared) -> Prepared:
    """Return the plan of a run whose rows are the suite's baseline with and without busy work.

    A pilot trial tells how long the baseline's steps take, so that the work is the share of the epoch it should be.
    """
    workload, device = prepared.suite.workload, prepared.plan.device
    with (
        stage(workload, device, prepared.project) as place,
        place.trials({"pilot": PROBED}, usable_cores()[:1]) as trials,
    ):
        epoch_seconds(trials["pilot"])
        epochs = [trials["pilot"].measure("epoch").values for _ in range(PILOT_EPOCHS)]
    step = median(values["seconds"] / values["steps"] for values in epochs)
    slowdowns = [Slowdown(phase="forward", seconds=0.0, share=0.0)]
    slowdowns += [
        Slowdown(phase=phase.value, seconds=share * step, share=share) for phase in PHASES for share in SHARES
    ]
    rows = tuple(Row(Combination.of({AXIS: slowdown.model_dump()}), None) for slowdown in slowdowns)
    suite = prepared.suite.model_copy(
        update={"name": "power", "axes": {AXIS: tuple(each.model_dump() for each in slowdowns)}, "measure": ("epoch",)}
    )
    known = Registry([*registry(prepared.project).values(), Planted])
    plan = make_plan(suite, rows, Machine.here(), usable_cores(), device, known)
    return dataclasses.replace(prepared, suite=suite, plan=plan, target=run_planted_trial)


def table(records: Sequence[AnyRecord], launches: int) -> str:
    """Return what was found, one row a slowdown, with the verdict after each number of launches from the second."""
    run = head_of(records)
    slowdowns = sum(isinstance(record, RowRecord) for record in records) - 1
    blocks = -(-slowdowns // (run.block_size - 1))
    by_launches = {count: findings(records, count * blocks) for count in range(2, launches + 1)}
    last = by_launches[launches]
    heads = ["planted in", "share of the epoch", "ratio found", "95 % interval", "put down to"]
    heads += [f"{count} launches" for count in by_launches]
    rows = [
        [
            each.phase.value,
            percentage_text(each.share),
            f"{each.ratio:.3f}",
            NOT_AVAILABLE if each.low is None or each.high is None else f"{each.low:.3f} to {each.high:.3f}",
            each.blamed.value,
            *(found[number].verdict.value for found in by_launches.values()),
        ]
        for number, each in enumerate(last)
    ]
    return tabulate(rows, headers=heads, tablefmt="github")
