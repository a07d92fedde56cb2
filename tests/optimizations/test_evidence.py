"""Every optimization acts on real training, shows that it does, and is found out when it does not."""

from __future__ import annotations

import pytest
from sabotage import run_trial_without_hooks
from starting import StartTrial
from technique_settings import OF_SEVERAL_SHAPES, TECHNIQUE_SETTINGS

import bench.trials.trial
from bench.catalogue.levels import known_levels
from bench.environment import Machine
from bench.optimizations.base import Evidence
from bench.optimizations.registry import registry
from bench.suite.combination import level_text
from bench.suite.model import Learning, Level, UserData, Workload

OF_RUNS_ALONE = {("batch", "largest")}
"""What no trial can be asked for: a run looks for it first (tests/fitting/test_largest_in_a_run.py)."""

LEARNING = Learning(images=72)
"""Three epochs of the tiny workload: a schedule planned over them has moved after the two that are trained."""

LEVELS = [
    (name, level)
    for name, each in registry().items()
    for level in known_levels(each)[1:]
    if (name, level_text(level)) not in OF_RUNS_ALONE
]
"""Every level that has a name or is usual, but the baselines."""


def evidence_after_training(
    start_trial: StartTrial, levels: dict[str, Level], workload: Workload
) -> dict[str, Evidence]:
    trial = start_trial(levels, workload, learning=LEARNING)
    trial.ready()
    trial.measure("epoch")
    trial.measure("epoch")
    return trial.evidence()


def workload_for(name: str, tiny: Workload, wide_and_high: UserData) -> Workload:
    data = wide_and_high if name in OF_SEVERAL_SHAPES else tiny.data
    return tiny.model_copy(update={"data": data, **TECHNIQUE_SETTINGS.get(name, {})})


def skip_where_unavailable(name: str, level: Level) -> None:
    reason = registry()[name].unavailable(level, Machine.here())
    if reason is not None:
        pytest.skip(f"{name}={level_text(level)}: {reason}")


@pytest.mark.parametrize(("name", "level"), LEVELS, ids=lambda value: level_text(value))
def test_level_has_something_to_act_on(
    tiny_workload: Workload, wide_and_high: UserData, name: str, level: Level
) -> None:
    workload = workload_for(name, tiny_workload, wide_and_high)
    assert registry()[name].idle({name: level}, workload, Machine.here()) is None


@pytest.mark.parametrize(("name", "level"), LEVELS, ids=lambda value: level_text(value))
def test_level_is_in_force(
    start_trial: StartTrial, tiny_workload: Workload, wide_and_high: UserData, name: str, level: Level
) -> None:
    skip_where_unavailable(name, level)
    workload = workload_for(name, tiny_workload, wide_and_high)
    evidence = evidence_after_training(start_trial, {name: level}, workload)[name]
    assert evidence.in_force, f"{evidence.observed}; expected {evidence.expected}"


@pytest.mark.parametrize(("name", "level"), LEVELS, ids=lambda value: level_text(value))
def test_sabotage_is_found_out(
    start_trial: StartTrial,
    tiny_workload: Workload,
    wide_and_high: UserData,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    level: Level,
) -> None:
    skip_where_unavailable(name, level)
    monkeypatch.setattr(bench.trials.trial, "run_trial", run_trial_without_hooks)
    workload = workload_for(name, tiny_workload, wide_and_high)
    evidence = evidence_after_training(start_trial, {name: level}, workload)[name]
    assert not evidence.in_force, evidence.observed


def test_all_baselines_together_are_in_force(start_trial: StartTrial, tiny_workload: Workload) -> None:
    baseline = {name: each.usual_levels[0] for name, each in registry().items()}
    evidence = evidence_after_training(start_trial, baseline, tiny_workload)
    assert set(evidence) == set(baseline)
    assert not {name: each for name, each in evidence.items() if not each.in_force}


def test_compiled_bf16_channels_last_shows_all_three(start_trial: StartTrial, tiny_workload: Workload) -> None:
    skip_where_unavailable("compile", "default")
    levels: dict[str, Level] = {"compile": "default", "precision": "bf16", "memory_format": "channels_last"}
    evidence = evidence_after_training(start_trial, levels, tiny_workload)
    assert not {name: each for name, each in evidence.items() if not each.in_force}
