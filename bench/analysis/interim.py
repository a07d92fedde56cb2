"""Which combinations are worth another launch, judged from a journal that is still growing."""

from __future__ import annotations

from collections.abc import Sequence

from bench.analysis.analyse import contradictions, deciding_metric
from bench.analysis.pairs import log_ratios
from bench.analysis.policy import POLICY, Policy
from bench.analysis.ratio import estimate_all
from bench.analysis.result import Verdict
from bench.analysis.verdict import verdicts
from bench.journal.records import AnyRecord, BurstRecord, FailureRecord, RowRecord
from bench.suite.model import Suite


def open_combinations(suite: Suite, records: Sequence[AnyRecord], policy: Policy = POLICY) -> frozenset[str]:
    """Return the ids of the combinations that more rounds could still say something new about.

    Closed are those that failed and those whose evidence speaks against them; with a budget in time also those
    decided at the strict level that repeated looks call for, for a number of rounds is to be made in full.
    """
    rows = [record for record in records if isinstance(record, RowRecord)]
    baseline = rows[0].combination
    failed = {record.combination for record in records if isinstance(record, FailureRecord)}
    bursts = [record for record in records if isinstance(record, BurstRecord) and record.round >= 0]
    estimates = estimate_all(log_ratios(bursts, deciding_metric(suite), baseline))
    judged = verdicts(estimates, suite.margin, policy.alpha_interim, policy.alpha_interim)
    return frozenset(
        row.combination
        for row in rows
        if row.not_run is None
        and row.combination not in failed
        and not contradictions(records, row.combination)
        and (suite.budget.time is None or judged.get(row.combination, Verdict.UNDECIDED) is Verdict.UNDECIDED)
    )
