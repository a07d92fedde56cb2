"""What results say of a technique by itself: the newest ratio of each level against the baseline of its run."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.analysis.result import Ratio
from bench.errors import BenchError, InputError
from bench.reports.json_report import FORMAT
from bench.reports.metrics import metric_name
from bench.reports.numbers import ratio_text
from bench.suite.combination import canonical, level_text
from bench.suite.model import Level

GIT_SECONDS = 30.0

UNMEASURED = frozenset({"baseline", "not in force", "failed", "not run"})
"""Verdicts of rows whose ratio, if any, says nothing about what the row's name says."""


class UntrackedResultsError(BenchError):
    """Git could not tell which results are committed."""


@dataclass(frozen=True)
class Measured:
    """One level of one technique against the baseline, all other axes at the baseline's levels.

    Attributes:
        axis: the technique.
        level: the level measured.
        against: the level that it is compared with.
        ratio: the level's figure over the baseline's in ``metric``.
        metric: what was compared, such as ``epoch.seconds``.
        verdict: what the run said of it.
        suite: name of the suite.
        run: name of the run's folder.
        machine: processor and its cores, or the GPU.
        device: ``cpu`` or ``cuda:N``.
        date: the day on which the run started: UTC, ISO 8601.
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

    def __str__(self) -> str:
        """As a card says it."""
        against = f"{level_text(self.level)} against {level_text(self.against)}"
        result = f"{ratio_text(self.ratio)} of {metric_name(self.metric)}, {self.verdict}"
        where = f"suite {self.suite}, {self.machine}, device {self.device}, {self.date}"
        return f"{against}: {result} ({where})"


def all_reports(results: Path) -> list[Path]:
    """Return the reports of all runs under ``results``; none where there is no such folder."""
    return sorted(results.glob("*/*/report.json"))


def committed_reports(results: Path) -> list[Path]:
    """Return the reports of the runs under ``results`` that git tracks.

    Raises:
        UntrackedResultsError: ``results`` is not in a git repository, or git is not there.
    """
    command = ["git", "--no-optional-locks", "-C", str(results), "ls-files", "-z", "--", "."]
    try:
        tracked = subprocess.run(command, capture_output=True, text=True, timeout=GIT_SECONDS, check=True).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise UntrackedResultsError(f"git cannot tell which results in {results} are committed: {error}") from None
    names = set(tracked.split("\0"))
    return [each for each in all_reports(results) if each.relative_to(results).as_posix() in names]


def last_measured(reports: Iterable[Path]) -> dict[str, tuple[Measured, ...]]:
    """Return for each technique that ``reports`` measure by itself the newest figure of every level.

    Raises:
        InputError: a report is not what ``bench run`` writes.
    """
    newest: dict[tuple[str, str], Measured] = {}
    for _, found in sorted((_read(path) for path in reports), key=lambda each: each[0]):
        newest.update({(each.axis, canonical(each.level)): each for each in found})
    by_axis: dict[str, list[Measured]] = {}
    for each in newest.values():
        by_axis.setdefault(each.axis, []).append(each)
    return {
        axis: tuple(sorted(found, key=lambda each: (each.date, each.suite, level_text(each.level))))
        for axis, found in by_axis.items()
    }


def _read(path: Path) -> tuple[str, list[Measured]]:
    """Return when a run started, UTC as ISO 8601 (which sorts by time), and what it measured."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(report, dict) and "rows" not in report:  # two commits were compared, not techniques
            return "", []
        if report["format"] != FORMAT:
            raise InputError("format", repr(report["format"]), str(FORMAT), file=path)
        return report["started"], list(single(report, path.parent.name))
    except (OSError, ValueError, LookupError, TypeError) as error:
        found = f"{type(error).__name__}: {error}"
        raise InputError("", found, "a report.json as `bench report RUN` writes it", file=path) from None


def single(report: dict[str, Any], run: str) -> Iterator[Measured]:
    """Yield the rows of a report that differ from its baseline in one axis and have a ratio in the deciding metric.

    Args:
        report: the content of ``report.json``.
        run: name of the run's folder.
    """
    baseline = report["rows"][0]["levels"]
    for row in report["rows"]:
        changed = [axis for axis, level in row["levels"].items() if canonical(level) != canonical(baseline[axis])]
        ratio = row["ratios"].get(report["deciding"])
        if len(changed) != 1 or ratio is None or row["verdict"] in UNMEASURED:
            continue
        yield Measured(
            axis=changed[0],
            level=row["levels"][changed[0]],
            against=baseline[changed[0]],
            ratio=Ratio(**ratio),
            metric=report["deciding"],
            verdict=row["verdict"],
            suite=report["suite"]["name"],
            run=run,
            machine=_machine(report["environment"]),
            device=report["environment"]["device"],
            date=report["started"][:10],
        )


def _machine(environment: dict[str, Any]) -> str:
    """Return the processor and its cores, or the GPU that trained."""
    device = environment["device"]
    named = [gpu["name"] for gpu in environment["gpus"] if device == f"cuda:{gpu['index']}"]
    cores = environment["cores_used"]
    processor = environment["processor"] or "unknown processor"
    return named[0] if named else f"{processor}, {cores} {'core' if cores == 1 else 'cores'}"
