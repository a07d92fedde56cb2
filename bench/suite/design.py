"""Axes expanded to combinations, and which of them are not run, with the reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from bench.errors import InputError
from bench.optimizations.registry import Registry, registry
from bench.suite.combination import Combination, level_text
from bench.suite.constraints import conflicting, excluded, idle, not_run, unavailable
from bench.suite.model import Level, Suite
from bench.suite.pairwise import pairwise

if TYPE_CHECKING:
    from bench.environment import Machine

Levels = dict[str, Level]


@dataclass(frozen=True)
class Row:
    """One row of a design.

    Attributes:
        combination: a level for every axis of the suite, in its order of axes.
        not_run: why the combination is not run, or None when it is.
    """

    combination: Combination
    not_run: str | None


def expand(suite: Suite, machine: Machine, known: Registry | None = None) -> tuple[Row, ...]:
    """Return the combinations of a suite's design, each once, the baseline first, the rest in design order.

    Args:
        suite: a resolved suite.
        machine: where it is to run; decides which levels are available.
        known: the optimizations its axes name; all installed ones where it is None.

    Raises:
        InputError: the baseline cannot run here.
    """
    known = registry() if known is None else known
    baseline = {axis: levels[0] for axis, levels in suite.axes.items()}
    _check_baseline(baseline, suite, machine, known)
    all_levels = [baseline, *_design(suite, baseline, machine, known)]
    unique = dict.fromkeys(Combination.of(levels) for levels in all_levels)
    return tuple(Row(each, not_run(each.levels, suite, machine, known)) for each in unique)


def _check_baseline(baseline: Levels, suite: Suite, machine: Machine, known: Registry) -> None:
    """Refuse a baseline that does not run, since everything is compared with it."""
    rule = excluded(baseline, suite.exclude)
    if rule is not None:
        raise InputError("exclude", f"the baseline ({rule})", "rules that leave the baseline in")
    obstacle = (
        conflicting(baseline, known)
        or unavailable(baseline, machine, known)
        or idle(baseline, suite.workload, machine, known)
    )
    if obstacle is not None:
        raise InputError(
            f"axes.{obstacle.axis}[0]",
            found=f"{level_text(baseline[obstacle.axis])} as the baseline ({obstacle.reason})",
            expected="first levels that can run here together",
        )


def _design(suite: Suite, baseline: Levels, machine: Machine, known: Registry) -> Iterator[Levels]:
    """Yield the levels of every combination of the suite's design; some may come twice."""
    axes = suite.axes
    match suite.design:
        case "full":
            yield from (dict(zip(axes, levels, strict=True)) for levels in product(*axes.values()))
        case "one_at_a_time":
            yield from ({**baseline, axis: level} for axis, levels in axes.items() for level in levels[1:])
        case "leave_one_out":
            all_on = {axis: levels[-1] for axis, levels in axes.items()}
            yield all_on
            yield from ({**all_on, axis: level} for axis, level in baseline.items())
        case "pairwise":
            yield from _pairwise(suite, machine, known)
        case explicit:
            yield from ({**baseline, **levels} for levels in explicit)


def _pairwise(suite: Suite, machine: Machine, known: Registry) -> Iterator[Levels]:
    """Yield the pairwise design's combinations."""
    axes = list(suite.axes)

    def levels_of(row: tuple[int, ...]) -> Levels:
        return {axis: suite.axes[axis][index] for axis, index in zip(axes, row, strict=False)}

    def runnable(row: tuple[int, ...]) -> bool:
        return not_run(levels_of(row), suite, machine, known) is None

    def possible(row: tuple[int, ...]) -> bool:
        levels = levels_of(row)
        newest = axes[len(row) - 1]
        return (
            excluded(levels, suite.exclude) is None
            and unavailable({newest: levels[newest]}, machine, known) is None
            and not any(_clash(newest, other, levels, known) for other in axes[: len(row) - 1])
        )

    for row in pairwise([len(levels) for levels in suite.axes.values()], runnable, possible):
        yield levels_of(row)


def _clash(one: str, other: str, levels: Mapping[str, Level], known: Registry) -> bool:
    """Return whether two axes' levels conflict by themselves, each being free of conflict alone."""
    first, second = {one: levels[one]}, {other: levels[other]}
    if conflicting(first, known) or conflicting(second, known):
        return False
    return conflicting({**first, **second}, known) is not None
