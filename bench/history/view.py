"""What the search of a history found, for a person and for a program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any

from tabulate import tabulate

from bench.history.changes import Change, Kind
from bench.history.lines import Name
from bench.history.search import Findings
from bench.reports.numbers import NOT_AVAILABLE, bytes_text, percentage_text, seconds_text

SHORT_HASH = 8
SUBJECT_CHARACTERS = 40

LEAST_P_VALUE = 1e-9
"""Below this a p-value says no more than that there is no doubt."""

PARTS = tuple(field.name for field in fields(Name))

_VERDICTS = {
    (Kind.REGRESSION, True): "regression",
    (Kind.REGRESSION, False): "regression, since undone",
    (Kind.IMPROVEMENT, True): "improvement",
    (Kind.IMPROVEMENT, False): "improvement, since lost",
    (Kind.CHANGE, True): "change",
    (Kind.CHANGE, False): "change, since undone",
}


def findings_text(findings: Findings) -> str:
    """Return the table of changes with a summary under it."""
    parts = [_table(findings)] if findings.changes else []
    parts.append(_summary(findings))
    parts += [f"Note: {_printable(note)}." for note in findings.notes]
    return "\n\n".join(parts)


def findings_json(findings: Findings) -> dict[str, Any]:
    """Return everything that was found; figures in the unit that stands beside them."""
    return asdict(findings) | {
        "changes": [asdict(change) | {"ratio": change.ratio} for change in findings.changes],
        "standing_regressions": len(findings.standing_regressions),
    }


def value_text(value: float, unit: str) -> str:
    """Return a figure with its unit."""
    if unit == "seconds":
        return seconds_text(value)
    if unit == "bytes":
        return bytes_text(value)
    return f"{value:.4g} {unit}".strip()


def p_value_text(p_value: float) -> str:
    """Return a p-value with one digit."""
    return f"{p_value:.1g}" if p_value >= LEAST_P_VALUE else f"<{LEAST_P_VALUE:.0g}"


def _table(findings: Findings) -> str:
    """Return one row a change; what is the same for all lines has no column."""
    columns: dict[str, Callable[[Change], str]] = {"commit": _commit_cell}
    columns |= {part: _part_of_name(part) for part in PARTS if len(_values(findings, part)) > 1}
    columns |= {
        "ratio": lambda change: NOT_AVAILABLE if change.ratio is None else f"{change.ratio:.3f}",
        "before": lambda change: value_text(change.before, change.unit),
        "after": lambda change: value_text(change.after, change.unit),
        "p": lambda change: p_value_text(change.p_value),
        "verdict": lambda change: _VERDICTS[change.kind, change.stands],
    }
    rows = [[_printable(cell(change)) for cell in columns.values()] for change in findings.changes]
    text = tabulate(rows, list(columns), tablefmt="simple", disable_numparse=True)
    return "\n".join(line.rstrip() for line in text.splitlines())


def _values(findings: Findings, part: str) -> set[str]:
    """Return what a part of the names is among all lines that were searched."""
    return {getattr(name, part) for name in findings.searched}


def _part_of_name(part: str) -> Callable[[Change], str]:
    return lambda change: str(getattr(change.name, part))


def _commit_cell(change: Change) -> str:
    """Return which commit did it, as far as that is known."""
    commit = change.commit
    subject = commit.subject
    if len(subject) > SUBJECT_CHARACTERS:
        subject = subject[: SUBJECT_CHARACTERS - 1] + "…"
    before = change.candidates - 1
    doubt = f" (or one of the {before} unmeasured before it)" if before > 1 else " (or the unmeasured one before it)"
    return f"{commit.hash[:SHORT_HASH]} {commit.date[:10]} {subject}" + (doubt if before else "")


def _summary(findings: Findings) -> str:
    changes, standing = len(findings.changes), len(findings.standing_regressions)
    what = "1 change" if changes == 1 else f"{changes or 'no'} changes"
    regressions = "1 regression stands" if standing == 1 else f"{standing or 'no'} regressions stand"
    series = len(findings.searched)
    short = f"; {findings.too_short} more have too few commits to be searched" if findings.too_short else ""
    constant = [
        f"{part} {value}"
        for part in PARTS
        if len(_values(findings, part)) == 1
        for value in _values(findings, part)
        if value
    ]
    where = f" ({', '.join(constant)})" if constant else ""
    return _printable(
        f"{what[0].upper()}{what[1:]} of {percentage_text(findings.margin)} or more in {series} series{where} over "
        f"{findings.measured} measured of {findings.commits} commits of {findings.branch}: {regressions}{short}."
    )


def _printable(text: str) -> str:
    """Return text on one line without what would steer a terminal; subjects and names are others' input."""
    return "".join(character for character in " ".join(text.split()) if character.isprintable())
