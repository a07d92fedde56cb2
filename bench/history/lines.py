"""One figure followed over the commits of a branch."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bench.errors import InputError, nearest_name
from bench.history.commits import Commit


@dataclass(frozen=True)
class Name:
    """What a line is about.

    Attributes:
        machine: asv's name of the machine.
        environment: what tells it from other lines of the same machine, such as ``torch=2.15.0``; "" where nothing has
            to.
        suite: the suite's name; for a benchmark that no suite made its class or module.
        metric: such as ``epoch``; for a benchmark that no suite made its function.
        combination: the combination's label, or whatever parameters the benchmark has; "" where it has none.
    """

    machine: str
    environment: str
    suite: str
    metric: str
    combination: str


@dataclass(frozen=True)
class Line:
    """A figure by commit.

    Attributes:
        name: what it is about.
        unit: of its values, such as ``seconds`` or ``bytes``.
        values: commit's hash to value; a commit that failed there is missing.
    """

    name: Name
    unit: str
    values: Mapping[str, float]


@dataclass(frozen=True)
class Series:
    """The measured points of a line in the order of their commits.

    Attributes:
        line: the line.
        positions: each point's place among the commits of the branch, from 0; ascending.
        values: each point's value in the line's unit.
    """

    line: Line
    positions: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True)
class Filters:
    """Which lines are wanted; an empty tuple wants all."""

    machines: tuple[str, ...] = ()
    suites: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()


def in_order(line: Line, commits: Sequence[Commit]) -> Series:
    """Return a line's points in the order of ``commits``; those of other commits, and not finite ones, are left out."""
    places = [place for place, commit in enumerate(commits) if math.isfinite(line.values.get(commit.hash, math.nan))]
    return Series(line, tuple(places), tuple(line.values[commits[place].hash] for place in places))


def wanted(lines: Sequence[Line], filters: Filters) -> list[Line]:
    """Return the lines that all filters let through.

    Raises:
        InputError: a filter names what no line has, or no line passes them all.
    """
    _check("--machine", filters.machines, {line.name.machine for line in lines})
    _check("--suite", filters.suites, {line.name.suite for line in lines})
    _check("--metric", filters.metrics, {line.name.metric for line in lines})
    passing = [
        line
        for line in lines
        if line.name.machine in (filters.machines or {line.name.machine})
        and line.name.suite in (filters.suites or {line.name.suite})
        and line.name.metric in (filters.metrics or {line.name.metric})
    ]
    if not passing:
        asked = ", ".join((*filters.machines, *filters.suites, *filters.metrics))
        raise InputError("", f"no results for {asked} together", "options that some results satisfy")
    return passing


def _check(option: str, asked: Sequence[str], known: Collection[str]) -> None:
    for name in asked:
        if name not in known:
            raise InputError(option, repr(name), "one of " + ", ".join(sorted(known)), nearest_name(name, known))
