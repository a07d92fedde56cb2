"""A noise floor in words."""

from __future__ import annotations

from pathlib import Path

from bench.analysis.noise import NoiseFloor
from bench.reports.metrics import metric_name
from bench.reports.numbers import percentage_text


def floor_sentence(floor: NoiseFloor) -> str:
    """Return what a report says of the noise floor beside its verdicts."""
    return (
        f"Noise floor (taken {floor.taken[:10]} from {floor.comparisons} comparisons of identical trials on machine "
        f"{floor.machine_id}, {metric_name(floor.metric)} of {floor.workload_text}): {_deviations(floor)}; "
        f"{_found(floor)}."
    )


def noise_text(floor: NoiseFloor, file: Path, run: Path) -> str:
    """Return a noise floor for a person."""
    return f"{floor_sentence(floor)}\n{_right_and_wrong(floor)}\nKept in {file}; report: {run / 'report.md'}"


def _deviations(floor: NoiseFloor) -> str:
    """Return what launches and bursts differ by, as far as they can be told apart."""
    launches, bursts = floor.launch_deviation, floor.burst_deviation
    if launches is None:
        if bursts is None:
            return "what launches and bursts differ by is unknown, since there was one launch of one round"
        return (
            f"bursts differ by {bursts:.1%} (standard deviation of a ratio), and what launches differ by is unknown, "
            "since there was one"
        )
    if bursts is None:
        return (
            f"launches and bursts together differ by {launches:.1%} (standard deviation of a ratio), and could not be "
            "told apart, since there was one round in each launch"
        )
    return f"launches differ by {launches:.1%} and bursts by {bursts:.1%} (standard deviations of a ratio)"


def _found(floor: NoiseFloor) -> str:
    """Return what a run like the floor's own would call faster or slower."""
    if floor.smallest_effect is None:
        return "without a second launch no difference is found"
    margin = "" if floor.margin is None else f" at a margin of {percentage_text(floor.margin)}"
    return (
        f"{floor.launches} launches with {floor.rounds:g} rounds in all find a difference of "
        f"{floor.smallest_effect:.1%}, compared alone{margin}, four times out of five"
    )


def _right_and_wrong(floor: NoiseFloor) -> str:
    """Return how many verdicts were wrong and how many intervals right, where there are any."""
    if floor.covered is None:
        return "False alarms and coverage: unknown, since one launch gives neither verdicts nor intervals."
    return (
        f"False alarms: {floor.false_alarms} of {floor.comparisons} called faster or slower "
        f"({floor.false_alarms / floor.comparisons:.1%}).\n"
        f"Coverage: {floor.covered} of {floor.comparisons} 95 % intervals hold 1."
    )
