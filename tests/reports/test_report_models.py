"""What the models of a report's combinations are made of."""

from __future__ import annotations

import dataclasses
from typing import Any

from report_cases import BASELINE, FAILED, FASTER, analysis

from bench.reports.markdown import report_markdown
from bench.reports.model_tables import models_table
from bench.reports.terminal import terminal_table

NANO: dict[str, Any] = {"parameters": 3_157_200, "trainable_parameters": 3_157_184, "layers": 130, "gflops": 0.5534432}


def with_facts(row: Any, **changes: Any) -> Any:
    return dataclasses.replace(row, facts=NANO | changes)


def test_models_that_differ_stand_side_by_side() -> None:
    large = with_facts(FASTER, parameters=103_754_144, gflops=None)
    table = models_table(analysis(with_facts(BASELINE), large, with_facts(FAILED)))
    assert table is not None
    assert table.headings == ("combination", "parameters", "trained", "layers", "GFLOPs forward")
    assert table.rows == (
        ("baseline", "3,157,200", "3,157,184", "130", "0.553"),
        ("precision=bf16", "103,754,144", "3,157,184", "130", "\N{EN DASH}"),
    )


def test_equal_models_need_no_table() -> None:
    assert models_table(analysis(with_facts(BASELINE), with_facts(FASTER, images=9))) is None
    assert models_table(analysis(BASELINE, FASTER)) is None


def test_many_operations_keep_all_digits_before_the_point() -> None:
    table = models_table(analysis(with_facts(BASELINE, gflops=1234.56), with_facts(FASTER, gflops=177.07)))
    assert table is not None
    assert [row[-1] for row in table.rows] == ["1,235", "177"]


def test_people_are_shown_it() -> None:
    shown = analysis(with_facts(BASELINE), with_facts(FASTER, layers=131))
    assert "## Models" in report_markdown(shown)
    assert "GFLOPs forward" in terminal_table(shown, 120)
