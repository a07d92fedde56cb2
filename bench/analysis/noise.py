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
from bench.errors import BenchError
from bench.journal.bursts import measured_bursts
from bench.journal.records import AnyRecord
from bench.suite.describe import workload_text

POWER = 0.8
"""Chance with which an effect of the smallest detectable size is called faster or slower."""


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
    launch_deviation: float | None = Field(
        description="standard deviation between launches of a log ratio, that of bursts in it where theirs is null; "
        "null with one launch"
    )
    burst_deviation: float | None = Field(
        description="standard deviation within launches of a log ratio; null with one round in each launch"
    )
    false_alarms: int = Field(description="comparisons called faster or slower")
    covered: int | None = Field(
        description="comparisons whose interval holds 1; null with one launch, which gives no intervals"
    )
    smallest_effect: float | None = Field(
        description="relative difference that, compared alone, is called faster or slower four times out of five; null "
        "with one launch"
    )
    margin: float | None = Field(
        None, description="relative difference that counted as none; null in floors from before it was kept"
    )


def noise_floor(records: Sequence[AnyRecord], policy: Policy = POLICY) -> NoiseFloor:
    """Return the noise floor that a run of identical trials shows.

    Raises:
        BenchError: no identical trial can be compared with the baseline.
    """
    analysis = analyse(records, policy)
    bursts = measured_bursts(records)
    ratios = log_ratios(bursts, analysis.deciding, analysis.rows[0].combination)
    located = {name: locate(tuple(launches.values())) for name, launches in ratios.items()}
    estimates = estimate_all(ratios)
    if not estimates:
        raise BenchError(
            f"run {analysis.run.run} has no noise floor: no identical trial of it can be compared with the baseline; "
            "its report says why"
        )
    between = between_launches(located, ratios)
    within = [where.variance for where in located.values() if where.variance is not None]
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
        launches=max(estimate.launches for estimate in estimates.values()),
        rounds=median(estimate.rounds for estimate in estimates.values()),
        launch_deviation=math.sqrt(between.variance) if between.degrees else None,
        burst_deviation=math.sqrt(median(within)) if within else None,
        false_alarms=sum(row.verdict in {Verdict.FASTER, Verdict.SLOWER} for row in analysis.rows[1:]),
        covered=sum((ratio.low or 0.0) <= 1.0 <= (ratio.high or math.inf) for ratio in covered) if covered else None,
        smallest_effect=smallest_effect(estimates, analysis.suite.margin, policy),
        margin=analysis.suite.margin,
    )


def smallest_effect(estimates: Mapping[str, Estimate], margin: float, policy: Policy) -> float | None:
    """Return the relative difference that is called faster or slower with the chance ``POWER`` when compared alone.

    With the standard error s of a log ratio and Student's quantiles t, ``verdicts`` calls an estimate equivalent that
    is less than L = log(1 + margin) - t(1 - alpha_equivalence) s from 0, however certain it is, and any other faster
    or slower that is more than D = t(1 - alpha_difference / 2) s from 0. The true log ratio has to lie t(POWER) s
    beyond both (Kirkwood & Sterne 2003, Essential Medical Statistics, chapter 35):

        smallest = exp(max(D, L) + t(POWER) s) - 1, the median over the estimates

    Args:
        estimates: log ratios of identical trials to the baseline.
        margin: relative difference that counts as none.
        policy: thresholds of verdicts.

    Returns:
        The difference; None where no launch was repeated.
    """
    sizes = [_smallest_log_ratio(each, margin, policy) for each in estimates.values() if each.variance is not None]
    return math.expm1(median(sizes)) if sizes else None


def _smallest_log_ratio(estimate: Estimate, margin: float, policy: Policy) -> float:
    """Return what ``smallest_effect`` does of one estimate that has a variance, as a log ratio."""
    assert estimate.variance is not None
    error = math.sqrt(estimate.variance)

    def errors(probability: float) -> float:
        return t_quantile(probability, estimate.degrees) * error

    shown_to_differ = errors(1 - policy.alpha_difference / 2)
    not_equivalent = math.log1p(margin) - errors(1 - policy.alpha_equivalence)
    return max(shown_to_differ, not_equivalent) + errors(POWER)
