"""The compiler's seconds are read from its own timers."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from bench.probes.compilation import compiled_seconds


def test_forward_and_late_backward_graphs_count_and_what_they_hold_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    timers = {"_compile.compile_inner": [2.0, 0.5], "backward._backward_impl": [1.0], "GraphLowering.run": [9.0]}
    monkeypatch.setitem(sys.modules, "torch._dynamo.utils", SimpleNamespace(compilation_time_metrics=timers))
    assert compiled_seconds() == pytest.approx(3.5)


def test_a_process_that_never_compiled_spent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "torch._dynamo.utils", raising=False)
    assert compiled_seconds() == 0.0
