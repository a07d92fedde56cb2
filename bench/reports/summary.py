"""What a report says in plain sentences."""

from __future__ import annotations

from bench.analysis.result import Analysis, RowResult, Verdict
from bench.reports.metrics import metric_name
from bench.reports.numbers import percentage_text, ratio_text, seconds_text

_COUNTED = (
    Verdict.FASTER,
    Verdict.SLOWER,
    Verdict.EQUIVALENT,
    Verdict.UNDECIDED,
    Verdict.NOT_IN_FORCE,
    Verdict.FAILED,
    Verdict.NOT_RUN,
)


def summary_sentences(analysis: Analysis) -> tuple[str, ...]:
    """Return the verdicts counted, the fastest combination, and how long the run took; plain text."""
    return (_counts(analysis), _fastest_sentence(analysis), _duration(analysis))


def fastest(analysis: Analysis) -> RowResult | None:
    """Return the row with the lowest ratio among those found faster, or None when there is none."""
    faster = [row for row in analysis.rows if row.verdict is Verdict.FASTER and analysis.deciding in row.ratios]
    return min(faster, key=lambda row: row.ratios[analysis.deciding].value, default=None)


def _counts(analysis: Analysis) -> str:
    others = analysis.rows[1:]
    if not others:
        return "There is no combination beside the baseline."
    counted = [_count(analysis, verdict) for verdict in _COUNTED if any(row.verdict is verdict for row in others)]
    noun = "combination" if len(others) == 1 else "combinations"
    return f"{len(others)} {noun} against the baseline: {', '.join(counted)}."


def _count(analysis: Analysis, verdict: Verdict) -> str:
    count = sum(row.verdict is verdict for row in analysis.rows[1:])
    margin = f" within ±{percentage_text(analysis.suite.margin)}" if verdict is Verdict.EQUIVALENT else ""
    return f"{count} {verdict.value}{margin}"


def _fastest_sentence(analysis: Analysis) -> str:
    best = fastest(analysis)
    if best is None:
        return "No combination was found faster than the baseline."
    ratio = ratio_text(best.ratios[analysis.deciding])
    flag = "" if best.flag is None else f" It {best.flag}, though."
    return f"The fastest is {best.label}: its {metric_name(analysis.deciding)} is {ratio} times the baseline's.{flag}"


def _duration(analysis: Analysis) -> str:
    seconds = seconds_text(analysis.seconds)
    if analysis.complete:
        return f"The run took {seconds}."
    return f"The run was stopped after {seconds}, before its end."
