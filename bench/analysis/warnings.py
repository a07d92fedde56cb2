"""What a reader has to know before believing a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.analysis.deciding import deciding_metric
from bench.analysis.memory_sum import sum_misses, unexplained_share
from bench.analysis.one_off import cold_launches
from bench.analysis.ratio import Estimate
from bench.analysis.result import RowResult, Verdict
from bench.analysis.workload import workload_digest
from bench.journal.head import head_of
from bench.journal.records import AnyRecord, BurstRecord, EndRecord, EvidenceRecord
from bench.probes.parts import Part
from bench.suite.load import suite_from_json

SUM_TOLERANCE = 0.01
"""Parts of an epoch may miss the epoch by this share."""


def warnings_of(
    records: Sequence[AnyRecord],
    rows: Sequence[RowResult],
    estimates: Mapping[str, Estimate],
    end: EndRecord | None,
) -> tuple[str, ...]:
    """Return the warnings of a run, most important first."""
    found = [
        _unfinished(end),
        _baseline(rows, records),
        _sums(records),
        _memory_sums(records),
        _noise_floor(records),
        _one_launch(rows, estimates),
        _cold(records),
        _outliers(estimates),
    ]
    return tuple(text for text in found if text)


def _unfinished(end: EndRecord | None) -> str:
    return "" if end is not None else "The run has not come to its end; `bench resume` goes on with it."


def _baseline(rows: Sequence[RowResult], records: Sequence[AnyRecord]) -> str:
    baseline = rows[0]
    if baseline.verdict is Verdict.FAILED:
        return f"The baseline failed ({baseline.reason.splitlines()[0]}): rounds after that compare with nothing."
    against = next((e for e in baseline.evidence if not e.in_force), None)
    if against is not None:
        return f"The baseline is not what it says: {against.axis}: {against.observed}; expected {against.expected}."
    shown = {record.combination for record in records if isinstance(record, EvidenceRecord)}
    unseen = [row.label for row in rows if row.figures and row.levels and row.combination not in shown]
    if unseen:
        return f"No evidence was taken yet of {len(unseen)} combinations, {unseen[0]} among them."
    return ""


def _sums(records: Sequence[AnyRecord]) -> str:
    """Compare the parts of every epoch, and of every burst of bare steps, with the whole, which is timed apart."""
    shares = [r.values["parts_share"] for r in records if isinstance(r, BurstRecord) and "parts_share" in r.values]
    off = [share for share in shares if abs(share - 1) > SUM_TOLERANCE]
    if not off:
        return ""
    worst = max(off, key=lambda share: abs(share - 1))
    return f"In {len(off)} of {len(shares)} bursts the parts do not add up to the whole (worst: {worst:.1%} of it)."


def _memory_sums(records: Sequence[AnyRecord]) -> str:
    """Compare the parts of memory with the peak that the kernel or the device's allocator counted."""
    bursts = [r.values for r in records if isinstance(r, BurstRecord) and r.measurement == "memory_parts"]
    # Nobody sees inside a compiled model, and its table says so.
    seen = [values for values in bursts if Part.ACTIVATIONS.value in values]
    shares = [unexplained_share(values) or 0.0 for values in seen if sum_misses(values)]
    if not shares:
        return ""
    worst = max(shares, key=abs)
    return (
        f"In {len(shares)} of {len(seen)} bursts the parts of memory do not add up to its peak "
        f"(worst: {worst:.1%} of it unexplained)."
    )


def _noise_floor(records: Sequence[AnyRecord]) -> str:
    """Say what the machine's noise floor cannot vouch for."""
    run = head_of(records)
    floor = run.noise_floor
    if floor is None:
        return "This machine's noise floor is not known; `bench noise SUITE` takes it."
    if floor["machine_id"] != run.environment.get("machine_id"):
        return f"The noise floor shown was taken on another machine ({floor['machine_id']})."
    if floor["workload"] != workload_digest(run):
        return "The noise floor shown was taken with another workload, or in another way."
    if floor["metric"] != deciding_metric(suite_from_json(run.suite)):
        return f"The noise floor shown is of another metric ({floor['metric']})."
    return ""


def _one_launch(rows: Sequence[RowResult], estimates: Mapping[str, Estimate]) -> str:
    if estimates and all(estimate.launches < 2 for estimate in estimates.values()):
        return "One launch says nothing of how launches differ: no intervals, and no verdicts but undecided."
    return ""


def _cold(records: Sequence[AnyRecord]) -> str:
    cold, measured = cold_launches(records)
    if not cold:
        return ""
    return f"{cold} of {measured} trials were not steady by the warm-up rule when measuring began."


def _outliers(estimates: Mapping[str, Estimate]) -> str:
    bounded = sum(estimate.bounded for estimate in estimates.values())
    rounds = sum(estimate.rounds for estimate in estimates.values())
    if not bounded:
        return ""
    return (
        f"{bounded} of {rounds} pairs of bursts were outliers and counted as 1.5 standard deviations, none was dropped."
    )
