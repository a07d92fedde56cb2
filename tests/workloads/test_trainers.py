"""Trainers of the user's own: found by name, checked, and in force beneath the probes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from runs import lines_of, only_run, run_bench, write_suite
from starting import TINY

from bench import user_code
from bench.errors import InputError
from bench.project import Project
from bench.suite.load import load_suite
from bench.suite.model import Workload
from bench.workloads import trainers
from bench.workloads.trainers import load_trainer, trainer_names

TRAINER = """\
from pathlib import Path

import torch
from ultralytics.models.yolo.detect import DetectionTrainer

from loss import Doubled


class Mine(DetectionTrainer):
    def preprocess_batch(self, batch):
        batch = super().preprocess_batch(batch)
        batch["img"] = torch.zeros_like(batch["img"])
        return batch

    def get_model(self, cfg=None, weights=None, verbose=True):
        model = super().get_model(cfg, weights, verbose)
        model.criterion = Doubled(model)
        return model

    def optimizer_step(self):
        super().optimizer_step()
        with Path(PLACE, "steps.txt").open("a") as file:
            print("step", file=file)


class NotOne:
    pass


number = 3
"""
LOSS = """\
from pathlib import Path


class Doubled:
    def __init__(self, model):
        self._model = model
        self._usual = None

    def __call__(self, preds, batch):
        self._usual = self._usual or self._model.init_criterion()
        with Path(PLACE, "losses.txt").open("a") as file:
            print("loss", file=file)
        loss, items = self._usual(preds, batch)
        return 2 * loss, items
"""
TABLE = """\
[tool.yolo-train-bench.trainers]
mine = "train.py:Mine"
"""


@pytest.fixture(autouse=True)
def _path_as_before() -> Iterator[None]:
    path, modules, roots = sys.path[:], set(sys.modules), user_code._roots[:]
    yield
    sys.path[:], user_code._roots[:] = path, roots
    for name in set(sys.modules) - modules:
        if name in {"train", "loss"}:
            del sys.modules[name]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "train.py").write_text(TRAINER.replace("PLACE", repr(str(tmp_path))))
    (tmp_path / "loss.py").write_text(LOSS.replace("PLACE", repr(str(tmp_path))))
    names = {"mine": "train.py:Mine", "number": "train.py:number", "other": "train.py:NotOne", "gone": "train.py:Gone"}
    return Project(tmp_path, (), names)


def test_a_trainer_is_a_subclass_of_ultralytics(project: Project) -> None:
    from ultralytics.models.yolo.detect import DetectionTrainer

    from bench.workloads.trainer import ProbedTrainer, probed, trained_by

    assert load_trainer(None, project) is DetectionTrainer
    assert probed(DetectionTrainer) is ProbedTrainer
    assert trained_by(ProbedTrainer) is DetectionTrainer
    mine = load_trainer("mine", project)
    order = [each.__name__ for each in probed(mine).__mro__[:4]]
    assert order == ["ProbedMine", "ProbedTrainer", "Mine", "DetectionTrainer"]
    assert trained_by(probed(mine)) is mine


@pytest.mark.parametrize(
    ("name", "kind"), [("number", "of type int"), ("other", "a class of other bases"), ("gone", "not there")]
)
def test_what_is_no_trainer_is_refused(project: Project, name: str, kind: str) -> None:
    with pytest.raises(InputError, match=f"which is {kind}") as refused:
        load_trainer(name, project)
    assert refused.value.field == f"tool.yolo-train-bench.trainers.{name}"


def test_an_installed_package_may_bring_trainers(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("theirs", "ultralytics.models.yolo.detect:DetectionTrainer", trainers.ENTRY_POINT_GROUP)
    wrong = EntryPoint("wrong", "ultralytics.models.yolo.detect:DetectionValidator", trainers.ENTRY_POINT_GROUP)
    monkeypatch.setattr(trainers, "entry_points", lambda group: [point, wrong] if group == "bench.trainers" else [])
    assert trainer_names(None) == ("theirs", "wrong")
    assert load_trainer("theirs", None).__name__ == "DetectionTrainer"
    with pytest.raises(InputError, match="a class of other bases"):
        load_trainer("wrong", None)
    with pytest.raises(InputError, match="expected another name"):
        trainer_names(Project(project.root, (), {"theirs": "train.py:Mine"}))


def test_a_suite_that_names_an_unknown_trainer_is_told_the_nearest(project: Project, tmp_path: Path) -> None:
    suite = write_suite(tmp_path, workload={"model": str(TINY), "trainer": "mien"})
    with pytest.raises(InputError) as refused:
        load_suite(suite, project=project)
    assert (refused.value.field, refused.value.nearest) == ("workload.trainer", "mine")
    with pytest.raises(InputError, match="none, since there are none"):
        load_suite(suite)


def test_the_users_trainer_is_what_trains(project: Project, tmp_path: Path, tiny_workload: Workload) -> None:
    (tmp_path / "pyproject.toml").write_text(TABLE)
    workload = tiny_workload.model_dump(mode="json", exclude_none=True) | {"trainer": "mine"}
    suite = write_suite(tmp_path, workload=workload, measure=["epoch"], budget={"rounds": 1}, launches=1)
    done = run_bench("run", suite, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    run = only_run(tmp_path / "results")
    assert [launch["facts"]["trainer"] for launch in lines_of(run, "launch")] == ["Mine"] * 4
    steps = sum(len(burst["series"]["step"]) for burst in lines_of(run, "burst"))
    assert steps > 0
    assert (tmp_path / "steps.txt").read_text().count("step") >= steps
    assert (tmp_path / "losses.txt").read_text().count("loss") >= steps
    head = json.loads((run / "journal.jsonl").read_text().splitlines()[0])
    assert sorted(head["project"]["files"]) == ["loss.py", "train.py"]


def test_code_that_cannot_be_imported_creates_nothing(project: Project, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(TABLE)
    (tmp_path / "loss.py").write_text("raise RuntimeError('no such loss')\n")
    suite = write_suite(tmp_path, workload={"model": str(TINY), "device": "cpu", "trainer": "mine"})
    done = run_bench("run", suite, folder=tmp_path)
    assert done.returncode == 2
    (line,) = (each for each in done.stderr.splitlines() if each.startswith("bench:"))
    assert "pyproject.toml:2: tool.yolo-train-bench.trainers.mine" in line
    assert "line 1 of loss.py raised RuntimeError: no such loss" in line
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "results").exists()


def test_a_row_says_what_the_users_trainer_cannot_train(
    project: Project, tmp_path: Path, tiny_workload: Workload
) -> None:
    (tmp_path / "pyproject.toml").write_text(TABLE)
    workload = tiny_workload.model_dump(mode="json", exclude_none=True) | {"trainer": "mine"}
    axes = {"model": [workload["model"], "rtdetr-l.yaml"], "precision": ["fp32", "bf16"]}
    changes = {"axes": axes, "design": "one_at_a_time", "measure": ["epoch"], "budget": {"rounds": 1}, "launches": 1}
    done = run_bench("run", write_suite(tmp_path, workload=workload, **changes), folder=tmp_path)
    assert done.returncode == 0, done.stderr
    run = only_run(tmp_path / "results")
    rows = {row["label"]: row for row in json.loads((run / "report.json").read_text())["rows"]}
    assert rows["precision=bf16"]["verdict"] != "failed"
    assert rows["model=rtdetr-l.yaml"]["verdict"] == "failed"
    (failure,) = lines_of(run, "failure")
    assert failure["message"] == (
        "InputError: workload.trainer: found Mine, which is no subclass of RTDETRTrainer; expected a subclass of "
        "ultralytics.models.rtdetr.train.RTDETRTrainer, which rtdetr-l.yaml needs"
    )
    assert failure["message"] in rows["model=rtdetr-l.yaml"]["reason"]


def test_a_trainer_that_cannot_train_the_workloads_model_creates_nothing(project: Project, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(TABLE)
    workload = {"model": "rtdetr-l.yaml", "device": "cpu", "trainer": "mine"}
    done = run_bench("run", write_suite(tmp_path, workload=workload), folder=tmp_path)
    assert done.returncode == 2
    assert "workload.trainer: found Mine, which is no subclass of RTDETRTrainer" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "results").exists()
