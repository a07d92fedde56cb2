"""Every architecture: what it is made of, that it trains, and how its name is checked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from documented import DOCS
from starting import TINY, StartTrial
from ultralytics.models.rtdetr.train import RTDETRTrainer
from ultralytics.models.yolo.detect import DetectionTrainer
from ultralytics.nn.tasks import DetectionModel, parse_model, yaml_model_load

from bench.errors import InputError
from bench.optimizations.model import ModelFile
from bench.probes.built_model import counts_of, counts_of_file
from bench.probes.operations import forward_gflops
from bench.suite.load import load_suite
from bench.suite.model import Level, ShapesData, Workload
from bench.suite.named_files import named_file_digests
from bench.workloads.models import is_model_name, model_file, model_names, own_models
from bench.workloads.trainers import trainer_for

ROW = re.compile(
    r"^\| `(?P<name>[\w-]+\.yaml)` \| \w+ \| (?P<layers>[\d ]+) \| (?P<parameters>[\d ]+) \|", re.MULTILINE
)
DOCUMENTED = [
    (found["name"], int(found["layers"].replace(" ", "")), int(found["parameters"].replace(" ", "")))
    for found in ROW.finditer((DOCS / "architectures.md").read_text())
]
SMALL = ["yolov3-tiny.yaml", "yolov6n.yaml", "yolov9t.yaml", "yolov10n.yaml", "yolo12n.yaml", "yolo26n.yaml"]
LARGE = ["yolov3.yaml", "yolov5x.yaml"]


@pytest.mark.parametrize(("name", "layers", "parameters"), DOCUMENTED, ids=lambda value: str(value))
def test_the_page_counts_as_the_files_do(name: str, layers: int, parameters: int) -> None:
    counts = counts_of_file(yaml_model_load(model_file(name)), classes=80)
    assert (counts.modules, counts.parameters) == (layers, parameters)


def test_the_page_has_every_architecture() -> None:
    assert {name for name, *_ in DOCUMENTED} >= {*SMALL, *LARGE, *own_models(), *map(str, ModelFile.usual_levels)}


@pytest.mark.parametrize(("scale", "millions"), [("s", 7.0), ("m", 20.8), ("l", 46.1), ("x", 86.2)])
def test_the_page_tells_yolov5_before_its_head(scale: str, millions: float) -> None:
    content = yaml_model_load(f"yolov5{scale}.yaml")
    with torch.device("meta"):
        layers, _ = parse_model(content, ch=3, verbose=False)
    before = sum(each.numel() for each in layers[:-1].parameters())
    assert round(before / 1e6, 1) == millions


def test_a_file_is_counted_as_the_model_that_ultralytics_builds_of_it() -> None:
    content = yaml_model_load("yolov8n.yaml")
    assert counts_of_file(content, classes=3) == counts_of(DetectionModel(content, nc=3, verbose=False).model)
    assert counts_of_file(content, classes=3) != counts_of_file(content, classes=80)


def test_operations_of_one_convolution_by_hand() -> None:
    # 32 x 32 outputs of 8 channels, each of 3 x 3 x 3 multiplications and as many additions.
    layers = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3, padding=1, bias=False))
    assert forward_gflops(layers, 32) == pytest.approx(32 * 32 * 8 * 27 * 2 / 1e9)


def test_counting_operations_leaves_the_model_alone() -> None:
    model = DetectionModel(str(TINY), nc=3, verbose=False).train()
    calls: list[object] = []
    model.model[0].register_forward_hook(lambda *_: calls.append(None))
    model.criterion = object()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    drawn = torch.get_rng_state()
    assert forward_gflops(model, 64)
    assert calls == []
    assert torch.equal(drawn, torch.get_rng_state())
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


@pytest.mark.parametrize("name", SMALL)
def test_small_architectures_train(start_trial: StartTrial, tiny_workload: Workload, name: str) -> None:
    few = tiny_workload.model_copy(
        update={"data": ShapesData(images=4, validation_images=2, size=64), "batch": 2, "model": "yolov8n.yaml"}
    )
    trial = start_trial({"model": name}, few)
    facts = trial.ready().facts
    assert facts["parameters"] == counts_of_file(yaml_model_load(name), classes=3).parameters
    assert isinstance(facts["gflops"], float)
    assert trial.measure("epoch").values["training_loss"] > 0
    assert trial.evidence()["model"].in_force


@pytest.mark.parametrize("name", LARGE)
def test_large_architectures_compute_gradients(start_trial: StartTrial, tiny_workload: Workload, name: str) -> None:
    least = tiny_workload.model_copy(
        update={"data": ShapesData(images=2, validation_images=1, size=32), "batch": 2, "image_size": 32}
    )
    trial = start_trial({"model": name}, least)
    assert trial.ready().facts["parameters"] == counts_of_file(yaml_model_load(name), classes=3).parameters
    assert trial.measure("forward_backward").values["backward"] > 0


def test_evidence_allows_for_other_multiples(start_trial: StartTrial, tiny_workload: Workload) -> None:
    levels: dict[str, Level] = {"model": "yolov5n.yaml", "width": 0.5, "depth": 2.0}
    trial = start_trial(levels, tiny_workload)
    trial.ready()
    trial.measure("epoch")
    assert not {name: each for name, each in trial.evidence().items() if not each.in_force}


def test_a_model_brings_the_trainer_that_it_needs() -> None:
    assert trainer_for(DetectionTrainer, "rtdetr-l.yaml") is RTDETRTrainer
    assert trainer_for(DetectionTrainer, "yolov8n.yaml") is DetectionTrainer
    assert trainer_for(DetectionTrainer, model_file("yolov4-csp.yaml")) is DetectionTrainer


def test_a_trainer_of_ones_own_stays_for_the_models_that_it_can_train() -> None:
    class Mine(DetectionTrainer):  # type: ignore[misc]
        pass

    class Transformers(RTDETRTrainer):  # type: ignore[misc]
        pass

    assert trainer_for(Mine, "yolov8n.yaml") is Mine
    assert trainer_for(Transformers, "rtdetr-l.yaml") is Transformers
    with pytest.raises(InputError) as refused:
        trainer_for(Mine, "rtdetr-l.yaml")
    assert str(refused.value) == (
        "workload.trainer: found Mine, which is no subclass of RTDETRTrainer; expected a subclass of "
        "ultralytics.models.rtdetr.train.RTDETRTrainer, which rtdetr-l.yaml needs"
    )
    with pytest.raises(InputError) as refused:
        trainer_for(Transformers, model_file("yolov4-csp.yaml"))
    assert str(refused.value) == (
        "workload.trainer: found Transformers, which is a subclass of RTDETRTrainer; expected a trainer that is none, "
        "since yolov4-csp.yaml has no RT-DETR decoder"
    )


@pytest.mark.parametrize("content", ["layers: 3", "head: []", "- yolov8n", "head: [[-1, 1"])
def test_a_file_without_layers_is_no_model(tmp_path: Path, content: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(content)
    with pytest.raises(InputError, match=r"(?s)^model: found .*mine\.yaml.*; expected a YAML of layers"):
        trainer_for(DetectionTrainer, str(file))


def test_own_names_are_names_and_nothing_else() -> None:
    assert own_models() == {"yolov4-csp.yaml", "resnet50-yolo.yaml"}
    assert own_models() < set(model_names())
    assert is_model_name("yolov4-csp.yaml")
    assert not is_model_name("../models/yolov4-csp.yaml")
    assert not is_model_name("yolov4-csp")
    assert model_file("../models/yolov4-csp.yaml") == "../models/yolov4-csp.yaml"
    assert Path(model_file("yolov4-csp.yaml")).is_file()


@pytest.mark.parametrize(
    ("levels", "conflicts"),
    [
        ({"model": "resnet50-yolo.yaml"}, False),
        ({"model": "resnet50-yolo.yaml", "width": 1.0, "depth": 2.0}, False),
        ({"model": "resnet50-yolo.yaml", "width": 0.5}, True),
        ({"model": "yolov4-csp.yaml", "width": 0.5}, False),
    ],
)
def test_conflicts(levels: dict[str, Level], conflicts: bool) -> None:
    assert (ModelFile.conflict(levels) is not None) is conflicts


def write_suite(folder: Path, models: str, more: str = "") -> Path:
    file = folder / "mine.yaml"
    file.write_text(f"workload: {{model: yolov8n.yaml}}\naxes:\n  model: {models}\n{more}")
    return file


def test_a_path_is_relative_to_the_suite(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(TINY.read_text())
    suite = load_suite(write_suite(tmp_path, "[yolov8n.yaml, own.yaml, yolov4-csp.yaml]"))
    own = str(tmp_path / "own.yaml")
    assert suite.axes["model"] == ("yolov8n.yaml", own, "yolov4-csp.yaml")
    assert list(named_file_digests(suite)) == [own]


@pytest.mark.parametrize(
    ("models", "field", "nearest"),
    [
        ("[yolov8n.yaml, yolov4-cps.yaml]", "axes.model[1]", "yolov4-csp.yaml"),
        ("[yolov8n.yaml, ../../etc/passwd]", "axes.model[1]", None),
        ("[yolov5n.yaml, yolov8n.yaml]", "axes.model[0]", None),
        ("[yolov8n.yaml, 3]", "axes.model[1]", None),
    ],
    ids=["misspelled", "no model", "another baseline", "a number"],
)
def test_what_is_no_model_is_refused(tmp_path: Path, models: str, field: str, nearest: str | None) -> None:
    with pytest.raises(InputError) as caught:
        load_suite(write_suite(tmp_path, models))
    assert (caught.value.field, caught.value.nearest, caught.value.line) == (field, nearest, 3)
