"""A noise floor in words."""

from __future__ import annotations

from pathlib import Path

from bench.analysis.noise import NoiseFloor
from bench.reports.metrics import metric_name


def floor_sentence(floor: NoiseFloor) -> str:
    """Return what a report says of the noise floor beside its verdicts."""
    effect = floor.smallest_effect
    found = "no difference" if effect is None else f"a difference of {effect:.1%}, compared alone,"
    return (
        f"Noise floor (taken {floor.taken[:10]} from {floor.comparisons} comparisons of identical trials on machine "
        f"{floor.machine_id}, {metric_name(floor.metric)} of {floor.workload_text}): launches differ by "
        f"{floor.launch_deviation:.1%} and bursts by {floor.burst_deviation:.1%} (standard deviations of a ratio); "
        f"{floor.launches} launches with {floor.rounds:g} rounds in all find {found} four times out of five."
    )


def noise_text(floor: NoiseFloor, file: Path, run: Path) -> str:
    """Return a noise floor for a person."""
    return (
        f"{floor_sentence(floor)}\n"
        f"False alarms: {floor.false_alarms} of {floor.comparisons} called faster or slower "
        f"({floor.false_alarms / floor.comparisons:.1%}).\n"
        f"Coverage: {floor.covered} of {floor.comparisons} 95 % intervals hold 1.\n"
        f"Kept in {file}; report: {run / 'report.md'}"
    )
