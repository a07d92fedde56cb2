"""The noise floor of a machine: what identical trials differ by, from a run of the baseline against itself."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import median

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from bench.analysis.analyse import analyse
from bench.analysis.pairs import log_ratios
from bench.analysis.policy import POLICY, Policy
from bench.analysis.ratio import Estimate, between_launches, estimate_all, t_quantile
from bench.analysis.result import Verdict
from bench.analysis.robust import locate
from bench.analysis.workload import workload_digest
from bench.journal.bursts import measured_bursts
from bench.journal.records import AnyRecord
from bench.suite.describe import workload_text

POWER = 0.8
"""Chance with which an effect of the smallest detectable size is detected."""


class NoiseFloor(BaseModel):
    """What identical trials differ by on one machine, with one workload and budget."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    machine_id: str = Field(description="the machine it was taken on")
    workload: str = Field(description="digest of the workload it was taken with")
    workload_text: str = Field(description="the workload in words")
    environment: dict[str, JsonValue] = Field(description="where it was taken; see bench.environment.Environment")
    taken: str = Field(description="UTC, ISO 8601")
    run: str = Field(description="short id of the run it was taken from")
    metric: str = Field(description="what was compared")
    comparisons: int = Field(description="identical trials that were compared with the baseline")
    launches: int = Field(description="launches of each")
    rounds: float = Field(description="median rounds of each, over all launches")
    launch_deviation: float = Field(description="standard deviation between launches of a log ratio")
    burst_deviation: float = Field(description="standard deviation within launches of a log ratio")
    false_alarms: int = Field(description="comparisons called faster or slower")
    covered: int = Field(description="comparisons whose interval holds 1")
    smallest_effect: float | None = Field(
        description="relative difference that, compared alone, is found four times out of five; null if none is"
    )


def noise_floor(records: Sequence[AnyRecord], policy: Policy = POLICY) -> NoiseFloor:
    """Return the noise floor that a run of identical trials shows.

    Raises:
        BenchError: the run holds nothing to compare.
    """
    analysis = analyse(records, policy)
    bursts = measured_bursts(records)
    ratios = log_ratios(bursts, analysis.deciding, analysis.rows[0].combination)
    located = {name: locate(tuple(launches.values())) for name, launches in ratios.items()}
    estimates = estimate_all(ratios)
    covered = [
        row.ratios[analysis.deciding]
        for row in analysis.rows[1:]
        if analysis.deciding in row.ratios and row.ratios[analysis.deciding].low is not None
    ]
    return NoiseFloor(
        machine_id=str(analysis.run.environment.get("machine_id")),
        workload=workload_digest(analysis.run),
        workload_text=workload_text(analysis.suite.workload),
        environment=analysis.run.environment,
        taken=analysis.run.started,
        run=analysis.run.run,
        metric=analysis.deciding,
        comparisons=len(estimates),
        launches=max((estimate.launches for estimate in estimates.values()), default=0),
        rounds=median(estimate.rounds for estimate in estimates.values()) if estimates else 0.0,
        launch_deviation=math.sqrt(between_launches(located, ratios).variance),
        burst_deviation=math.sqrt(median([where.variance or 0.0 for where in located.values()] or [0.0])),
        false_alarms=sum(row.verdict in {Verdict.FASTER, Verdict.SLOWER} for row in analysis.rows[1:]),
        covered=sum((ratio.low or 0.0) <= 1.0 <= (ratio.high or math.inf) for ratio in covered),
        smallest_effect=smallest_effect(estimates, policy),
    )


def smallest_effect(estimates: Mapping[str, Estimate], policy: Policy) -> float | None:
    """Return the relative difference that is found with the chance ``POWER`` when compared alone.

    It has to lie (t(1 - alpha/2) + t(power)) standard errors from 1 (Kirkwood & Sterne 2003, Essential Medical
    Statistics, chapter 35); None where no launch was repeated.
    """
    sizes = [
        (t_quantile(1 - policy.alpha_difference / 2, each.degrees) + t_quantile(POWER, each.degrees))
        * math.sqrt(each.variance)
        for each in estimates.values()
        if each.variance is not None
    ]
    return math.expm1(median(sizes)) if sizes else None
