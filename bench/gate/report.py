"""What a gate came to, as Markdown for a pull request and as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tabulate import tabulate

from bench.analysis.result import Figure, Ratio
from bench.environment import Environment
from bench.gate.bisect import Bisection
from bench.gate.decision import FALSE_DISCOVERY_RATE, FINAL_CONFIDENCE, INTERIM_CONFIDENCE, ExitCode, GateVerdict
from bench.gate.judgement import GatedMetric, Judgement
from bench.journal.records import CommitRecord
from bench.reports.escape import escaped, fenced
from bench.reports.metrics import metric_name, unit_of
from bench.reports.numbers import figure_text, percentage_text, ratio_text
from bench.reports.write import JSON_NAME, MARKDOWN_NAME
from bench.suite.describe import workload_text

FORMAT = 1
"""Version of a gate's JSON; raised when a field changes its meaning or goes."""

HEADLINES = {
    ExitCode.CLEAN: "No regression",
    ExitCode.REGRESSION: "Regression",
    ExitCode.NOT_JUDGED: "Could not judge",
}

STEPS = {
    ExitCode.CLEAN: "good",
    ExitCode.REGRESSION: "bad",
    ExitCode.NOT_JUDGED: "skipped: could not be judged",
}


def gate_markdown(judgement: Judgement) -> str:
    """Return the report of a gate; the same judgement gives the same bytes."""
    gate, suite = judgement.gate, judgement.suite
    parts = [
        f"## {HEADLINES[judgement.code]}: {escaped(suite.name)}",
        f"{_commit(gate.base)} → {_commit(gate.head)}",
        _table(judgement),
        _reasons(judgement),
        _notes(judgement),
        "\n".join(f"- {escaped(remark)}" for remark in gate.remarks),
        _how_to_read(judgement),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def gate_json(judgement: Judgement) -> dict[str, Any]:
    """Return the report of a gate as JSON data."""
    return {
        "format": FORMAT,
        "exit_code": int(judgement.code),
        "outcome": HEADLINES[judgement.code].lower(),
        "suite": judgement.suite.name,
        "base": judgement.gate.base.model_dump(),
        "head": judgement.gate.head.model_dump(),
        "margin": judgement.suite.margin,
        "regression": judgement.suite.gate.regression,
        "seconds": judgement.seconds,
        "remarks": list(judgement.gate.remarks),
        "metrics": [_result_json(result) for result in judgement.results],
        "notes": [
            {"combination": note.combination, "metric": note.metric, **_ratio_json(note.ratio)}
            for note in judgement.notes
        ],
        "metrics_looked_at_for_notes": judgement.looked_at,
        "run": judgement.run.run,
        "command": judgement.run.command,
        "environment": judgement.run.environment,
    }


def bisected_markdown(judgement: Judgement, bisection: Bisection | None) -> str:
    """Return the report of a gate, with the bisection where there was one."""
    text = gate_markdown(judgement)
    return text if bisection is None else f"{text}\n{bisection_markdown(bisection)}"


def bisected_json(judgement: Judgement, bisection: Bisection | None) -> dict[str, Any]:
    """Return the report of a gate as JSON data, with the bisection where there was one."""
    data = gate_json(judgement)
    return data if bisection is None else {**data, "bisection": bisection_json(bisection)}


def bisection_markdown(bisection: Bisection) -> str:
    """Return which commit did it, and the steps that led to it."""
    names = [f"`{commit.short}` {escaped(commit.subject)}" for commit in bisection.candidates]
    if len(names) == 1:
        found = f"The regression came with {names[0]}."
    else:
        found = "The regression came with one of these, which could not be told apart:\n\n" + "\n".join(
            f"- {name}" for name in names
        )
    steps = [[f"`{step.commit.short}`", escaped(step.commit.subject), STEPS[step.code]] for step in bisection.steps]
    table = tabulate(steps, ["commit", "subject", "against base"], tablefmt="github", disable_numparse=True)
    return f"### Bisection\n\n{found}\n" + (f"\n{table}\n" if steps else "")


def bisection_json(bisection: Bisection) -> dict[str, Any]:
    """Return a bisection as JSON data."""
    return {
        "candidates": [{"commit": each.hash, "subject": each.subject} for each in bisection.candidates],
        "skipped": [each.hash for each in bisection.skipped],
        "steps": [{"commit": step.commit.hash, "exit_code": int(step.code)} for step in bisection.steps],
    }


def write_gate_reports(judgement: Judgement, folder: Path) -> None:
    """Write ``report.md`` and ``report.json`` into a gate's folder."""
    for_programs = json.dumps(gate_json(judgement), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    for_people = gate_markdown(judgement)
    (folder / JSON_NAME).write_text(for_programs, encoding="utf-8")
    (folder / MARKDOWN_NAME).write_text(for_people, encoding="utf-8")


def _commit(commit: CommitRecord) -> str:
    return f"`{commit.commit[:7]}` {escaped(commit.subject)}"


def _table(judgement: Judgement) -> str:
    rows = []
    for result in judgement.results:
        judged, unit = result.judged, unit_of(result.judged.metric)
        verdict = judged.verdict.value
        rows.append(
            [
                escaped(judged.combination),
                metric_name(judged.metric),
                figure_text(result.base, unit),
                figure_text(result.head, unit),
                ratio_text(judged.ratio),
                f"**{verdict}**" if judged.verdict is GateVerdict.REGRESSION else verdict,
            ]
        )
    heads = ["combination", "metric", "base", "head", "head / base", "verdict"]
    return tabulate(rows, heads, tablefmt="github", disable_numparse=True)


def _reasons(judgement: Judgement) -> str:
    parts = []
    for heading, head_failed in (("Regression, because", True), ("Could not judge, because", False)):
        lines = [
            f"- {escaped(result.judged.combination)}, {metric_name(result.judged.metric)}: {escaped(result.reason)}"
            for result in judgement.results
            if result.reason and result.head_failed is head_failed
        ]
        if lines:
            parts.append(f"{heading}:\n\n" + "\n".join(lines))
    return "\n\n".join(parts)


def _notes(judgement: Judgement) -> str:
    lines = [
        f"- {escaped(note.combination)}, {metric_name(note.metric)}: {ratio_text(note.ratio)}"
        for note in judgement.notes
    ]
    if not lines:
        return ""
    head = (
        f"Of {judgement.looked_at} other figures these changed (Benjamini-Hochberg, at most "
        f"{percentage_text(FALSE_DISCOVERY_RATE)} of such a list false); they decide nothing:"
    )
    return f"{head}\n\n" + "\n".join(lines)


def _how_to_read(judgement: Judgement) -> str:
    suite = judgement.suite
    environment = Environment.from_json(judgement.run.environment).describe()
    body = (
        "Trials of both commits took turns in one run; a ratio is head's figure over base's in the same round, with "
        f"its {percentage_text(FINAL_CONFIDENCE)} interval ({percentage_text(INTERIM_CONFIDENCE)} where the first "
        f"{suite.gate.first_launches} launches decided). A regression is an interval above {1 + suite.margin:g}, or "
        "a baseline that fails at head in every launch and at base in none; no "
        f"regression is an interval below {1 + suite.gate.regression:g}; anything else could not be judged.\n\n"
        f"- Environment: {escaped(environment)}\n"
        f"- Workload: {escaped(workload_text(suite.workload))}\n\n"
        f"{fenced(judgement.run.command)}"
    )
    return f"<details><summary>How to read this, and where it was measured</summary>\n\n{body}\n\n</details>"


def _result_json(result: GatedMetric) -> dict[str, Any]:
    judged = result.judged
    return {
        "combination": judged.combination,
        "metric": judged.metric,
        "unit": unit_of(judged.metric).value,
        "base": _figure_json(result.base),
        "head": _figure_json(result.head),
        **_ratio_json(judged.ratio),
        "confidence": judged.confidence,
        "verdict": judged.verdict.value,
        "reason": result.reason,
        "head_failed": result.head_failed,
    }


def _ratio_json(ratio: Ratio | None) -> dict[str, Any]:
    return {
        "ratio": ratio and ratio.value,
        "low": ratio and ratio.low,
        "high": ratio and ratio.high,
        "rounds": ratio.rounds if ratio else 0,
        "launches": ratio.launches if ratio else 0,
    }


def _figure_json(figure: Figure | None) -> float | None:
    """Return the median; the spread is for reading only."""
    return None if figure is None else figure.median
