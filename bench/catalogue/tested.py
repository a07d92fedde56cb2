"""Which tests hold a technique or a suite."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from bench.errors import InputError

EVIDENCE = Path("tests/optimizations/test_evidence.py")
"""The test that trains every level of every technique that is usual or has a name, relative to a checkout."""


def test_sources(checkout: Path) -> dict[str, str]:
    """Return the text of every test file by its path in ``checkout``, which has to be one of the harness.

    Raises:
        InputError: there are no tests of techniques in ``checkout``.
    """
    if not (checkout / EVIDENCE).is_file():
        raise InputError("the folder", f"no {EVIDENCE}", "a checkout of the harness", file=checkout)
    files = sorted((checkout / "tests").rglob("test_*.py"))
    return {each.relative_to(checkout).as_posix(): each.read_text(encoding="utf-8") for each in files}


def tests_of_technique(name: str, sources: Mapping[str, str]) -> tuple[str, ...]:
    """Return the test that trains every technique, and those that import ``name``'s own module."""
    module = re.compile(rf"\bbench\.optimizations\.{re.escape(name)}\b")
    own = [path for path, text in sources.items() if module.search(text) and path != EVIDENCE.as_posix()]
    return (EVIDENCE.as_posix(), *own)


def tests_of_suite(name: str, sources: Mapping[str, str]) -> tuple[str, ...]:
    """Return the tests that name the file of suite ``name``."""
    file = re.compile(rf"(?<![\w-]){re.escape(name)}\.yaml\b")
    return tuple(path for path, text in sources.items() if file.search(text))
