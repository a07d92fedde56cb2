"""Why a combination is not run: the suite excludes it, it conflicts, has nothing to act on, or cannot run here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.optimizations.registry import Registry
from bench.suite.combination import canonical
from bench.suite.model import Exclusion, Level, Suite, Workload

if TYPE_CHECKING:
    from bench.environment import Machine


def matches(when: Mapping[str, Level], levels: Mapping[str, Level]) -> bool:
    """Return whether every level that a rule names is the one in ``levels``."""
    return all(axis in levels and canonical(levels[axis]) == canonical(level) for axis, level in when.items())


def excluded(levels: Mapping[str, Level], rules: tuple[Exclusion, ...]) -> str | None:
    """Return the reason of the first rule that meets ``levels``, or None."""
    return next((rule.reason for rule in rules if matches(rule.when, levels)), None)


@dataclass(frozen=True)
class Obstacle:
    """An axis whose level cannot be part of a combination, and why."""

    axis: str
    reason: str

    def __str__(self) -> str:
        """As a report's row gives it."""
        return f"{self.axis}: {self.reason}"


def conflicting(levels: Mapping[str, Level], known: Registry) -> Obstacle | None:
    """Return the first axis that cannot join the others, or None."""
    reasons = ((axis, known[axis].conflict(levels)) for axis in levels)
    return next((Obstacle(axis, reason) for axis, reason in reasons if reason is not None), None)


def unavailable(levels: Mapping[str, Level], machine: Machine, known: Registry) -> Obstacle | None:
    """Return the first axis whose level cannot run on ``machine``, or None."""
    reasons = ((axis, known[axis].unavailable(level, machine)) for axis, level in levels.items())
    return next((Obstacle(axis, reason) for axis, reason in reasons if reason is not None), None)


def idle(levels: Mapping[str, Level], workload: Workload, machine: Machine, known: Registry) -> Obstacle | None:
    """Return the first axis that has nothing to act on in ``workload``, or None."""
    reasons = ((axis, known[axis].idle(levels, workload, machine)) for axis in levels)
    return next((Obstacle(axis, reason) for axis, reason in reasons if reason is not None), None)


def not_run(levels: Mapping[str, Level], suite: Suite, machine: Machine, known: Registry) -> str | None:
    """Return why a combination is not run, or None when it is."""
    rule = excluded(levels, suite.exclude)
    if rule is not None:
        return rule
    obstacle = (
        conflicting(levels, known)
        or unavailable(levels, machine, known)
        or idle(levels, suite.workload, machine, known)
    )
    return None if obstacle is None else str(obstacle)
