"""What stands in the way of techniques' levels."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from importlib.util import find_spec
from pathlib import Path

import pytest
from made_up import Paint

from bench.catalogue.availability import BARE, EXTRAS, UNLISTED, obstacles, obstacles_text, optional_hidden
from bench.environment.machine import CudaDevice, Machine
from bench.optimizations.registry import registry
from bench.suite.design import expand
from bench.suite.model import Suite, Workload

GPU = Machine(4, 2**33, (CudaDevice(0, "Fake GPU", 2**33, None, None),), cpp_compiler=True)
CUDA_ALONE = {
    ("compile", "max-autotune"),
    ("compile", "reduce-overhead"),
    ("cuda_graphs", "on"),
    ("cudnn_benchmark", "on"),
    ("export", "tensorrt"),
    ("image_decoder", "nvjpeg"),
    ("pin_memory", "on"),
    ("precision", "fp16"),
    ("precision", "tf32"),
}
"""Every level that a machine without a GPU cannot run for that."""


def test_levels_that_cannot_run_have_their_reason() -> None:
    assert obstacles(Paint, BARE) == {"red": "needs CUDA", "gold": "needs CUDA"}
    assert obstacles(Paint, GPU) == {}


def test_levels_with_one_reason_share_it() -> None:
    reasons = {"a": "needs CUDA", "b": "needs a compiler", "c": "needs CUDA"}
    assert obstacles_text(reasons, "everywhere") == "a, c: needs CUDA; b: needs a compiler"
    assert obstacles_text({}, "everywhere") == "everywhere"


def test_every_extra_is_known() -> None:
    content = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    assert set(EXTRAS) == set(content["project"]["optional-dependencies"]) - {"all", "dev"}


def test_optional_libraries_can_be_hidden_and_come_back() -> None:
    modules = [*UNLISTED, *(module for modules in EXTRAS.values() for module in modules)]
    before = {module: sys.modules.get(module) for module in modules}
    there = {module for module in modules if find_spec(module)}
    with optional_hidden():
        assert not [module for module in modules if find_spec(module)]
        asked_for = obstacles(registry()["augmentation"], GPU)
    assert {module for module in modules if find_spec(module)} == there
    assert {module: sys.modules.get(module) for module in modules} == before
    assert asked_for["imgaug"] == "needs the extra imgaug: pip install 'yolo-train-bench[imgaug]'"


@pytest.mark.parametrize("libraries", [optional_hidden, nullcontext], ids=["no library", "those that are here"])
def test_each_reason_says_what_a_level_needs(libraries: Callable[[], AbstractContextManager[None]]) -> None:
    with libraries():
        reasons = {
            (name, level): reason
            for name, technique in registry().items()
            for level, reason in obstacles(technique, BARE).items()
        }
    assert not {each: reason for each, reason in reasons.items() if not reason.startswith("needs ")}
    assert {each for each, reason in reasons.items() if "CUDA" in reason} == CUDA_ALONE


@pytest.mark.parametrize(("name", "level"), sorted(CUDA_ALONE))
def test_without_a_gpu_a_row_says_that_it_needs_one(name: str, level: str) -> None:
    technique = registry()[name]
    axes = {name: (technique.usual_levels[0], level)}
    suite = Suite(name="mine", workload=Workload(model="yolov8n.yaml"), axes=axes)
    assert [row.not_run for row in expand(suite, BARE)] == [None, f"{name}: needs CUDA"]
    assert "CUDA" in technique.card.needs
    assert technique.unavailable(level, GPU) != "needs CUDA"
