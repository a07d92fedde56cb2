from __future__ import annotations

import pytest
from report_cases import BASELINE, EVERY_VERDICT, FASTER, analysis

from bench.reports.terminal import terminal_table


def table_lines(text: str) -> list[str]:
    return text.split("\n\n")[0].splitlines()


@pytest.mark.parametrize("width", [100, 110, 120, 200])
def test_table_fits_the_terminal(width: int) -> None:
    lines = table_lines(terminal_table(EVERY_VERDICT, width))
    assert max(map(len, lines)) <= width


def test_error_stands_under_each_ratio() -> None:
    assert table_lines(terminal_table(analysis(BASELINE, FASTER), 100)) == [
        "combination     ratio         verdict    epoch     load    fwd    bwd    mem     evidence",
        "--------------  ------------  ---------  --------  ------  -----  -----  ------  ----------",
        "baseline        1             baseline   2.01      1       1      1      1       in force",
        "                                         ± 0.03 s",
        "precision=bf16  0.82          faster     1.65      1.01    0.76   0.8    1.250   in force",
        "                [0.79, 0.85]             ± 0.03 s  ±0.04   ±0.01  ±0.1   ±0.000",
    ]


def test_no_word_of_a_reason_is_lost_to_wrapping() -> None:
    table = "\n".join(table_lines(terminal_table(EVERY_VERDICT, 100)))
    for word in ("image_cache:", "pictures", "memory;", "needs CUDA", "untimeErro", "<tag>"):
        assert word in table


def test_two_lines_follow_the_table() -> None:
    tail = terminal_table(EVERY_VERDICT, 120).split("\n\n")[1].splitlines()
    assert len(tail) == 2
    assert tail[0].startswith("7 combinations against the baseline: 1 faster, ")
    assert tail[1] == "Warnings: 2 of 24 pairs of bursts were outliers."


def test_no_warnings() -> None:
    assert terminal_table(analysis(BASELINE), 100).endswith("\nWarnings: none.")
