"""Cards of optimizations."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Literal

import pytest
from click.testing import CliRunner
from measured_cases import MEASURED

from bench.cards import card_json, card_text, list_json, list_text, listed
from bench.catalogue.availability import BARE
from bench.cli import main
from bench.environment.machine import CudaDevice
from bench.optimizations.base import Card, Optimization
from bench.optimizations.registry import Registry, registry

KNOWN = registry()
PLACES = ["data", "compute", "memory", "epoch", "after"]
GPU = dataclasses.replace(BARE, cuda=(CudaDevice(0, "Fake GPU", 2**33, None, None),))


@pytest.mark.parametrize("name", list(KNOWN))
def test_a_card_says_what_a_user_has_to_know(name: str) -> None:
    optimization = KNOWN[name]
    card = card_json(name, KNOWN, ())
    assert card["name"] == name
    assert card["usual_levels"] == list(optimization.usual_levels)
    assert json.loads(json.dumps(card))["conflicts"] == json.loads(json.dumps(card["conflicts"]))
    for field in ("summary", "levels", "evidence", "source"):
        assert card[field], f"{name} does not say its {field}"
    assert set(card["acts_on"]) <= set(PLACES)
    text = card_text(name, KNOWN, (), 1000)
    assert text.startswith(f"{name}: {card['summary']}\n\nlevels")
    assert card["evidence"] in text
    assert card["source"] in text
    assert re.search(r"^last measured +not measured yet$", text, re.MULTILINE)


@pytest.mark.parametrize("name", list(KNOWN))
def test_cards_are_in_one_style(name: str) -> None:
    card = KNOWN[name].card
    for text in (card.summary, card.evidence, card.cost, card.needs):
        assert not text.endswith((".", " ")), f"{name}: {text}"
        assert "  " not in text, f"{name}: {text}"
        assert not re.match(r"(?!Ultralytics)[A-Z][a-z]+\b", text), f"{name} begins with a capital: {text}"
    one = r"https://\S+?(?: \([\w ]+\))?"
    assert re.fullmatch(f"{one}(?:, {one})*", card.source), f"{name}: {card.source}"


def test_the_list_is_grouped_by_what_is_acted_on_first() -> None:
    grouped = listed(KNOWN)
    assert [place for place in PLACES if place in grouped] == list(grouped)
    assert sorted(name for names in grouped.values() for name in names) == list(KNOWN)
    assert "image_decoder" in grouped["data"]
    assert "precision" in grouped["compute"]
    assert "zero_grad" in grouped["memory"]
    assert "plots" in grouped["epoch"]


def test_the_list_leaves_out_no_technique_of_a_user() -> None:
    class Vague(Optimization):
        name = "vague"
        card = Card(summary="does something", acts_on=(), evidence="none")
        level_type = Literal["off", "on"]
        usual_levels = ("off", "on")

    class Odd(Vague):
        name = "odd"
        card = Card(summary="does something", acts_on=("weather",), evidence="none")

    known = Registry([Vague, Odd, KNOWN["plots"]])
    assert listed(known) == {"epoch": ["plots"], "weather": ["odd"], "elsewhere": ["vague"]}


def test_the_list_has_a_row_for_each_optimization() -> None:
    names = [name for names in listed(KNOWN).values() for name in names]
    cards = list_json(KNOWN, BARE)
    assert [card["name"] for card in cards] == names
    assert {card["place"] for card in cards} == set(listed(KNOWN))
    rows = [line.split()[0] for line in list_text(KNOWN, BARE, 1000).splitlines() if line[:1].strip()]
    assert [word for word in rows if word in KNOWN] == names


def test_the_list_says_what_this_machine_cannot_run() -> None:
    without, with_gpu = (
        {card["name"]: card["unavailable"] for card in list_json(KNOWN, machine)} for machine in (BARE, GPU)
    )
    assert without["precision"] == {"tf32": "needs CUDA", "fp16": "needs CUDA"}
    assert with_gpu["precision"] == {}
    row = next(line for line in list_text(KNOWN, BARE, 1000).splitlines() if line.startswith("cuda_graphs"))
    assert "on: needs CUDA" in row


def test_a_baseline_is_the_first_level() -> None:
    assert re.search(r"^baseline +fp32$", card_text("precision", KNOWN, (), 100), re.MULTILINE)


def test_a_card_shows_conflicts_order_and_what_was_measured() -> None:
    text = card_text("precision", KNOWN, (MEASURED,), 1000)
    assert re.search(r"^conflicts +bf16 with quantization=", text, re.MULTILINE)
    assert re.search(r"^applied before +cuda_graphs$", text, re.MULTILINE)
    assert re.search(rf"^last measured +{re.escape(str(MEASURED))}$", text, re.MULTILINE)
    card = card_json("precision", KNOWN, (MEASURED,))
    assert card["last_measured"][0]["ratio"]["value"] == 0.8
    assert {each["axis"] for each in card["conflicts"]} >= {"quantization"}
    assert card["applied_before"] == ["cuda_graphs"]


def test_show_reads_the_results(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["show", "precision", "--json", "--out", str(tmp_path)])
    assert result.exit_code == 0
    assert json.loads(result.output)["last_measured"] == []


@pytest.mark.parametrize("width", [100, 140])
def test_cards_fit_the_terminal(width: int) -> None:
    texts = [list_text(KNOWN, BARE, width), *(card_text(name, KNOWN, (MEASURED,), width) for name in KNOWN)]
    longest = max((line for text in texts for line in text.splitlines()), key=len)
    assert len(longest) <= width, longest
