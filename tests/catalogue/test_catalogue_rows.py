"""The list of techniques that have to be there, against those that are."""

from __future__ import annotations

from pathlib import Path

from bench.catalogue.rows import SECTIONS, SUITES
from bench.optimizations.registry import registry

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
