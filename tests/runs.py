"""Runs of the tiny workload: suites of it, the command in a process of its own, and what a journal must hold."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.journal.file import NAME

TINY = Path(__file__).parent / "data" / "tiny.yaml"

TINY_SUITE: dict[str, Any] = {
    "workload": {
        "model": str(TINY),
        "data": {"kind": "shapes", "images": 16, "validation_images": 4, "size": 64},
        "image_size": 64,
        "batch": 4,
        "device": "cpu",
        "settings": {"nbs": 4},
    },
    "axes": {"precision": ["fp32", "bf16"], "memory_format": ["contiguous", "channels_last"]},
    "budget": {"rounds": 2},
    "launches": 2,
}
"""Four batches of four small pictures an epoch."""


def write_suite(folder: Path, **changes: Any) -> Path:
    """Write the tiny suite with some of its keys changed; JSON is YAML."""
    file = folder / "tiny.yaml"
    file.write_text(json.dumps(TINY_SUITE | changes, indent=1))
    return file


def bench_command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "bench", *map(str, arguments)]


def run_bench(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the command to its end, as on a terminal that is wide enough for every cell."""
    environment = {**os.environ, "COLUMNS": "300"}
    return subprocess.run(
        bench_command(*arguments), cwd=folder, capture_output=True, text=True, timeout=300, env=environment
    )


@contextmanager
def bench_running(*arguments: str | Path, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Start the command, its output in ``output.txt``, in a session of its own; kill it in the end if need be."""
    with (folder / "output.txt").open("w") as output:
        process = subprocess.Popen(
            bench_command(*arguments),
            cwd=folder,
            stdout=output,
            stderr=output,
            text=True,
            start_new_session=True,
            env={**os.environ, MARK: str(folder)},
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


MARK = "BENCH_TEST_FOLDER"


def processes_of(folder: Path) -> list[int]:
    """What is alive of all that ``bench_running`` started, however it has moved between sessions."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                state = (entry / "stat").read_text().rpartition(") ")[2][0]
                if state not in "ZX" and f"{MARK}={folder}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def journal_lines(run: Path) -> list[dict[str, Any]]:
    """The whole lines of a journal, read without the code under test; one that is being written is left out."""
    content = (run / NAME).read_bytes()
    return [json.loads(line) for line in content[: content.rfind(b"\n") + 1].splitlines()]


def lines_of(run: Path, kind: str) -> list[dict[str, Any]]:
    return [line for line in journal_lines(run) if line["type"] == kind]


def measured(folder: Path, bursts: int) -> Callable[[], bool]:
    """Whether so many bursts, warm-up left out, are in the journal of the run in ``folder``."""

    def enough() -> bool:
        journals = list(folder.glob(f"results/*/*/{NAME}"))
        if not journals:
            return False
        return sum(line["round"] >= 0 for line in lines_of(journals[0].parent, "burst")) >= bursts

    return enough


def only_run(results: Path) -> Path:
    """The one run below a folder of results."""
    (journal,) = results.glob(f"*/*/{NAME}")
    assert not journal.parent.name.startswith(".")
    return journal.parent


def complete_rounds(run: Path) -> dict[tuple[int, str], int]:
    """How often each block had a burst of every combination in each measurement, warm-up left out."""
    combinations = {line["combination"] for line in lines_of(run, "row") if line["not_run"] is None}
    had: dict[tuple[int, int, str, int], set[str]] = {}
    for line in lines_of(run, "burst"):
        if line["round"] >= 0:
            key = (line["block"], line["launch"], line["measurement"], line["round"])
            had.setdefault(key, set()).add(line["combination"])
    return dict(Counter((block, what) for (block, _, what, _), seen in had.items() if seen == combinations))


def burst_keys(run: Path) -> list[tuple[Any, ...]]:
    """What tells one burst from every other."""
    fields = ("launch", "block", "round", "measurement", "combination")
    return [tuple(line[field] for field in fields) for line in lines_of(run, "burst")]
