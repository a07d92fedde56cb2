"""What results say of a technique: for each level the newest ratio against its baseline, one with an interval if any.

A level is measured by itself where a row departs from its run's baseline in nothing else. Some levels need another
beside them, such as loader workers, and have no such row. Two rows that differ in that level alone then tell of it; and
where their report has no interval for both, the row's own ratio is shown, named with all that stands in it.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from bench.analysis.result import Ratio
from bench.environment.git import run_git
from bench.errors import BenchError, InputError
from bench.reports.json_report import FORMAT
from bench.reports.metrics import metric_name
from bench.reports.numbers import ratio_text
from bench.suite.combination import canonical, level_text
from bench.suite.model import Level

GIT_SECONDS = 30.0

UNMEASURED = frozenset({"baseline", "not in force", "failed", "not run"})
"""Verdicts of rows whose ratio, if any, says nothing about what the row's name says."""

NOT_JUDGED = "not judged"
"""Said in a verdict's place of two rows that a report compares with its baseline and not with each other."""


class UntrackedResultsError(BenchError):
    """Git could not tell which results are committed."""


class Compared(StrEnum):
    """What a figure of a level is compared with, the best to know first."""

    BASELINE = "baseline"
    PAIR = "pair"
    TOGETHER = "together"


@dataclass(frozen=True)
class Measured:
    """One level of one technique, compared.

    Attributes:
        axis: the technique.
        level: the level measured.
        against: the level that it is compared with.
        ratio: the level's figure over that of what it is compared with, in ``metric``.
        metric: what was compared, such as ``epoch.seconds``.
        verdict: what the run said of it.
        suite: name of the suite.
        run: name of the run's folder.
        machine: processor and its cores, or the GPU.
        device: ``cpu`` or ``cuda:N``.
        date: the day on which the run started: UTC, ISO 8601.
        beside: levels of other axes that stood beside it and are not the baseline's.
        compared: ``baseline``, with nothing beside it; ``pair``, with the same levels beside it and beside ``against``;
            or ``together``, the level and those beside it with the baseline, which has none of them.
    """

    axis: str
    level: Level
    against: Level
    ratio: Ratio
    metric: str
    verdict: str
    suite: str
    run: str
    machine: str
    device: str
    date: str
    beside: Mapping[str, Level] = field(default_factory=dict)
    compared: Compared = Compared.BASELINE

    def __str__(self) -> str:
        """As a card says it."""
        result = f"{ratio_text(self.ratio)} of {metric_name(self.metric)}, {self.verdict}"
        where = f"suite {self.suite}, {self.machine}, device {self.device}, {self.date}"
        return f"{self.comparison()}: {result} ({where})"

    def comparison(self) -> str:
        """Return what is compared with what."""
        level, against = level_text(self.level), level_text(self.against)
        beside = ", ".join(f"{axis}={level_text(each)}" for axis, each in self.beside.items())
        if self.compared is Compared.TOGETHER:
            return f"{level} with {beside} against the baseline"
        return f"{level} against {against}" + (f", both with {beside}" if beside else "")


def all_reports(results: Path) -> list[Path]:
    """Return the reports of all runs under ``results``; none where there is no such folder."""
    return sorted(results.glob("*/*/report.json"))


def committed_reports(results: Path) -> list[Path]:
    """Return the reports of the runs under ``results`` that git tracks.

    Raises:
        UntrackedResultsError: ``results`` is not in a git repository, or git is not there.
    """
    command = ("--no-optional-locks", "ls-files", "-z", "--", ".")
    try:
        tracked = run_git(results, *command, seconds=GIT_SECONDS, errors="surrogateescape")
    except (OSError, subprocess.SubprocessError) as error:
        raise UntrackedResultsError(f"git cannot tell which results in {results} are committed: {error}") from None
    names = set(tracked.split("\0"))
    return [each for each in all_reports(results) if each.relative_to(results).as_posix() in names]


def last_measured(reports: Iterable[Path]) -> dict[str, tuple[Measured, ...]]:
    """Return for each technique that ``reports`` measure the figure of every level that tells most of it.

    A level by itself counts before two rows that differ in it alone, these before one row with others beside it; then
    a ratio with an interval before one without, and fewer levels beside it before more; then the newest.

    Raises:
        InputError: a report is not what ``bench run`` writes.
    """
    best: dict[tuple[str, str], Measured] = {}
    for _, found in sorted((_read(path) for path in reports), key=lambda each: each[0]):
        for each in found:
            key = (each.axis, canonical(each.level))
            if key not in best or _remoteness(each) <= _remoteness(best[key]):
                best[key] = each
    by_axis: dict[str, list[Measured]] = {}
    for each in best.values():
        by_axis.setdefault(each.axis, []).append(each)
    return {
        axis: tuple(sorted(found, key=lambda each: (each.date, each.suite, level_text(each.level))))
        for axis, found in by_axis.items()
    }


def _remoteness(measured: Measured) -> tuple[int, bool, int]:
    """Return how far a figure is from one of the level by itself with an interval; the smaller, the better."""
    return list(Compared).index(measured.compared), measured.ratio.low is None, len(measured.beside)


def _read(path: Path) -> tuple[str, list[Measured]]:
    """Return when a run started, UTC as ISO 8601 (which sorts by time), and what it measured."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(report, dict) and "rows" not in report:  # two commits were compared, not techniques
            return "", []
        if report["format"] != FORMAT:
            raise InputError("format", repr(report["format"]), str(FORMAT), file=path)
        return report["started"], list(measured_levels(report, path.parent.name))
    except (OSError, ValueError, LookupError, TypeError) as error:
        found = f"{type(error).__name__}: {error}"
        raise InputError("", found, "a report.json as `bench report RUN` writes it", file=path) from None


def measured_levels(report: dict[str, Any], run: str) -> Iterator[Measured]:
    """Yield, row by row, each level that is not the baseline's, where the row has a ratio in the deciding metric.

    Args:
        report: the content of ``report.json``.
        run: name of the run's folder.
    """
    baseline = report["rows"][0]["levels"]
    deciding = report["deciding"]
    ratios = {
        canonical(row["levels"]): Ratio(**row["ratios"][deciding])
        for row in report["rows"]
        if deciding in row["ratios"] and row["verdict"] not in UNMEASURED
    }
    for row in report["rows"]:
        levels = row["levels"]
        ratio = ratios.get(canonical(levels))
        if ratio is None:
            continue
        changed = {axis: level for axis, level in levels.items() if canonical(level) != canonical(baseline[axis])}
        for axis, level in changed.items():
            beside = {name: each for name, each in changed.items() if name != axis}
            other = ratios.get(canonical({**levels, axis: baseline[axis]})) if beside else None
            apart = quotient(ratio, other) if other else None
            whole = Compared.TOGETHER if beside else Compared.BASELINE
            yield Measured(
                axis=axis,
                level=level,
                against=baseline[axis],
                ratio=apart or ratio,
                metric=deciding,
                verdict=NOT_JUDGED if apart else row["verdict"],
                suite=report["suite"]["name"],
                run=run,
                machine=_machine(report["environment"]),
                device=report["environment"]["device"],
                date=report["started"][:10],
                beside=beside,
                compared=Compared.PAIR if apart else whole,
            )


def quotient(above: Ratio, below: Ratio) -> Ratio | None:
    """Return the ratio of two combinations out of their ratios to one baseline; None where one has no interval.

    The half-widths of both intervals' logs are added. Were the two ratios independent, the root of the sum of their
    squares would do; where they share the baseline's bursts they vary together, and their quotient by less. So the
    interval covers at least as often as theirs do. It is wider than one from the rounds of both, which a report does
    not keep.
    """
    if above.low is None or above.high is None or below.low is None or below.high is None:
        return None
    return Ratio(
        value=above.value / below.value,
        low=above.low / below.high,
        high=above.high / below.low,
        rounds=min(above.rounds, below.rounds),
        launches=min(above.launches, below.launches),
    )


def _machine(environment: dict[str, Any]) -> str:
    """Return the processor and its cores, or the GPU that trained."""
    device = environment["device"]
    named = [gpu["name"] for gpu in environment["gpus"] if device == f"cuda:{gpu['index']}"]
    cores = environment["cores_used"]
    processor = environment["processor"] or "unknown processor"
    return named[0] if named else f"{processor}, {cores} {'core' if cores == 1 else 'cores'}"
