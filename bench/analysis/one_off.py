"""What a combination costs once, in its first launch and in later ones, and when its speed has paid for that."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from bench.analysis.gathered import Gathered
from bench.analysis.result import OneOff
from bench.journal.bursts import warm_up_bursts
from bench.journal.records import AnyRecord, BurstRecord, LaunchRecord
from bench.schedule.warm_up import warmed_up

CLEARLY_CHEAPER = 0.5
"""Share of the first launch's cost below which a later one's is told apart."""


def setup_seconds(own: Gathered) -> dict[str, float]:
    """Return the median seconds over launches of each one-off part before the first epoch."""
    setups = [launch.setup for launch in own.launches]
    names = dict.fromkeys(name for setup in setups for name in setup)
    return {name: median(setup.get(name, 0.0) for setup in setups) for name in names}


def one_off_costs(own: Gathered, steady_epoch: float | None) -> tuple[OneOff | None, OneOff | None]:
    """Return what the first launch of a combination cost once, and the medians of later ones; None for none.

    Launches that did not warm up are left out. A later launch found what compilers had kept of earlier ones; one with
    which a resumed run began anew did not, so it is neither.

    Args:
        own: what the journal holds of it.
        steady_epoch: seconds of an epoch in the steady state; None where none was measured.
    """
    warm_ups: dict[int, list[BurstRecord]] = {}
    for burst in own.warm_up:
        warm_ups.setdefault(burst.launch, []).append(burst)
    costs = [_cost(each, warm_ups[each.launch], steady_epoch) for each in own.launches if each.launch in warm_ups]
    later = [cost for cost in costs[1:] if not cost.fresh_caches]
    return (costs[0] if costs else None), (_typical(later) if later else None)


def _cost(launch: LaunchRecord, warm_up: Sequence[BurstRecord], steady_epoch: float | None) -> OneOff:
    """Return what one launch cost, from its bursts of warming up, each of which may be of several epochs."""
    epochs = sum(burst.epochs for burst in warm_up)
    seconds = sum(burst.values["seconds"] * burst.epochs for burst in warm_up)
    compilation = sum(burst.values.get("compilation", 0.0) * burst.epochs for burst in warm_up)
    return OneOff(
        ready=launch.setup["ready"],
        compilation=compilation,
        warm_up=None if steady_epoch is None else seconds - compilation - epochs * steady_epoch,
        fresh_caches=launch.fresh_caches,
    )


def _typical(costs: Sequence[OneOff]) -> OneOff:
    """Return the median of each part."""
    warm_ups = [cost.warm_up for cost in costs if cost.warm_up is not None]
    return OneOff(
        ready=median(cost.ready for cost in costs),
        compilation=median(cost.compilation for cost in costs),
        warm_up=median(warm_ups) if warm_ups else None,
        fresh_caches=costs[0].fresh_caches,
    )


def pays_off_after(
    cost: OneOff | None, baseline_cost: OneOff | None, epoch: float, baseline_epoch: float
) -> float | None:
    """Return the epochs after which a combination has taken less time in all; None where it never will, or unknown.

    Args:
        cost: what the combination costs once.
        baseline_cost: what the baseline costs once.
        epoch: seconds of the combination's epoch.
        baseline_epoch: seconds of the baseline's.
    """
    own = None if cost is None else cost.total
    other = None if baseline_cost is None else baseline_cost.total
    saved = baseline_epoch - epoch
    if own is None or other is None or saved <= 0:
        return None
    return max(0.0, (own - other) / saved)


def is_clearly_cheaper(later: OneOff | None, first: OneOff | None) -> bool:
    """Return whether later launches cost less than half of what the first did, so that caches tell."""
    if later is None or first is None or later.total is None or first.total is None:
        return False
    return later.total < CLEARLY_CHEAPER * first.total


def cold_launches(records: Sequence[AnyRecord]) -> tuple[int, int]:
    """Return how many trials were measured before they were steady, and how many were measured."""
    steps: dict[tuple[int, str], list[float]] = {}
    for burst in warm_up_bursts(records):
        steps.setdefault((burst.launch, burst.combination), []).extend(burst.series.get("step", ()))
    return sum(not warmed_up(seconds) for seconds in steps.values()), len(steps)
