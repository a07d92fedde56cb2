"""Cards of optimizations."""

from __future__ import annotations

import json

import pytest

from bench.cards import card_json, card_text, list_json, list_text
from bench.optimizations.registry import registry

KNOWN = registry()


@pytest.mark.parametrize("name", list(KNOWN))
def test_a_card_says_what_a_user_has_to_know(name: str) -> None:
    optimization = KNOWN[name]
    card = card_json(optimization)
    assert card["name"] == name
    assert card["usual_levels"] == list(optimization.usual_levels)
    assert json.loads(json.dumps(card)) == card
    for field in ("summary", "levels", "evidence", "source"):
        assert card[field], f"{name} does not say its {field}"
    assert set(card["acts_on"]) <= {"data", "compute", "memory", "epoch", "after"}
    text = card_text(optimization, 1000)
    assert text.startswith(f"{name}: {card['summary']}\n\nlevels")
    assert card["evidence"] in text
    assert card["source"] in text


def test_the_list_has_a_row_for_each_optimization() -> None:
    assert [card["name"] for card in list_json(KNOWN)] == list(KNOWN)
    text = list_text(KNOWN, 1000)
    headings, _, *rows = text.splitlines()
    assert headings.split("  ")[0] == "axis"
    assert [row.split()[0] for row in rows if not row.startswith(" ")] == list(KNOWN)


def test_a_baseline_is_the_first_level() -> None:
    assert "\nbaseline       fp32\n" in card_text(KNOWN["precision"], 100)


@pytest.mark.parametrize("width", [100, 140])
def test_cards_fit_the_terminal(width: int) -> None:
    texts = [list_text(KNOWN, width), *(card_text(each, width) for each in KNOWN.values())]
    longest = max((line for text in texts for line in text.splitlines()), key=len)
    assert len(longest) <= width, longest
