"""A folder with a small suite, and pytest run in it as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bench.journal.file import read_journal
from bench.journal.records import BurstRecord, RowRecord

TINY = Path(__file__).parent.parent / "data" / "tiny.yaml"
SUITE = f"""\
workload:
  model: {TINY}
  data: {{kind: shapes, images: 16, validation_images: 4, size: 64}}
  image_size: 64
  batch: 4
  device: cpu
axes:
  precision: [fp32, bf16, fp16]
  memory_format: [contiguous, channels_last]
design: one_at_a_time
launches: 1
budget: {{rounds: 2}}
timeout: 120s
"""
COMBINATIONS = ("baseline", "precision=bf16", "precision=fp16", "memory_format=channels_last")
METRICS = ("epoch", "data_loading", "forward", "backward")
"""The items of SUITE, by parts of their names; fp16 needs CUDA and the suite has none."""


# Plugins of other packages that happen to be installed would cost a second in every run.
ALONE = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-p", "no:anyio")


@dataclass(frozen=True)
class Finished:
    """What a pytest run gave: its exit status, and its output and errors in one text."""

    status: int
    text: str


def run_here(pytester: pytest.Pytester, *arguments: str) -> Finished:
    """Run pytest in ``pytester``'s folder and in this process, which saves importing everything anew."""
    result = pytester.runpytest_inprocess(*ALONE, *arguments)
    return Finished(int(result.ret), f"{result.stdout.str()}\n{result.stderr.str()}")


def run_pytest(folder: Path, *arguments: str) -> Finished:
    """Run pytest in ``folder`` as a process of its own."""
    child = subprocess.run(
        [sys.executable, "-m", "pytest", *ALONE, *arguments],
        cwd=folder,
        env={**os.environ, "COLUMNS": "160"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    return Finished(child.returncode, child.stdout)


def suite_folder(folder: Path, text: str = SUITE) -> Path:
    """Put the suite ``small`` into ``folder``, and a pytest.ini that makes it pytest's root."""
    (folder / "small.yaml").write_text(text)
    (folder / "pytest.ini").write_text("[pytest]\n")
    return folder


def runs_in(folder: Path) -> list[Path]:
    """Return the run folders of the suite ``small``, oldest first."""
    return sorted((folder / "results" / "small").glob("*"), key=lambda run: (run / "journal.jsonl").stat().st_mtime_ns)


def labels_in(run: Path) -> list[str]:
    return [record.label for record in read_journal(run) if isinstance(record, RowRecord)]


def measured_in(run: Path, label: str, measurement: str, value: str) -> list[float]:
    """Return the figures that a journal holds of a row, by a way of its own."""
    records = read_journal(run)
    name = next(record.combination for record in records if isinstance(record, RowRecord) and record.label == label)
    bursts = [record for record in records if isinstance(record, BurstRecord) and record.combination == name]
    return [b.values[value] for b in bursts if b.measurement == measurement and b.round >= 0]


def rows_of(file: Path) -> dict[str, dict[str, Any]]:
    """Return the rows of a pytest-benchmark JSON file by name."""
    return {row["name"]: row for row in json.loads(file.read_text())["benchmarks"]}
