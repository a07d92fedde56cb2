"""Reports into a run's folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

from bench.analysis.result import Analysis
from bench.reports.json_report import report_json
from bench.reports.markdown import report_markdown

MARKDOWN_NAME = "report.md"
JSON_NAME = "report.json"


def write_reports(analysis: Analysis, run: Path) -> tuple[Path, ...]:
    """Write ``report.md`` and ``report.json`` into folder ``run`` and return their paths.

    Both are rendered before either is written, and each replaces what was there in one step, so that a reader never
    finds half a report. JSON comes first, since it refuses figures that are no numbers.

    Raises:
        ValueError: a figure is infinite or not a number.
        InputError: the run's record of its environment is not one.
        OSError: the folder cannot be written to.
    """
    for_programs = json.dumps(report_json(analysis), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    for_people = report_markdown(analysis)
    return (write_whole(run / MARKDOWN_NAME, for_people), write_whole(run / JSON_NAME, for_programs))


def write_whole(file: Path, text: str) -> Path:
    """Put ``text`` in place of ``file`` in one step; leave nothing else behind."""
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        partial.write_bytes(text.encode())
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
    return file
