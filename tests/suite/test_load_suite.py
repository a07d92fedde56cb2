from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.optimizations.registry import Registry
from bench.suite.load import load_suite, suite_from_json, suite_json
from bench.suite.model import Budget, ShapesData, TreesData, UserData

Write = Callable[..., Path]

SMALL = """\
workload: {model: yolo26n.yaml}
axes:
  compile: [off, default]
"""


def test_the_smallest_suite_gets_its_name_from_its_file(write: Write, known: Registry) -> None:
    suite = load_suite(write(SMALL, "quick_one.yaml"), known=known)
    assert suite.name == "quick_one"
    assert suite.axes == {"compile": ("off", "default")}
    assert suite.workload.model == "yolo26n.yaml"
    assert suite.workload.data == ShapesData()
    assert suite.budget == Budget(time=600.0, rounds=None)


def test_levels_are_spelled_as_their_optimization_spells_them(write: Write, known: Registry) -> None:
    text = """\
        workload: {model: yolo26n.yaml}
        axes: {precision: [FP32, BF16], workers: [0, 2]}
        design: [{precision: Bf16}]
        exclude: [{when: {precision: BF16, workers: 2}, reason: too slow}]
    """
    suite = load_suite(write(text), known=known)
    assert suite.axes == {"precision": ("fp32", "bf16"), "workers": (0, 2)}
    assert suite.design == ({"precision": "bf16"},)
    assert suite.exclude[0].when == {"precision": "bf16", "workers": 2}


def test_units_are_read(write: Write, known: Registry) -> None:
    suite = load_suite(write(SMALL + "budget: 1.5h\nmargin: 5%\ntimeout: 90s\n"), known=known)
    assert suite.budget.time == 1.5 * 3600
    assert suite.margin == 0.05
    assert suite.timeout == 90


def test_a_users_data_are_found_from_the_suites_folder(write: Write, known: Registry) -> None:
    data = write("train: images\n", "pictures/data.yaml")
    suite = load_suite(write(SMALL.replace("}", ", data: ../pictures/data.yaml}"), "suites/a.yaml"), known=known)
    assert suite.workload.data == UserData(path=data.resolve())


def test_a_model_of_the_users_own_becomes_absolute(write: Write, known: Registry) -> None:
    model = write("nc: 1\n", "models/mine.yaml")
    suite = load_suite(write(SMALL.replace("yolo26n", "models/mine")), known=known)
    assert suite.workload.model == str(model.resolve())


def test_overrides_win_and_make_the_mappings_they_need(write: Write, known: Registry) -> None:
    overrides = {
        "workload.batch": "16",
        "workload.settings.lr0": "0.5",
        "workload.data": "trees",
        "axes.compile": "[default]",
        "budget": "3m",
    }
    suite = load_suite(write(SMALL + "budget: {rounds: 4}\n"), overrides, known)
    assert suite.workload.batch == 16
    assert suite.workload.settings == {"lr0": 0.5}
    assert suite.workload.data == TreesData()
    assert suite.axes == {"compile": ("default",)}
    assert suite.budget == Budget(time=180.0, rounds=None)


def test_a_path_of_an_override_is_relative_to_the_working_folder(
    write: Write, known: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = write("train: images\n", "here/data.yaml")
    monkeypatch.chdir(tmp_path / "here")
    suite = load_suite(write(SMALL, "suites/a.yaml"), {"workload.data": "data.yaml"}, known)
    assert suite.workload.data == UserData(path=data.resolve())


BASE = """\
name: base
description: for others
workload:
  model: yolo26n.yaml
  data: {kind: shapes, images: 32, size: 96}
  settings: {lr0: 0.1, mosaic: 0.0}
axes:
  precision: [fp32, bf16]
  compile: [off, default]
budget: {rounds: 3}
"""


def test_a_suite_extends_another(write: Write, known: Registry) -> None:
    write(BASE, "shared/base.yaml")
    child = """\
        extend: shared/base.yaml
        workload:
          batch: 4
          data: {images: 16}
          settings: {lr0: 0.2}
        axes:
          precision: [fp32]
          workers: [0, 2]
        budget: 1m
    """
    suite = load_suite(write(child, "child.yaml"), known=known)
    assert (suite.name, suite.description) == ("child", "")
    assert suite.workload.batch == 4
    assert suite.workload.data == ShapesData(images=16, size=96)
    assert suite.workload.settings == {"lr0": 0.2, "mosaic": 0.0}
    assert suite.axes == {"precision": ("fp32",), "compile": ("off", "default"), "workers": (0, 2)}
    assert suite.budget == Budget(time=60.0, rounds=None)


def test_alternatives_are_replaced_and_not_mixed(write: Write, known: Registry) -> None:
    write(BASE, "base.yaml")
    child = "extend: base.yaml\nworkload: {data: {kind: trees, tile: 128}}\nbudget: {time: 2m}\n"
    suite = load_suite(write(child), known=known)
    assert suite.workload.data == TreesData(tile=128)
    assert suite.budget == Budget(time=120.0, rounds=None)


def test_a_base_values_path_is_relative_to_the_base(write: Write, known: Registry) -> None:
    data = write("train: images\n", "shared/data.yaml")
    write("workload: {model: yolo26n.yaml, data: data.yaml}\n", "shared/base.yaml")
    suite = load_suite(write("extend: shared/base.yaml\naxes: {compile: [off]}\n"), known=known)
    assert suite.workload.data == UserData(path=data.resolve())


def test_a_resolved_suite_goes_through_json_unchanged(write: Write, known: Registry) -> None:
    write("train: images\n", "data.yaml")
    text = """\
        workload: {model: yolo26n.yaml, data: data.yaml, settings: {lr0: 0.1, freeze: [0, 1]}}
        axes: {precision: [fp32, bf16], workers: [0, 2]}
        design: [{precision: bf16}, {workers: 2}]
        exclude: [{when: {precision: bf16, workers: 2}}]
        measure: [epoch]
        budget: {rounds: 2}
    """
    suite = load_suite(write(text), known=known)
    assert suite_from_json(json.loads(json.dumps(suite_json(suite)))) == suite


def test_the_installed_optimizations_are_known_by_themselves(write: Write) -> None:
    text = "workload: {model: yolo26n.yaml}\naxes: {precision: [fp32, bf16], loader_workers: [0, 2]}\n"
    assert load_suite(write(text)).axes == {"precision": ("fp32", "bf16"), "loader_workers": (0, 2)}
