"""Conflicts found by asking techniques about pairs of levels."""

from __future__ import annotations

from made_up import Paint, Wet

from bench.catalogue.conflicts import Conflict, conflicts_of
from bench.catalogue.levels import known_levels, levels_list
from bench.optimizations.registry import Registry, registry
from bench.suite.constraints import conflicting

MADE_UP = Registry([Paint, Wet])


def test_levels_are_the_usual_ones_and_then_the_others_that_have_a_name() -> None:
    assert known_levels(Paint) == ("none", "red", "green", "gold")
    assert levels_list(Paint) == "none, red, green; further: gold"
    assert levels_list(Wet) == "dry, damp, soaked"
    assert known_levels(registry()["batch"])[-1] == "largest"


def test_levels_with_one_reason_stand_together() -> None:
    assert conflicts_of("paint", MADE_UP) == (
        Conflict(("red", "gold"), "wet", ("soaked",), "red runs"),
        Conflict(("green",), "wet", ("damp", "soaked"), "green fades"),
    )


def test_a_conflict_is_known_to_the_technique_that_does_not_declare_it() -> None:
    assert conflicts_of("wet", MADE_UP) == (
        Conflict(("damp", "soaked"), "paint", ("green",), "green fades"),
        Conflict(("soaked",), "paint", ("red", "gold"), "red runs"),
    )


def test_a_conflict_as_a_card_says_it() -> None:
    assert str(conflicts_of("paint", MADE_UP)[0]) == "red, gold with wet=soaked: red runs"


def test_conflicts_of_the_harness_are_those_that_runs_are_kept_from() -> None:
    known = registry()
    said = {
        (name, str(level), each.axis, str(other))
        for name in known
        for each in conflicts_of(name, known)
        for level in each.levels
        for other in each.others
    }
    assert ("compile", "default", "activation_checkpointing", "block") in said
    assert said == {(other, b, name, a) for name, a, other, b in said}, "each side knows of the other"
    assert conflicting({"compile": "default", "activation_checkpointing": "block"}, known) is not None
