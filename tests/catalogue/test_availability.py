"""What stands in the way of techniques' levels."""

from __future__ import annotations

import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

from made_up import Paint

from bench.catalogue.availability import BARE, EXTRAS, UNLISTED, obstacles, obstacles_text, optional_hidden
from bench.environment.machine import CudaDevice, Machine
from bench.optimizations.registry import registry

GPU = Machine(4, 2**33, (CudaDevice(0, "Fake GPU", 2**33, None, None),), cpp_compiler=True)


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
