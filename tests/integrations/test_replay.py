"""Samples replayed through pytest-benchmark, against statistics worked out by hand."""

from __future__ import annotations

import json

import pytest
from pytest_runs import run_here

from bench.integrations.replay import ReplayTimer

pytest_plugins = ["pytester"]

REPLAYED = """
import pytest
from bench.integrations.replay import ReplayTimer, replay

TIMER = ReplayTimer()

@pytest.mark.benchmark(timer=TIMER)
def test_replayed(benchmark):
    replay(benchmark, TIMER, (0.3, 0.1, 0.8))
"""


def test_readings_differ_by_the_samples_to_the_last_digit() -> None:
    timer = ReplayTimer()
    samples = [0.1, 1e-9, 12345.678901234567]
    timer.load(samples)
    readings = [timer() for _ in range(6)]
    assert [readings[1] - readings[0], readings[3] - readings[2], readings[5] - readings[4]] == samples


def test_loading_again_starts_again() -> None:
    timer = ReplayTimer()
    timer.load([1.0, 2.0])
    timer()
    timer.load([5.0])
    assert (timer(), timer()) == (0.0, 5.0)


def test_more_readings_than_samples_are_an_error() -> None:
    timer = ReplayTimer()
    with pytest.raises(StopIteration):
        timer()


def test_statistics_in_the_json_are_those_of_the_samples(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_replayed=REPLAYED)
    finished = run_here(pytester, "--benchmark-only", "--benchmark-json=out.json")
    assert finished.status == 0, finished.text
    (row,) = json.loads((pytester.path / "out.json").read_text())["benchmarks"]
    statistics = row["stats"]
    assert statistics["data"] == [0.3, 0.1, 0.8]
    assert (statistics["min"], statistics["max"], statistics["median"]) == (0.1, 0.8, 0.3)
    assert (statistics["rounds"], statistics["iterations"]) == (3, 1)
    # (0.3 + 0.1 + 0.8) / 3, and the root of (0.01 + 0.09 + 0.16) / 2
    assert statistics["mean"] == pytest.approx(0.4)
    assert statistics["stddev"] == pytest.approx(0.13**0.5)
    assert row["options"]["timer"] == "replay"
