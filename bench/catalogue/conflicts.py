"""Which techniques cannot join which, found by asking them about every pair of levels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bench.catalogue.levels import known_levels
from bench.optimizations.registry import Registry
from bench.suite.combination import canonical, level_text
from bench.suite.constraints import conflicting
from bench.suite.model import Level


@dataclass(frozen=True)
class Conflict:
    """Levels of one technique that cannot join levels of another, each with each.

    Attributes:
        levels: of the technique asked about.
        axis: the other technique.
        others: levels of the other.
        reason: what a combination of them is not run for.
    """

    levels: tuple[Level, ...]
    axis: str
    others: tuple[Level, ...]
    reason: str

    def __str__(self) -> str:
        """As a card says it."""
        levels, others = (", ".join(map(level_text, each)) for each in (self.levels, self.others))
        return f"{levels} with {self.axis}={others}: {self.reason}"


def conflicts_of(name: str, known: Registry) -> tuple[Conflict, ...]:
    """Return what technique ``name`` conflicts with, by the other's name."""
    return tuple(each for other in known if other != name for each in _between(name, other, known))


def _between(name: str, other: str, known: Registry) -> Iterator[Conflict]:
    """Yield the conflicts of two techniques, levels with the same reason and counterparts together."""
    alike: dict[tuple[str, tuple[str, ...]], list[Level]] = {}
    by_text = {canonical(level): level for level in known_levels(known[other])}
    for level in known_levels(known[name]):
        for reason, others in _reasons(name, level, other, known).items():
            alike.setdefault((reason, tuple(others)), []).append(level)
    for (reason, counterparts), levels in alike.items():
        yield Conflict(tuple(levels), other, tuple(by_text[text] for text in counterparts), reason)


def _reasons(name: str, level: Level, other: str, known: Registry) -> dict[str, list[str]]:
    """Return each reason against ``level`` to the levels of ``other`` that give it, as canonical text."""
    reasons: dict[str, list[str]] = {}
    for counterpart in known_levels(known[other]):
        obstacle = conflicting({name: level, other: counterpart}, known)
        if obstacle is not None:
            reasons.setdefault(obstacle.reason, []).append(canonical(counterpart))
    return reasons
