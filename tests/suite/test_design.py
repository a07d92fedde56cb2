from __future__ import annotations

from itertools import combinations
from types import SimpleNamespace
from typing import Any

import pytest

from bench.errors import InputError
from bench.optimizations.registry import Registry
from bench.suite.design import Row, expand
from bench.suite.model import Exclusion, Level, Suite, Workload

MACHINE: Any = SimpleNamespace(has_cuda=False)
AXES: dict[str, tuple[Level, ...]] = {
    "precision": ("fp32", "bf16"),
    "compile": ("off", "default"),
    "workers": (0, 2, 4),
}


def suite(design: Any, axes: dict[str, tuple[Level, ...]] | None = None, exclude: Any = ()) -> Suite:
    return Suite(name="x", workload=Workload(model="yolo26n.yaml"), axes=axes or AXES, design=design, exclude=exclude)


def levels(rows: tuple[Row, ...]) -> list[tuple[Level, ...]]:
    return [tuple(row.combination.levels.values()) for row in rows]


def reasons(rows: tuple[Row, ...]) -> dict[tuple[Level, ...], str]:
    return dict((tuple(row.combination.levels.values()), row.not_run) for row in rows if row.not_run is not None)


def test_full_is_every_combination_in_the_order_of_the_axes(known: Registry) -> None:
    assert levels(expand(suite("full"), MACHINE, known)) == [
        ("fp32", "off", 0),
        ("fp32", "off", 2),
        ("fp32", "off", 4),
        ("fp32", "default", 0),
        ("fp32", "default", 2),
        ("fp32", "default", 4),
        ("bf16", "off", 0),
        ("bf16", "off", 2),
        ("bf16", "off", 4),
        ("bf16", "default", 0),
        ("bf16", "default", 2),
        ("bf16", "default", 4),
    ]


def test_one_at_a_time_adds_one_level_to_the_baseline(known: Registry) -> None:
    assert levels(expand(suite("one_at_a_time"), MACHINE, known)) == [
        ("fp32", "off", 0),
        ("bf16", "off", 0),
        ("fp32", "default", 0),
        ("fp32", "off", 2),
        ("fp32", "off", 4),
    ]


def test_leave_one_out_takes_one_axis_from_all_on(known: Registry) -> None:
    assert levels(expand(suite("leave_one_out"), MACHINE, known)) == [
        ("fp32", "off", 0),
        ("bf16", "default", 4),
        ("fp32", "default", 4),
        ("bf16", "off", 4),
        ("bf16", "default", 0),
    ]


def test_leave_one_out_of_one_axis_repeats_nothing(known: Registry) -> None:
    rows = expand(suite("leave_one_out", {"compile": ("off", "default"), "workers": (0,)}), MACHINE, known)
    assert levels(rows) == [("off", 0), ("default", 0)]


def test_an_explicit_design_starts_with_the_baseline_and_fills_in_from_it(known: Registry) -> None:
    design = (
        {"workers": 2},
        {"precision": "bf16", "compile": "default"},
        {"precision": "fp32"},
        {"workers": 2},
    )
    assert levels(expand(suite(design), MACHINE, known)) == [
        ("fp32", "off", 0),
        ("fp32", "off", 2),
        ("bf16", "default", 0),
    ]


def test_pairwise_lets_every_possible_pair_meet_in_a_row_that_runs(known: Registry) -> None:
    exclude = (Exclusion(when={"precision": "bf16", "compile": "default"}, reason="no gain"),)
    rows = expand(suite("pairwise", exclude=exclude), MACHINE, known)
    run = [row.combination.items for row in rows if row.not_run is None]
    met = {pair for items in run for pair in combinations(items, 2)}
    # 2*2 + 2*3 + 2*3 pairs, less the excluded one and compile=default with workers=4.
    assert len(met) == 16 - 2
    assert levels(rows)[0] == ("fp32", "off", 0)
    assert reasons(rows) == {
        ("bf16", "default", 0): "no gain",
        ("fp32", "default", 4): "workers: too many processes beside the compiler",
    }


def test_rows_that_are_not_run_stay_with_their_reason(known: Registry) -> None:
    axes: dict[str, tuple[Level, ...]] = {
        "precision": ("fp32", "fp16"),
        "compile": ("off", "default"),
        "workers": (0, 4),
    }
    exclude = (Exclusion(when={"precision": "fp16", "workers": 4}, reason="known to fail"),)
    rows = expand(suite("full", axes, exclude), MACHINE, known)
    assert len(rows) == 8
    assert reasons(rows) == {
        ("fp32", "default", 4): "workers: too many processes beside the compiler",
        ("fp16", "off", 0): "precision: needs CUDA",
        ("fp16", "off", 4): "known to fail",
        ("fp16", "default", 0): "precision: needs CUDA",
        ("fp16", "default", 4): "known to fail",
    }


def test_what_is_available_depends_on_the_machine(known: Registry) -> None:
    axes: dict[str, tuple[Level, ...]] = {"precision": ("fp32", "fp16")}
    machine: Any = SimpleNamespace(has_cuda=True)
    assert reasons(expand(suite("full", axes), machine, known)) == {}


@pytest.mark.parametrize(
    ("axes", "field", "found"),
    [
        ({"precision": ("fp16", "fp32")}, "axes.precision[0]", "fp16 as the baseline (needs CUDA)"),
        (
            {"compile": ("default",), "workers": (4, 0)},
            "axes.workers[0]",
            "4 as the baseline (too many processes beside the compiler)",
        ),
    ],
)
def test_a_baseline_that_cannot_run_is_a_mistake(
    axes: dict[str, tuple[Level, ...]], field: str, found: str, known: Registry
) -> None:
    with pytest.raises(InputError) as caught:
        expand(suite("full", axes), MACHINE, known)
    assert (caught.value.field, caught.value.found) == (field, found)


def test_an_excluded_baseline_is_a_mistake(known: Registry) -> None:
    rules = (Exclusion(when={"compile": "off"}, reason="why not"),)
    with pytest.raises(InputError) as caught:
        expand(suite("full", exclude=rules), MACHINE, known)
    assert (caught.value.field, caught.value.found) == ("exclude", "the baseline (why not)")
