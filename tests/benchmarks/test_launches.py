"""What makes launches differ: the spread by hand, and one launch under every condition."""

from __future__ import annotations

import math
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.benchmarks.launches import CONDITIONS, NAMES, drop_from_page_cache, launch_spreads, own_cores, spread
from bench.benchmarks.stage import Stage, stage
from bench.environment.machine import usable_cores
from bench.suite.model import Workload


@pytest.fixture(scope="module")
def tiny_stage(tiny_workload: Workload) -> Iterator[Stage]:
    with stage(tiny_workload, "cpu") as place:
        yield place


def test_spread_by_hand() -> None:
    # Locations 0 and 0.2, standard deviation 0.1414; rounds at 0 +- 0.01 have the variance 0.0002, their mean 0.0001:
    # standard deviation 0.01. Launches add 0.02 - 0.0001 = 0.0199, whose root is 0.14107.
    found = spread("any", {0: [-0.01, 0.01], 1: [0.19, 0.21]})
    assert (found.launches, found.rounds) == (2, 2)
    assert found.locations == pytest.approx(0.2 / math.sqrt(2))
    assert found.explained == pytest.approx(0.01)
    assert found.between == pytest.approx(math.sqrt(0.0199))


def test_pairs_are_launched_under_every_condition(tiny_stage: Stage) -> None:
    before = dict(os.environ)
    spreads = list(launch_spreads(tiny_stage, CONDITIONS, launches=2, rounds=2, rng=random.Random(0)))
    assert [each.condition for each in spreads] == [condition.name for condition in CONDITIONS]
    assert all(each.launches == 2 and each.locations >= 0 for each in spreads)
    assert "MALLOC_ARENA_MAX" not in set(os.environ) - set(before)


@pytest.mark.skipif(len(usable_cores()) < 2, reason="needs two cores")
def test_own_cores_differ() -> None:
    drawn = own_cores(random.Random(0))
    assert set(drawn) == set(NAMES)
    assert drawn["a"] != drawn["b"]


def test_dropping_pages_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_bytes(b"kept")
    drop_from_page_cache(tmp_path)
    assert (tmp_path / "deep" / "file").read_bytes() == b"kept"
