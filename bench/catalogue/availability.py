"""What stands in the way of a technique's levels: on a machine, or where nothing optional is there."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

from bench.catalogue.levels import known_levels
from bench.environment.machine import Machine
from bench.optimizations.base import Optimization
from bench.suite.combination import level_text

EXTRAS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "albumentations": ("albumentations",),
        "coco": ("pycocotools",),
        "export": ("onnx", "onnxruntime", "onnxslim", "openvino"),
        "imgaug": ("imgaug",),
        "kornia": ("kornia",),
        "pruning": ("torch_pruning",),
        "search": ("optuna",),
        "torchao": ("torchao",),
        "turbojpeg": ("turbojpeg",),
        "webdataset": ("webdataset",),
    }
)
"""Each extra of this package to the modules of the libraries that it installs."""

UNLISTED = ("ai_edge_litert", "litert_torch", "tensorrt")
"""Modules of libraries that techniques use and no extra installs."""

BARE = Machine(cores=1, memory_bytes=2**33, cuda=(), cpp_compiler=False)
"""A machine with a processor and nothing else that a technique may need."""


def obstacles(optimization: type[Optimization], machine: Machine) -> dict[str, str]:
    """Return the text of each level that cannot run on ``machine`` to the reason."""
    reasons = {level_text(level): optimization.unavailable(level, machine) for level in known_levels(optimization)}
    return {level: reason for level, reason in reasons.items() if reason is not None}


def obstacles_text(reasons: dict[str, str], everything: str) -> str:
    """Return reasons by level as a table's cell, levels with the same reason together.

    Args:
        reasons: what ``obstacles`` gave.
        everything: what to say where there are none.
    """
    levels: dict[str, list[str]] = {}
    for level, reason in reasons.items():
        levels.setdefault(reason, []).append(level)
    return "; ".join(f"{', '.join(each)}: {reason}" for reason, each in levels.items()) or everything


@contextmanager
def optional_hidden() -> Iterator[None]:
    """Let all optional libraries seem not installed, so that what is said of them is the same anywhere.

    Python takes a module whose entry in ``sys.modules`` is None for one that is not there.
    """
    hidden = [*UNLISTED, *(module for modules in EXTRAS.values() for module in modules)]
    loaded = {module: sys.modules[module] for module in hidden if module in sys.modules}
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for module in hidden:
            del sys.modules[module]
        sys.modules.update(loaded)
