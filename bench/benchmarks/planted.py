"""Slowdowns planted in one phase of real training, to see which the harness finds and where it puts them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from pydantic import BaseModel, ConfigDict

from bench.analysis.analyse import analyse
from bench.analysis.deciding import EPOCH
from bench.analysis.result import RowResult, Verdict
from bench.journal.records import AnyRecord, BurstRecord
from bench.optimizations.base import Card, Evidence, Optimization
from bench.optimizations.registry import registry
from bench.probes.phases import Phase
from bench.trials.child import live_as_trial, train_with_probes
from bench.trials.messages import TrialSpec

AXIS = "planted"
PHASES = (Phase.DATA_WAIT, Phase.FORWARD, Phase.BACKWARD, Phase.OPTIMIZER)
SHARES = (0.03, 0.05, 0.10)


class Slowdown(BaseModel):
    """Busy work in every step.

    Attributes:
        phase: where.
        seconds: processor seconds a step; 0 for none.
        share: of the epoch that this is meant to be.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    phase: str
    seconds: float
    share: float


class Planted(Optimization):
    """Busy work in one phase; no part of the catalogue."""

    name = AXIS
    card = Card(
        summary="keeps the processor busy in one phase of every step",
        acts_on=("data", "compute"),
        evidence="times the busy work ran",
    )
    level_type = Slowdown
    usual_levels = ({"phase": "forward", "seconds": 0.0, "share": 0.0},)

    def prepare_training(self, trainer: Any) -> None:
        """Put the busy work in its place."""
        slowdown = Slowdown.model_validate(self.level)
        if slowdown.seconds == 0.0:
            return

        def work(*_: Any) -> Any:
            self.observations["times"] = self.observations.get("times", 0) + 1
            busy(slowdown.seconds)

        first = next(module for module in trainer.model.modules() if not list(module.children()))
        match Phase(slowdown.phase):
            case Phase.DATA_WAIT:
                collate = trainer.train_loader.collate_fn
                trainer.train_loader.collate_fn = lambda samples: (work(), collate(samples))[1]
            case Phase.FORWARD:
                first.register_forward_pre_hook(lambda *_: work())
            case Phase.BACKWARD:
                first.register_forward_hook(lambda _, __, output: output.register_hook(work) and None)
            case Phase.OPTIMIZER:
                trainer.optimizer.register_step_pre_hook(work)

    def evidence(self, trainer: Any) -> Evidence:
        """Tell how often the busy work ran."""
        wanted = Slowdown.model_validate(self.level).seconds > 0
        times = self.observations.get("times", 0)
        return Evidence(wanted == (times > 0), f"busy work ran {times} times", "busy work" if wanted else "none")


def busy(seconds: float) -> None:
    """Compute for so many processor seconds, however long that takes on a shared machine."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def run_planted_trial(connection: Connection, spec: TrialSpec) -> None:
    """Run a trial whose levels may plant a slowdown."""
    live_as_trial(
        connection, spec, lambda: train_with_probes(connection, spec, {**registry(spec.project), AXIS: Planted})
    )


@dataclass(frozen=True)
class Found:
    """What a run said of one planted slowdown.

    Attributes:
        phase: where it was planted.
        share: of the epoch it was meant to be.
        verdict: of the epoch.
        ratio: of the epoch, estimated.
        low: lower end of its interval.
        high: upper end of its interval.
        blamed: the phase whose time grew most.
    """

    phase: Phase
    share: float
    verdict: Verdict
    ratio: float
    low: float | None
    high: float | None
    blamed: Phase

    @property
    def right(self) -> bool:
        """Called slower and put down to the right phase."""
        return self.verdict is Verdict.SLOWER and self.blamed is self.phase


def findings(records: Sequence[AnyRecord], blocks: int) -> tuple[Found, ...]:
    """Return what the first ``blocks`` blocks of a run of planted slowdowns say of each."""
    kept = [r for r in records if not isinstance(r, BurstRecord) or r.block < blocks]
    rows = analyse(kept).rows
    return tuple(_found(row, rows[0]) for row in rows[1:])


def _found(row: RowResult, baseline: RowResult) -> Found:
    slowdown = Slowdown.model_validate(row.levels[AXIS])
    ratio = row.ratios[EPOCH]

    def growth(phase: Phase) -> float:
        metric = f"epoch.{phase.value}"
        return (row.ratios[metric].value - 1) * baseline.figures[metric].median if metric in row.ratios else 0.0

    return Found(
        phase=Phase(slowdown.phase),
        share=slowdown.share,
        verdict=row.verdict,
        ratio=ratio.value,
        low=ratio.low,
        high=ratio.high,
        blamed=max(
            PHASES, key=lambda phase: growth(phase) + (growth(Phase.FIRST_BATCH) if phase is Phase.DATA_WAIT else 0)
        ),
    )
