"""Bursts drawn from a noise model instead of a machine, to see how often intervals and verdicts are right."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.analysis.front import set_aside, standings
from bench.analysis.policy import POLICY, Policy
from bench.analysis.ratio import Estimate, estimate_all, t_quantile
from bench.analysis.result import Verdict
from bench.analysis.verdict import verdicts


@dataclass(frozen=True)
class Noise:
    """How bursts of one program vary, as standard deviations of the log of their seconds.

    Attributes:
        launch: between launches of the same program.
        burst: between bursts of one launch.
        drift: of the machine from one burst to the next, a random walk that all trials share.
        outlier_share: share of bursts that something disturbs.
        outlier_size: mean of the log of what a disturbance multiplies a burst by; exponentially distributed.
    """

    launch: float
    burst: float
    drift: float
    outlier_share: float
    outlier_size: float


@dataclass(frozen=True)
class Shape:
    """How a simulated run is made.

    Attributes:
        launches: of every combination, unless decided before.
        rounds: of every launch while all combinations are alive, give or take one; freed time goes to those still
            alive.
        margin: relative difference that counts as none.
        race: whether combinations behind the front are set aside, as the engine does.
        block: combinations in a block beside its baseline, at most; every launch deals them anew.
    """

    launches: int
    rounds: int
    margin: float
    race: bool = True
    block: int = 7


@dataclass(frozen=True)
class Outcome:
    """What a simulated run said of one combination.

    Attributes:
        estimate: of its log ratio.
        verdict: at the end of the run.
    """

    estimate: Estimate
    verdict: Verdict


def simulate_run(
    effects: Mapping[str, float], noise: Noise, shape: Shape, rng: random.Random, policy: Policy = POLICY
) -> dict[str, Outcome]:
    """Simulate one run with interim looks, as the engine makes them.

    Args:
        effects: combination to its true log ratio to the baseline.
        noise: of the machine.
        shape: of the run.
        rng: source of all chance.
        policy: thresholds of verdicts.
    """
    ratios: dict[str, dict[int, list[float]]] = {name: {} for name in effects}
    alive = set(effects)
    time = shape.rounds * (len(effects) + _blocks(len(effects), shape))
    starts = 0
    for launch in range(shape.launches):
        judged = verdicts(estimate_all(ratios), shape.margin, policy.alpha_interim, policy.alpha_interim)
        alive = {name for name in alive if judged.get(name, Verdict.UNDECIDED) is Verdict.UNDECIDED}
        if launch and shape.race:
            alive -= set(set_aside(standings(ratios), alive))
        if not alive:
            break
        dealt, blocks = rng.sample(sorted(alive), len(alive)), _blocks(len(alive), shape)
        for number in range(blocks):
            # What a block's time holds is a matter of chance, and one round is made in any case.
            rounds = max(1, time // (len(alive) + blocks) + rng.choice((-1, 0, 1)))
            for name, logs in _launch(dealt[number::blocks], effects, noise, rounds, rng).items():
                ratios[name][starts] = logs
            starts += 1
    estimates = estimate_all(ratios)
    judged = verdicts(estimates, shape.margin, policy.alpha_difference, policy.alpha_equivalence)
    return {name: Outcome(estimates[name], judged[name]) for name in effects}


def _blocks(combinations: int, shape: Shape) -> int:
    """Return how many blocks so many combinations are dealt into."""
    return -(-combinations // shape.block)


def _launch(
    members: Sequence[str], effects: Mapping[str, float], noise: Noise, rounds: int, rng: random.Random
) -> dict[str, list[float]]:
    """Simulate the rounds of one launch of one block and return the log ratios to its baseline."""
    baseline = ""
    trials = [baseline, *members]
    offsets = {trial: rng.gauss(effects.get(trial, 0.0), noise.launch) for trial in trials}
    ratios: dict[str, list[float]] = {trial: [] for trial in trials[1:]}
    mood = 0.0
    for _ in range(rounds):
        logs: dict[str, float] = {}
        for trial in rng.sample(trials, len(trials)):
            mood += rng.gauss(0.0, noise.drift)
            logs[trial] = mood + offsets[trial] + rng.gauss(0.0, noise.burst)
            if rng.random() < noise.outlier_share:
                logs[trial] += rng.expovariate(1 / noise.outlier_size)
        for trial in ratios:
            ratios[trial].append(logs[trial] - logs[baseline])
    return ratios


def covers(estimate: Estimate, truth: float, confidence: float) -> bool:
    """Return whether the interval of an estimate holds a true log ratio."""
    if estimate.variance is None:
        return False
    half = t_quantile(0.5 + confidence / 2, estimate.degrees) * math.sqrt(estimate.variance)
    return abs(estimate.mean - truth) <= half
