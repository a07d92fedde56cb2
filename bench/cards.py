"""Cards of optimizations, for the terminal and for programs."""

from __future__ import annotations

from typing import Any

from tabulate import tabulate

from bench.optimizations.base import Optimization
from bench.optimizations.registry import Registry
from bench.suite.combination import level_text


def list_text(known: Registry) -> str:
    """Return one line for each optimization."""
    rows = [
        (name, ", ".join(map(level_text, each.usual_levels)), ", ".join(each.card.acts_on), each.card.summary)
        for name, each in known.items()
    ]
    return tabulate(rows, headers=("axis", "usual levels", "acts on", "what it does"), maxcolwidths=[None, 30, 20, 60])


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


def card_text(optimization: type[Optimization]) -> str:
    """Return an optimization's card for a person."""
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
    body = tabulate(lines, tablefmt="plain", maxcolwidths=[None, 90])
    return f"{optimization.name}: {card['summary']}\n\n{body}"
