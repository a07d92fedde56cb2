"""Fixtures of all tests: a detector that trains in milliseconds, its data, and trials of it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from starting import TINY, StartTrial

from bench.engines.progress import Silent
from bench.history.otava_environment import OtavaUnavailableError, otava_python
from bench.suite.model import Learning, Level, ShapesData, UserData, Workload
from bench.trials.messages import TrialSpec
from bench.trials.server import trial_context
from bench.trials.trial import Trial
from bench.trials.warden import Warden
from bench.workloads.data import prepare_data
from bench.workloads.yolo_format import Box, write_data_yaml, write_example

# Where tests use Ultralytics in their own process it would look for its makers' hosts in a thread; a process forked in
# that moment waits for ever for a lock that the thread holds. Trials have this set by the harness.
os.environ.setdefault("YOLO_OFFLINE", "true")


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """Let commands that tests start be interrupted; a shell's background jobs are born ignoring it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def private_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep what tests build out of the user's cache; set before the fork server copies the environment."""
    os.environ["BENCH_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def otava(private_cache: None) -> Path:
    """The Python of Apache Otava's environment, made once; skips where no package index can be reached."""
    try:
        return otava_python(Silent())
    except OtavaUnavailableError as error:
        # What pip says of an index that it cannot reach; of a wrong pin it names the versions that there are.
        if "(from versions: none)" in str(error):
            pytest.skip(str(error))
        raise


@pytest.fixture(scope="session")
def tiny_workload() -> Workload:
    """Six batches of four small pictures for a detector of 159 thousand parameters, one optimizer step each."""
    return Workload(
        model=str(TINY),
        data=ShapesData(images=24, validation_images=8, size=64),
        image_size=64,
        batch=4,
        device="cpu",
        settings={"nbs": 4},
    )


@pytest.fixture(scope="session")
def wide_and_high(tmp_path_factory: pytest.TempPathFactory) -> UserData:
    """Twelve pictures twice as wide as high, and twelve twice as high as wide."""
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(0)
    for split in ("train", "val"):
        for number in range(24):
            height, width = (32, 64) if number % 2 else (64, 32)
            picture = rng.integers(0, 256, (height, width, 3), np.uint8)
            write_example(folder, split, f"{number:02d}", picture, [Box(0, 4, 4, 24, 24)], 90)
    write_data_yaml(folder, ["thing"])
    return UserData(path=folder / "data.yaml")


@pytest.fixture(scope="session")
def warden() -> Iterator[Warden]:
    """End whatever a failing test leaves behind."""
    warden = Warden()
    yield warden
    warden.close()


@pytest.fixture
def start_trial(tiny_workload: Workload, warden: Warden, tmp_path: Path) -> Iterator[StartTrial]:
    """Start trials of the tiny workload; all are ended with the test."""
    trials: list[Trial] = []

    def start(
        levels: dict[str, Level] | None = None,
        workload: Workload = tiny_workload,
        timeout: float = 300,
        learning: Learning | None = None,
    ) -> Trial:
        spec = TrialSpec(
            workload=workload,
            device="cpu",
            levels=levels or {},
            data=prepare_data(workload.data),
            folder=tmp_path / f"trial{len(trials)}",
            cores=tuple(sorted(os.sched_getaffinity(0))),
            learning=learning or Learning(),
        )
        trials.append(Trial(spec, trial_context("cpu"), warden, timeout))
        return trials[-1]

    yield start
    for trial in trials:
        trial.end()
