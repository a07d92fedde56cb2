"""Which combinations get another launch, judged from a journal that is still growing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import median

from bench.analysis.analyse import deciding_metric
from bench.analysis.front import ROUNDS_WANTED, Closing, set_aside, standings
from bench.analysis.pairs import log_ratios
from bench.analysis.policy import POLICY, Policy
from bench.analysis.ratio import estimate_all
from bench.analysis.result import Verdict
from bench.analysis.verdict import verdicts
from bench.journal.records import (
    AnyRecord,
    BurstRecord,
    EvidenceRecord,
    FailureRecord,
    LaunchRecord,
    RowRecord,
    RunRecord,
    SetAsideRecord,
)
from bench.suite.model import Suite


def close_combinations(
    suite: Suite, records: Sequence[AnyRecord], launches_left: int, policy: Policy = POLICY
) -> Closing:
    """Return the ids of the combinations that get no further launch.

    Settled are those that failed and those whose evidence speaks against them. With a budget in time also those
    decided at the strict level that repeated looks call for, and set aside are those that are behind the front; a
    number of rounds is to be made in full.

    Args:
        suite: what is compared.
        records: the journal so far.
        launches_left: launches that the rest of the budget is for.
        policy: thresholds of verdicts.
    """
    baseline = next(record.combination for record in records if isinstance(record, RowRecord))
    settled = {r.combination for r in records if isinstance(r, FailureRecord)}
    settled |= {r.combination for r in records if isinstance(r, EvidenceRecord) and not r.in_force}
    if suite.budget.time is None:
        return Closing(frozenset(settled), {})
    bursts = [record for record in records if isinstance(record, BurstRecord) and record.round >= 0]
    ratios = {
        name: launches
        for name, launches in log_ratios(bursts, deciding_metric(suite), baseline).items()
        if name not in settled
    }
    judged = verdicts(estimate_all(ratios), suite.margin, policy.alpha_interim, policy.alpha_interim)
    settled |= {name for name, verdict in judged.items() if verdict is not Verdict.UNDECIDED}
    behind = {r.combination: r.reason for r in records if isinstance(r, SetAsideRecord)}
    racing = {name: each for name, each in standings(ratios).items() if name not in settled and name not in behind}
    behind |= set_aside(racing, affordable(suite, records, launches_left))
    return Closing(frozenset(settled), behind)


def affordable(suite: Suite, records: Sequence[AnyRecord], launches_left: int) -> int | None:
    """Return how many combinations can have ``ROUNDS_WANTED`` rounds in each launch that is left; None if unknown.

    What a launch costs is taken from those made: the median over trials of a start and all its bursts, scaled up
    where there were fewer rounds than are wanted. Every block also holds the baseline.
    """
    deciding = deciding_metric(suite).partition(".")[0]
    cost: dict[tuple[int, str], float] = defaultdict(float)
    rounds: dict[tuple[int, str], int] = defaultdict(int)
    for record in records:
        if isinstance(record, LaunchRecord):
            cost[record.launch, record.combination] += record.setup.get("ready", 0.0)
        elif isinstance(record, BurstRecord):
            cost[record.launch, record.combination] += record.took
            rounds[record.launch, record.combination] += record.round >= 0 and record.measurement == deciding
    had = [key for key, count in rounds.items() if count]
    if suite.budget.time is None or not had:
        return None
    block_size = next(record.block_size for record in records if isinstance(record, RunRecord))
    one = median(cost[key] * max(1.0, ROUNDS_WANTED / rounds[key]) for key in had) * block_size / (block_size - 1)
    spent = max(record.at for record in records if isinstance(record, BurstRecord))
    return int(max(0.0, suite.budget.time - spent) / launches_left / one)
