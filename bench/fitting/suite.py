"""The largest batch of a suite's combination on this machine."""

from __future__ import annotations

from typing import Any

from bench.engines.progress import Progress
from bench.fitting.grant import Grant
from bench.fitting.search import Attempt, largest_of
from bench.fitting.trials import find_largest
from bench.reports.numbers import bytes_text
from bench.run import Prepared
from bench.suite.combination import Combination
from bench.trials.warden import Warden
from bench.workloads.data import prepare_data
from bench.workloads.scratch import scratch_folder


def largest_of_suite(
    prepared: Prepared, combination: Combination, grant: Grant, progress: Progress
) -> tuple[Attempt, ...]:
    """Search the largest batch of one combination of a suite; its own level of ``batch`` does not count.

    Raises:
        BenchError: the data cannot be had, or training failed for another reason than memory.
    """
    suite = prepared.suite
    progress.stage("preparing data")
    data = prepare_data(suite.workload.data)
    warden = Warden()
    try:
        with scratch_folder() as scratch:
            return find_largest(prepared.spec(combination, data, scratch), grant, warden, suite.timeout, progress)
    finally:
        warden.close()


def largest_json(label: str, device: str, grant: Grant, attempts: tuple[Attempt, ...]) -> dict[str, Any]:
    """Return a search for programs; sizes are bytes."""
    return {
        "combination": label,
        "device": device,
        "granted": grant.deciding,
        "largest": largest_of(attempts),
        "attempts": [
            {
                "batch": each.batch,
                "fits": each.fits,
                "tried": each.tried,
                "need": each.need,
                "reason": each.reason or None,
            }
            for each in attempts
        ],
    }


def largest_text(label: str, device: str, grant: Grant, attempts: tuple[Attempt, ...]) -> str:
    """Return a search for a person."""
    lines = [f"{label} on {device}, granted {bytes_text(grant.deciding)}:"]
    for each in attempts:
        need = "" if each.need is None else f"{'needs' if each.tried else 'should need'} {bytes_text(each.need)}"
        outcome = "fits" if each.fits else "does not fit"
        why = f" ({each.reason})" if each.reason and each.tried else ""
        lines.append(f"  batch {each.batch:>5}  {outcome:<12}  {need}{why}".rstrip())
    largest = largest_of(attempts)
    lines.append(
        "No batch fits." if largest is None else f"The largest batch that fits is {largest}{_limit(attempts)}."
    )
    return "\n".join(lines)


def _limit(attempts: tuple[Attempt, ...]) -> str:
    """Return what the search stopped at."""
    refused = [each.batch for each in attempts if not each.fits]
    return f"; {min(refused)} does not" if refused else ", all training images at once"
