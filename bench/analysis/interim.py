"""Which combinations get another launch, judged from a journal that is still growing."""

from __future__ import annotations

from collections.abc import Sequence

from bench.analysis.deciding import deciding_metric
from bench.analysis.front import Closing, set_aside, standings
from bench.analysis.gathered import gather
from bench.analysis.pairs import log_ratios
from bench.analysis.policy import POLICY, Policy
from bench.analysis.ratio import estimate_all
from bench.analysis.result import Verdict
from bench.analysis.verdict import verdicts
from bench.analysis.work import other_work
from bench.journal.bursts import measured_bursts
from bench.journal.records import AnyRecord, RowRecord, SetAsideRecord
from bench.suite.model import Suite


def close_combinations(suite: Suite, records: Sequence[AnyRecord], policy: Policy = POLICY) -> Closing:
    """Return the ids of the combinations that get no further launch.

    Settled are those that failed and those whose evidence speaks against them. With a budget in time also those
    decided at the strict level that repeated looks call for, and set aside are those that are behind the front; a
    number of rounds is to be made in full, and so are launches where learning is measured: each is another seed.
    What trained other work than the baseline is neither decided nor set aside, and sets nothing else aside.

    Args:
        suite: what is compared.
        records: the journal so far.
        policy: thresholds of verdicts.
    """
    baseline = next(record.combination for record in records if isinstance(record, RowRecord))
    gathered = gather(records)
    settled = {name for name, own in gathered.items() if own.failures or own.contradictions}
    if suite.budget.time is None or "learning" in suite.measure:
        return Closing(frozenset(settled), {})
    bursts = measured_bursts(records)
    other = other_work(gathered, baseline)
    ratios = {
        name: launches
        for name, launches in log_ratios(bursts, deciding_metric(suite), baseline).items()
        if name not in settled and not other[name]
    }
    judged = verdicts(estimate_all(ratios), suite.margin, policy.alpha_interim, policy.alpha_interim)
    settled |= {name for name, verdict in judged.items() if verdict is not Verdict.UNDECIDED}
    behind = {r.combination: r.reason for r in records if isinstance(r, SetAsideRecord)}
    behind |= set_aside(standings(ratios), ratios.keys() - settled.union(behind))
    return Closing(frozenset(settled), behind)
