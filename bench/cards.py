"""Cards of optimizations, for the terminal and for programs."""

from __future__ import annotations

import dataclasses
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tabulate import tabulate

from bench.catalogue.availability import obstacles, obstacles_text
from bench.catalogue.conflicts import conflicts_of
from bench.optimizations.base import Optimization
from bench.optimizations.registry import Registry
from bench.suite.combination import level_text

if TYPE_CHECKING:
    from bench.catalogue.measured import Measured
    from bench.environment import Machine

GAP = 2
"""Spaces that tabulate puts between columns."""

NARROWEST = 24
"""Characters that a wrapped column gets at least, however narrow the terminal."""

PLACES = ("data", "compute", "memory", "epoch", "after")
"""What a technique can act on, in the order in which lists show it."""

ELSEWHERE = "elsewhere"
"""Where lists show a user's technique whose card does not say what it acts on."""

LEVELS, ACTS_ON, AVAILABLE = 20, 9, 14
"""Characters of the columns of a list that are wrapped to a fixed width."""


def listed(known: Registry) -> dict[str, list[str]]:
    """Return the names of all optimizations, grouped by what they act on first of all."""
    places: dict[str, list[str]] = {place: [] for place in PLACES}
    for name, each in known.items():
        places.setdefault(next(iter(each.card.acts_on), ELSEWHERE), []).append(name)
    return {place: names for place, names in places.items() if names}


def list_text(known: Registry, machine: Machine, width: int) -> str:
    """Return a table for each place that optimizations act on, wrapped to ``width`` characters."""
    name = max(len(each) for each in known)
    rest = max(NARROWEST, width - name - LEVELS - ACTS_ON - AVAILABLE - 4 * GAP)
    headings = ("axis", "usual levels", "acts on", "runs here", "what it does")
    tables = []
    for place, names in listed(known).items():
        rows = [
            (
                each.ljust(name),
                ", ".join(map(level_text, known[each].usual_levels)),
                ", ".join(known[each].card.acts_on),
                obstacles_text(obstacles(known[each], machine), "all levels"),
                known[each].card.summary,
            )
            for each in names
        ]
        table = tabulate(
            rows, headings, maxcolwidths=[None, LEVELS, ACTS_ON, AVAILABLE, rest], preserve_whitespace=True
        )
        tables.append(f"{place}\n\n{table}")
    return "\n\n".join(tables)


def list_json(known: Registry, machine: Machine) -> list[dict[str, Any]]:
    """Return the cards of all optimizations, grouped by place, with what ``machine`` cannot run."""
    return [
        {"place": place, **_card(known[name]), "unavailable": obstacles(known[name], machine)}
        for place, names in listed(known).items()
        for name in names
    ]


def card_json(name: str, known: Registry, measured: Sequence[Measured]) -> dict[str, Any]:
    """Return an optimization's card with its name, levels, conflicts and what was last measured of it."""
    return {
        **_card(known[name]),
        "applied_before": list(applied_before(name, known)),
        "conflicts": [dataclasses.asdict(each) for each in conflicts_of(name, known)],
        "last_measured": [dataclasses.asdict(each) for each in measured],
    }


def applied_before(name: str, known: Registry) -> tuple[str, ...]:
    """Return the optimizations that have to be applied after ``name``."""
    return tuple(other for other, each in known.items() if name in each.applied_after)


def card_fields(name: str, known: Registry) -> list[tuple[str, tuple[str, ...]]]:
    """Return the headings of a card and, for each, what it says, as one or more texts."""
    optimization = known[name]
    card = optimization.card
    return [
        ("levels", (optimization.levels_text(),)),
        ("usual levels", (", ".join(map(level_text, optimization.usual_levels)),)),
        ("baseline", (level_text(optimization.usual_levels[0]),)),
        ("acts on", (", ".join(card.acts_on),)),
        ("evidence", (card.evidence,)),
        ("costs once", (card.cost or "nothing worth a word",)),
        ("needs", (card.needs or "nothing",)),
        ("applied after", (", ".join(optimization.applied_after) or "nothing",)),
        ("applied before", (", ".join(applied_before(name, known)) or "nothing",)),
        ("conflicts", tuple(map(str, conflicts_of(name, known))) or ("none",)),
        ("source", (card.source,)),
    ]


def card_text(name: str, known: Registry, measured: Sequence[Measured], width: int) -> str:
    """Return an optimization's card for a person, wrapped to ``width`` characters."""
    fields = [*card_fields(name, known), ("last measured", tuple(map(str, measured)) or ("not measured yet",))]
    lines = [(heading if first else "", text) for heading, texts in fields for first, text in _numbered(texts)]
    heading = max(len(name) for name, _ in lines)
    body = tabulate(lines, tablefmt="plain", maxcolwidths=[None, max(NARROWEST, width - heading - GAP)])
    summary = textwrap.fill(f"{name}: {known[name].card.summary}", max(NARROWEST, width))
    return f"{summary}\n\n{body}"


def _card(optimization: type[Optimization]) -> dict[str, Any]:
    """Return what an optimization says of itself."""
    card = optimization.card
    return {
        "name": optimization.name,
        "summary": card.summary,
        "levels": optimization.levels_text(),
        "usual_levels": list(optimization.usual_levels),
        "acts_on": list(card.acts_on),
        "evidence": card.evidence,
        "cost": card.cost,
        "needs": card.needs,
        "applied_after": list(optimization.applied_after),
        "source": card.source,
    }


def _numbered(texts: Sequence[str]) -> list[tuple[bool, str]]:
    """Return each text with whether it is the first."""
    return [(index == 0, text) for index, text in enumerate(texts)]
