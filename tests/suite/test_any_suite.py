"""Whatever a file holds, it is a suite or one InputError, never another exception."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.errors import InputError
from bench.optimizations.registry import Registry
from bench.suite.load import load_suite

WORDS = [
    "name", "workload", "axes", "design", "exclude", "when", "reason", "budget", "time", "rounds", "model",
    "data", "kind", "path", "settings", "lr0", "task", "batch", "extend", "compile", "precision", "workers",
    "off", "fp32", "full", "pairwise", "shapes", "trees", "yolo26n.yaml", "3m", "2%", "measure", "epoch", "", ".", "/",
]  # fmt: skip
SCALARS = st.sampled_from(WORDS) | st.integers(-3, 5) | st.booleans() | st.none() | st.text(max_size=5) | st.floats()
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3),
    max_leaves=6,
)
GOOD = {
    "workload": {"model": "yolo26n.yaml", "data": {"kind": "shapes"}, "settings": {"lr0": 0.1}},
    "axes": {"compile": ["off", "default"], "precision": ["fp32", "bf16"]},
    "design": [{"compile": "default"}],
    "exclude": [{"when": {"compile": "default"}}],
    "budget": {"rounds": 2},
    "measure": ["epoch"],
}


def outcome(path: Path, known: Registry) -> str:
    """What becomes of a file: loaded, refused with an error that says all it should, or a poor error."""
    try:
        load_suite(path, known=known)
    except InputError as error:
        return "refused" if error.found and error.expected and error.file == path else str(error)
    return "loaded"


def place_of(draw: st.DrawFn, value: Any) -> list[Any]:
    """A random path into ``value``; its last step may be a new key."""
    path: list[Any] = []
    while isinstance(value, dict | list) and value and (not path or draw(st.booleans())):
        step = draw(st.sampled_from(list(value) if isinstance(value, dict) else list(range(len(value)))))
        path, value = [*path, step], value[step]
    return [*path, draw(st.sampled_from(WORDS))] if isinstance(value, dict) and draw(st.booleans()) else path


@st.composite
def spoiled(draw: st.DrawFn) -> Any:
    suite = json.loads(json.dumps(GOOD))
    for _ in range(draw(st.integers(0, 2))):
        *way, last = place_of(draw, suite)
        here = suite
        for step in way:
            here = here[step]
        here[last] = draw(VALUES)
    return suite


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(suite=spoiled())
def test_a_spoiled_suite_loads_or_is_refused(suite: Any, tmp_path: Path, known: Registry) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(json.dumps(suite), encoding="utf-8")  # JSON is YAML
    assert outcome(path, known) in {"loaded", "refused"}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.sampled_from("ab:-[]{}!&*#|>'\"%@ \n\t0."), max_size=30))
def test_any_text_loads_or_is_refused(text: str, tmp_path: Path, known: Registry) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    assert outcome(path, known) == "refused"
