from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from report_cases import BASELINE, EVERY_VERDICT, FASTER, analysis, ratio, ratios

from bench.reports.json_report import report_json
from bench.reports.markdown import report_markdown
from bench.reports.write import write_reports


def test_both_reports_and_nothing_else(tmp_path: Path) -> None:
    written = write_reports(EVERY_VERDICT, tmp_path)
    assert written == (tmp_path / "report.md", tmp_path / "report.json")
    assert sorted(tmp_path.iterdir()) == [tmp_path / "report.json", tmp_path / "report.md"]
    assert written[0].read_text() == report_markdown(EVERY_VERDICT)
    assert json.loads(written[1].read_text()) == report_json(EVERY_VERDICT)


def test_reports_are_made_again_byte_for_byte(tmp_path: Path) -> None:
    first = [file.read_bytes() for file in write_reports(EVERY_VERDICT, tmp_path)]
    second = [file.read_bytes() for file in write_reports(EVERY_VERDICT, tmp_path)]
    assert first == second


def test_reports_that_cannot_be_made_leave_the_old_ones_as_they_were(tmp_path: Path) -> None:
    (tmp_path / "report.md").write_text("old")
    broken = dataclasses.replace(FASTER, ratios=ratios(ratio(1.0, float("inf"))))
    with pytest.raises(ValueError, match="finite"):
        write_reports(analysis(BASELINE, broken), tmp_path)
    assert [file.read_text() for file in tmp_path.iterdir()] == ["old"]


def test_a_folder_that_cannot_be_written_to_gets_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        write_reports(EVERY_VERDICT, tmp_path / "nowhere")
    assert list(tmp_path.iterdir()) == []
