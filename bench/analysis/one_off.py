"""What a combination costs once, and when its speed has paid for that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import median

from bench.journal.bursts import warm_up_bursts
from bench.journal.records import AnyRecord, LaunchRecord
from bench.schedule.warm_up import warmed_up

COMPILATION = "compilation"
"""The one-off part that is the compiler's share of warming up."""


def warm_up_excess(records: Sequence[AnyRecord], combination: str, steady_epoch: float) -> float | None:
    """Return the median over launches of what warm-up epochs took beyond steady ones, in seconds.

    Compilation, cache filling at the first epoch and cold caches show here. None where no epoch warmed up.
    """
    return _median_of_warm_ups(records, combination, lambda values: values["seconds"] - steady_epoch)


def compilation_seconds(records: Sequence[AnyRecord], combination: str) -> float | None:
    """Return the median over launches of what torch's compiler took of warming up, in seconds; None as above."""
    return _median_of_warm_ups(records, combination, lambda values: values.get("compilation", 0.0))


def _median_of_warm_ups(
    records: Sequence[AnyRecord], combination: str, part: Callable[[Mapping[str, float]], float]
) -> float | None:
    """Return the median over launches of the sum of ``part`` over a combination's warm-up epochs, all of a burst."""
    launches: dict[int, float] = {}
    for burst in warm_up_bursts(records):
        if burst.combination == combination:
            launches[burst.launch] = launches.get(burst.launch, 0.0) + part(burst.values) * burst.epochs
    return median(launches.values()) if launches else None


def setup_seconds(records: Sequence[AnyRecord], combination: str) -> dict[str, float]:
    """Return the median seconds of each one-off part over launches, the compiler's share of warming up among them."""
    launches = [r.setup for r in records if isinstance(r, LaunchRecord) and r.combination == combination]
    names = dict.fromkeys(name for setup in launches for name in setup)
    parts = {name: median(setup.get(name, 0.0) for setup in launches) for name in names}
    compilation = compilation_seconds(records, combination)
    return parts if compilation is None else {**parts, COMPILATION: compilation}


def one_off_seconds(records: Sequence[AnyRecord], combination: str, steady_epoch: float) -> float | None:
    """Return all one-off seconds of a combination: until its first epoch, and the excess of warming up."""
    ready = [r.setup["ready"] for r in records if isinstance(r, LaunchRecord) and r.combination == combination]
    excess = warm_up_excess(records, combination, steady_epoch)
    return median(ready) + excess if ready and excess is not None else None


def pays_off_after(one_off: float, baseline_one_off: float, epoch: float, baseline_epoch: float) -> float | None:
    """Return the epochs after which a combination has taken less time in all; None where it never will."""
    saved = baseline_epoch - epoch
    extra = one_off - baseline_one_off
    if saved <= 0:
        return None
    return max(0.0, extra / saved)


def cold_launches(records: Sequence[AnyRecord]) -> tuple[int, int]:
    """Return how many trials were measured before they were steady, and how many were measured."""
    steps: dict[tuple[int, str], list[float]] = {}
    for burst in warm_up_bursts(records):
        steps.setdefault((burst.launch, burst.combination), []).extend(burst.series.get("step", ()))
    return sum(not warmed_up(seconds) for seconds in steps.values()), len(steps)
