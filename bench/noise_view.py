"""A noise floor in words."""

from __future__ import annotations

from pathlib import Path

from bench.analysis.noise import NoiseFloor


def floor_sentence(floor: NoiseFloor) -> str:
    """Return what a report says of the noise floor beside its verdicts."""
    return (
        f"Noise floor (taken {floor.taken[:10]} from {floor.comparisons} comparisons of identical trials on machine "
        f"{floor.machine_id}): launches differ by {floor.launch_deviation:.1%} and bursts by "
        f"{floor.burst_deviation:.1%} (standard deviations of a ratio); {floor.launches} launches with "
        f"{floor.rounds:g} rounds in all find a difference of {floor.smallest_effect:.1%} four times out of five."
    )


def noise_text(floor: NoiseFloor, file: Path, run: Path) -> str:
    """Return a noise floor for a person."""
    return (
        f"{floor_sentence(floor)}\n"
        f"False alarms: {floor.false_alarms} of {floor.comparisons} called faster or slower.\n"
        f"Coverage: {floor.covered} of {floor.comparisons} 95 % intervals hold 1.\n"
        f"Kept in {file}; report: {run / 'report.md'}"
    )
