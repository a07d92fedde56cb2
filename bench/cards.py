"""Cards of optimizations, for the terminal and for programs."""

from __future__ import annotations

import textwrap
from typing import Any

from tabulate import tabulate

from bench.optimizations.base import Optimization
from bench.optimizations.registry import Registry
from bench.suite.combination import level_text

GAP = 2
"""Spaces that tabulate puts between columns."""

NARROWEST = 24
"""Characters that a wrapped column gets at least, however narrow the terminal."""


def list_text(known: Registry, width: int) -> str:
    """Return a row for each optimization, wrapped to ``width`` characters."""
    rows = [
        (name, ", ".join(map(level_text, each.usual_levels)), ", ".join(each.card.acts_on), each.card.summary)
        for name, each in known.items()
    ]
    levels, acts_on = 22, 9  # "acts on", and what tabulate keeps free beside a heading
    name = max(len(each) for each in known)
    rest = max(NARROWEST, width - name - levels - acts_on - 3 * GAP)
    headings = ("axis", "usual levels", "acts on", "what it does")
    return tabulate(rows, headers=headings, maxcolwidths=[None, levels, acts_on, rest])


def list_json(known: Registry) -> list[dict[str, Any]]:
    """Return the cards of all optimizations."""
    return [card_json(each) for each in known.values()]


def card_json(optimization: type[Optimization]) -> dict[str, Any]:
    """Return an optimization's card with its name and levels."""
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


def card_text(optimization: type[Optimization], width: int) -> str:
    """Return an optimization's card for a person, wrapped to ``width`` characters."""
    card = card_json(optimization)
    lines = [
        ("levels", card["levels"]),
        ("baseline", level_text(optimization.usual_levels[0])),
        ("acts on", ", ".join(card["acts_on"])),
        ("evidence", card["evidence"]),
        ("costs once", card["cost"] or "nothing worth a word"),
        ("needs", card["needs"] or "nothing"),
        ("applied after", ", ".join(card["applied_after"]) or "nothing"),
        ("source", card["source"]),
    ]
    heading = max(len(name) for name, _ in lines)
    body = tabulate(lines, tablefmt="plain", maxcolwidths=[None, max(NARROWEST, width - heading - GAP)])
    summary = textwrap.fill(f"{optimization.name}: {card['summary']}", max(NARROWEST, width))
    return f"{summary}\n\n{body}"
