"""Where a mistake that only a plan brings to light was written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.errors import InputError
from bench.suite.place import placed, steps

TEXT = """\
workload:
  model: yolo26n.yaml
axes:
  precision:
    - fp16
    - fp32
budget: 1s
"""


@pytest.mark.parametrize(
    ("field", "line"),
    [
        ("axes", 3),
        ("axes.precision[0]", 5),
        ("axes.precision[1]", 6),
        ("budget.time", 7),  # said in short: budget: 1s
        ("workload.device", 1),  # not said, so that the workload's line is the nearest
        ("design", 1),  # not said at all
    ],
)
def test_a_field_is_where_it_was_written(field: str, line: int, write: Callable[..., Path]) -> None:
    file = write(TEXT)
    error = placed(InputError(field, "this", "that", "these"), file, {})
    assert (error.file, error.line) == (file, line)
    assert (error.field, error.found, error.expected, error.nearest) == (field, "this", "that", "these")


def test_a_field_of_an_extended_suite_is_where_that_wrote_it(write: Callable[..., Path]) -> None:
    base = write(TEXT, "base.yaml")
    file = write("extend: base.yaml\nworkload:\n  batch: 4\n")
    error = placed(InputError("axes.precision[0]", "this", "that"), file, {})
    assert (error.file, error.line) == (base, 5)


def test_what_the_command_line_said_has_no_line(write: Callable[..., Path]) -> None:
    error = placed(InputError("budget.time", "2 s", "more"), write(TEXT), {"budget": "2s"})
    assert (error.file, error.line) == (None, None)


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ("", ()),
        ("axes", ("axes",)),
        ("axes.precision[1]", ("axes", "precision", 1)),
        ("exclude[0].when.compile", ("exclude", 0, "when", "compile")),
    ],
)
def test_a_field_is_taken_apart(field: str, path: tuple[str | int, ...]) -> None:
    assert steps(field) == path
