from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import BeforeValidator

from bench.optimizations.base import Card, Optimization
from bench.optimizations.registry import Registry
from bench.suite.model import Level

CARD = Card(summary="a technique for tests", acts_on=("compute",), evidence="none")


class Precision(Optimization):
    name = "precision"
    card = CARD
    level_type = Annotated[
        Literal["fp32", "bf16", "fp16"],
        BeforeValidator(lambda raw: raw.lower() if isinstance(raw, str) else raw),
    ]
    usual_levels = ("fp32", "bf16")

    @classmethod
    def unavailable(cls, level: Level, machine: object) -> str | None:
        return "needs CUDA" if level == "fp16" and not getattr(machine, "has_cuda", False) else None


class Compile(Optimization):
    name = "compile"
    card = CARD
    level_type = Literal["off", "default"]
    usual_levels = ("off", "default")


class Workers(Optimization):
    name = "workers"
    card = CARD
    level_type = int
    usual_levels = (0, 2)

    @classmethod
    def conflict(cls, levels: Mapping[str, Level]) -> str | None:
        both = levels["workers"] == 4 and levels.get("compile") == "default"
        return "too many processes beside the compiler" if both else None


@pytest.fixture
def known() -> Registry:
    return Registry([Precision, Compile, Workers])


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write_file(text: str, name: str = "mine.yaml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    return write_file
