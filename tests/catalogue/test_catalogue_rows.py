"""The list of techniques that have to be there, against those that are."""

from __future__ import annotations

from pathlib import Path

from bench.catalogue.rows import SECTIONS, SUITES
from bench.environment import Machine
from bench.optimizations.registry import registry
from bench.suite.design import expand
from bench.suite.load import load_suite

CHECKOUT = Path(__file__).parents[2]
LISTED = [name for names in SECTIONS.values() for name in names]


def test_every_technique_of_the_catalogue_is_there() -> None:
    missing = [name for name in LISTED if name not in registry()]
    assert not missing, f"no technique in bench/optimizations is called {', '.join(missing)}"


def test_the_catalogue_has_every_technique_of_the_harness_once() -> None:
    own = [name for name, each in registry().items() if each.__module__.startswith("bench.optimizations.")]
    unlisted = sorted(set(own) - set(LISTED))
    assert not unlisted, f"bench/catalogue/rows.py does not list {', '.join(unlisted)}"
    assert len(LISTED) == len(set(LISTED))


def test_every_suite_of_the_catalogue_is_there() -> None:
    names = [name for suites in SUITES.values() for name in suites]
    assert not [name for name in names if not (CHECKOUT / "suites" / f"{name}.yaml").is_file()]
    assert set(SUITES) <= set(SECTIONS)


def test_every_technique_is_compared_in_a_suite_that_is_shipped() -> None:
    compared: set[str] = set()
    for file in (CHECKOUT / "suites").glob("*.yaml"):
        baseline, *others = (row.combination for row in expand(load_suite(file), Machine.here()))
        compared.update(axis for each in others for axis in each.difference(baseline))
    left_out = [name for name in LISTED if name not in compared]
    assert not left_out, f"no suite in suites/ has rows with another level than the first of {', '.join(left_out)}"
