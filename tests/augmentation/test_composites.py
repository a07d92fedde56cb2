"""Composed pictures are counted over processes and held against their probability."""

from __future__ import annotations

import multiprocessing
from typing import Any

import pytest

from bench.augmentation.composites import CompositeCount, plausible, probability
from bench.errors import InputError
from bench.optimizations.mixup import Mixup
from bench.optimizations.mosaic import Mosaic
from bench.suite.model import Level


class EveryOther:
    """A transform that composes every second picture it is given."""

    given = 0

    def __call__(self, labels: dict[str, Any]) -> dict[str, Any]:
        self.given += 1
        return self.apply_image(labels) if self.given % 2 == 0 else labels

    def apply_image(self, labels: dict[str, Any]) -> dict[str, Any]:
        return {**labels, "composed": True}


def test_counts_reach_over_forked_processes() -> None:
    class Transform(EveryOther):
        pass

    count = CompositeCount(Transform)

    def work() -> None:
        transform = Transform()
        for _ in range(6):
            transform({})

    worker = multiprocessing.get_context("fork").Process(target=work)
    worker.start()
    worker.join()
    assert worker.exitcode == 0
    work()
    assert count.read() == (12, 6)


@pytest.mark.parametrize(
    ("hits", "tries", "share", "expected"),
    [
        # Nothing in n tries at one half: 2 to the power of -n, which first is less than a millionth at 20.
        (0, 19, 0.5, True),
        (0, 20, 0.5, False),
        (20, 20, 0.5, False),
        (10, 20, 0.5, True),
        (5, 5, 1.0, True),
        (4, 5, 1.0, False),
        (0, 5, 0.0, True),
        (1, 5, 0.0, False),
        (0, 0, 0.5, True),
    ],
)
def test_plausible_counts(hits: int, tries: int, share: float, expected: bool) -> None:
    assert plausible(hits, tries, share) is expected


@pytest.mark.parametrize(("level", "expected"), [("off", 0.0), ("on", 1.0), (0.25, 0.25)])
def test_levels_stand_for_probabilities(level: Level, expected: float) -> None:
    assert probability(Mosaic.parse(level)) == expected
    settings: dict[str, Any] = {"close_mosaic": 10}
    Mixup(level=level, workload=None).configure(settings)  # type: ignore[arg-type]
    assert settings == {"close_mosaic": 0, "mixup": expected}


@pytest.mark.parametrize("raw", [1.5, 1, 0, -0.1, True, "half", "0.5", {"p": 0.5}])
def test_other_levels_are_refused_with_what_is_expected(raw: object) -> None:
    with pytest.raises(InputError) as error:
        Mosaic.parse(raw)
    assert error.value.field == "mosaic"
    assert error.value.expected == "off, on, or the probability for a picture: a number above 0 and below 1"


@pytest.mark.parametrize("axis", [Mosaic, Mixup])
def test_other_libraries_compose_no_pictures(axis: type[Mosaic | Mixup]) -> None:
    assert axis.conflict({axis.name: 0.5, "augmentation": "albumentations"}) is not None
    assert axis.conflict({axis.name: "on", "augmentation": "none"}) is not None
    assert axis.conflict({axis.name: "off", "augmentation": "albumentations"}) is None
    assert axis.conflict({axis.name: "on", "augmentation": "ultralytics"}) is None
    assert axis.conflict({axis.name: "on"}) is None
