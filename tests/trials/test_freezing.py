"""A trial that waits is frozen, workers and all, and nothing of it outlives its end or its run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from odd_trials import LOOK, run_trial_with_look
from processes import cpu_ticks, eventually, group, states
from starting import StartTrial

import bench.trials.trial
from bench.suite.model import Workload
from bench.trials.trial import Trial, group_members
from bench.workloads.data import prepare_data


def group_of(trial: Trial) -> int:
    assert trial._process.pid is not None
    return trial._process.pid


def test_waiting_trial_is_frozen_with_its_workers_and_measures_again(start_trial: StartTrial) -> None:
    trial = start_trial({"loader_workers": 2})
    trial.ready()
    assert eventually(lambda: states(group(group_of(trial))) == {"T"})
    trial.measure("epoch")

    members = group(group_of(trial))
    assert len(members) == 3
    assert eventually(lambda: states(members) == {"T"})
    spent = cpu_ticks(members)
    time.sleep(0.3)
    assert cpu_ticks(members) == spent

    assert trial.measure("epoch").values["steps"] == 6
    assert cpu_ticks(members) > spent
    assert eventually(lambda: states(members) == {"T"})


def test_end_leaves_no_process_and_no_folder(start_trial: StartTrial) -> None:
    trial = start_trial({"loader_workers": 2})
    trial.ready()
    trial.measure("epoch")
    assert len(group(group_of(trial))) == 3
    assert trial.spec.folder.is_dir()
    trial.end()
    assert group(group_of(trial)) == set()
    assert not trial.spec.folder.exists()
    trial.end()


def test_end_of_a_trial_that_was_just_born(start_trial: StartTrial) -> None:
    trial = start_trial()
    trial.end()
    assert not Path(f"/proc/{group_of(trial)}").exists()
    assert not trial.spec.folder.exists()


def test_dead_process_that_nobody_collects_is_no_member() -> None:
    shell = subprocess.Popen(["sh", "-c", "sleep 60 & wait"], start_new_session=True)
    assert eventually(lambda: len(group_members(shell.pid)) == 2)
    assert shell.pid in group_members(shell.pid)
    os.killpg(shell.pid, signal.SIGKILL)
    assert eventually(lambda: group_members(shell.pid) == [])
    assert Path(f"/proc/{shell.pid}").exists()
    shell.wait()


def test_group_of_a_killed_run_is_killed(tiny_workload: Workload, tmp_path: Path) -> None:
    script = Path(__file__).with_name("lonely_run.py")
    data = prepare_data(tiny_workload.data)
    arguments = [tiny_workload.model_dump_json(), str(data), str(tmp_path / "trial")]
    run = subprocess.Popen([sys.executable, str(script), *arguments], stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    try:
        number = int(run.stdout.readline())
        assert len(group(number)) == 3
        assert eventually(lambda: states(group(number)) == {"T"})
    finally:
        run.kill()
        run.communicate()
    try:
        assert eventually(lambda: group(number) == set())
    finally:
        if group(number):
            os.killpg(number, signal.SIGKILL)


def test_trials_of_the_fork_server_share_one_import_of_torch(
    start_trial: StartTrial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench.trials.trial, "run_trial", run_trial_with_look)
    trials = [start_trial(), start_trial()]
    for trial in trials:
        assert trial.ready().setup["start"] > 0
    # Each interpreter places its modules at random; only processes forked after the import agree.
    assert len({trial.measure(LOOK).values["torch"] for trial in trials}) == 1
