"""What Ultralytics changes in silence is put right, and a trial writes into its own folder only."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from odd_trials import LOOK, run_trial_with_look
from starting import TINY, StartTrial

import bench.trials.trial
from bench.schedule.course import Course, course_of, epochs_a_burst
from bench.suite.model import Level, UserData, Workload
from bench.trials.messages import Ready
from bench.workloads.data import prepare_data
from bench.workloads.settings import EPOCHS, training_settings


@pytest.fixture
def look_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let trials be asked for a ``Look``."""
    monkeypatch.setattr(bench.trials.trial, "run_trial", run_trial_with_look)


def test_suite_wins_over_steady_settings_and_the_harness_over_the_suite() -> None:
    workload = Workload(
        model="yolo26n.yaml",
        image_size=96,
        batch=2,
        seed=7,
        settings={"patience": 3, "lr0": 0.02, "epochs": 5, "imgsz": 640},
    )
    settings = training_settings(workload, "cuda:1", Path("/data/data.yaml"), Path("/scratch/trial"))
    assert settings == {
        "amp": False,
        "augmentations": [],
        "channels_last": False,
        "close_mosaic": 0,
        "optimizer": "SGD",
        "patience": 3,
        "plots": False,
        "pretrained": False,
        "verbose": False,
        "warmup_epochs": 0,
        "lr0": 0.02,
        "model": "yolo26n.yaml",
        "data": "/data/data.yaml",
        "imgsz": 96,
        "batch": 2,
        "device": "cuda:1",
        "seed": 7,
        "epochs": EPOCHS,
        "project": "/scratch/trial",
        "name": "train",
        "exist_ok": True,
    }


@pytest.mark.usefixtures("look_inside")
def test_workers_and_threads_are_those_asked_for(start_trial: StartTrial, tiny_workload: Workload) -> None:
    settings = {**tiny_workload.settings, "workers": 2}
    trial = start_trial(workload=tiny_workload.model_copy(update={"settings": settings, "threads": 2}))
    assert trial.ready().facts["workers"] == 2
    trial.measure("epoch")  # validation, too, could set threads
    seen = trial.measure(LOOK).values
    assert (seen["workers"], seen["threads"]) == (2, 2)


@pytest.mark.usefixtures("look_inside")
@pytest.mark.parametrize("layout", ["contiguous", "channels_last"])
def test_fixed_batches_are_laid_out_as_in_training(start_trial: StartTrial, layout: Level) -> None:
    trial = start_trial({"memory_format": layout})
    trial.ready()
    trial.measure("epoch")
    assert trial.measure(LOOK).values["channels_last"] == (layout == "channels_last")


@pytest.mark.usefixtures("look_inside")
def test_all_trials_compute_the_same_fixed_batches(start_trial: StartTrial) -> None:
    def pixels(levels: dict[str, Level], epochs: int) -> float:
        trial = start_trial(levels)
        trial.ready()
        for _ in range(epochs):
            trial.measure("epoch")
        trial.measure("data_loading")
        return trial.measure(LOOK).values["pixels"]

    assert pixels({}, epochs=1) == pixels({"loader_workers": 2}, epochs=2) > 0


def test_facts_are_counts_of_what_was_built(start_trial: StartTrial, tiny_workload: Workload) -> None:
    trial = start_trial()
    ready = trial.ready()
    parameters = ready.facts["parameters"]
    assert isinstance(parameters, int)
    gflops = ready.facts["gflops"]
    assert isinstance(gflops, float)
    assert gflops > 0
    assert ready.facts == {
        "trainer": "DetectionTrainer",
        "layers": 46,
        "gflops": gflops,
        "parameters": parameters,
        "trainable_parameters": parameters - 16,  # the distribution focal loss has 16 fixed ones
        "images": 24,
        "batches": 6,
        "batch": 4,
        "accumulate": 1,
        "optimizer": "SGD",
        "workers": 0,
        "repeats_after": 1,
        "settles_after": 0,
        "unseen_by_fixed_batches": [],
    }
    assert 100_000 < parameters < 200_000
    parts_named = {"import", "view", "construct", "data", "model", "rest", "start", "ready"}
    assert set(ready.setup) == {"preload", *parts_named}
    assert ready.setup["preload"] > 0.1, "importing torch takes longer than that anywhere"
    parts = sum(ready.setup[name] for name in parts_named - {"ready"})
    assert parts == pytest.approx(ready.setup["ready"], rel=1e-6)


def test_batches_left_over_by_steps_make_epochs_unlike(start_trial: StartTrial, tiny_workload: Workload) -> None:
    def course(**settings: Level) -> Course:
        changed = tiny_workload.model_copy(update={"settings": {**tiny_workload.settings, **settings}})
        return course_of(start_trial(workload=changed).ready().facts)

    # An epoch has 6 batches of 4 images.
    assert course(nbs=16) == Course(accumulate=4, batches=6)
    assert epochs_a_burst([course(nbs=16)]) == 2
    assert course(nbs=16, warmup_epochs=1.5).settles_after == 2, "steps of one and a half epochs have fewer batches"
    assert course(nbs=4, warmup_epochs=1.5).settles_after == 0, "a step after every batch, warming up or not"


def snapshot(folder: Path) -> dict[str, tuple[int, bytes | None]]:
    """Every path below ``folder`` with its time of change in nanoseconds and its bytes."""
    paths = [folder, *folder.rglob("*")]
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else None) for path in paths}


def test_users_data_folder_is_left_as_it_was(start_trial: StartTrial, tiny_workload: Workload, tmp_path: Path) -> None:
    folder = tmp_path / "user"
    shutil.copytree(prepare_data(tiny_workload.data).parent, folder)
    before = snapshot(folder)
    data = UserData(path=folder / "data.yaml")
    trial = start_trial({"image_cache": "disk"}, tiny_workload.model_copy(update={"data": data}))
    trial.ready()
    trial.measure("epoch")
    written = [path.suffix for path in (trial.spec.folder / "data").rglob("*")]
    assert written.count(".npy") == 24 + 8
    assert written.count(".cache") == 2
    trial.end()
    assert snapshot(folder) == before


def test_model_of_the_users_working_folder_is_not_taken_for_ultralytics_own(
    start_trial: StartTrial, tiny_workload: Workload, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("yolo26.yaml", "yolo26n.yaml"):
        shutil.copy(TINY, tmp_path / name)
    monkeypatch.chdir(tmp_path)  # a trial starts where the run is
    ready: Ready = start_trial(workload=tiny_workload.model_copy(update={"model": "yolo26n.yaml"})).ready()
    parameters = ready.facts["parameters"]
    assert isinstance(parameters, int)
    assert parameters > 2_000_000


def test_relative_path_in_a_data_yaml_starts_from_the_users_working_folder(
    start_trial: StartTrial, tiny_workload: Workload, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(prepare_data(tiny_workload.data).parent, tmp_path / "pictures")
    file = tmp_path / "elsewhere" / "data.yaml"
    file.parent.mkdir()
    file.write_text("path: pictures\n" + (tmp_path / "pictures" / "data.yaml").read_text())
    monkeypatch.chdir(tmp_path)  # a trial starts where the run is
    trial = start_trial(workload=tiny_workload.model_copy(update={"data": UserData(path=file)}))
    assert trial.ready().facts["images"] == 24


def test_filling_a_cache_is_a_part_of_its_own(start_trial: StartTrial, tiny_workload: Workload) -> None:
    setup = start_trial({"image_cache": "ram"}, tiny_workload).ready().setup
    assert setup["cache fill"] > 0
    parts = sum(seconds for name, seconds in setup.items() if name not in {"ready", "preload"})
    assert parts == pytest.approx(setup["ready"], rel=1e-6)
