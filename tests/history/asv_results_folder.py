"""Results as asv writes them, through asv's own classes, without anything being measured."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from asv.benchmarks import Benchmarks
from asv.config import Config
from asv.results import Results
from asv.runner import BenchmarkResult
from asv_project import IDENTITY, git, make_repository

COMBINATIONS = ("baseline", "precision=bf16")

UNITS = {"epoch": "seconds", "memory": "bytes"}


def project(folder: Path, commits: int) -> list[str]:
    """Make a repository of so many commits, all of the same second, and return their hashes in order."""
    make_repository(folder, {"notes.txt": "Nothing.\n"})
    for number in range(1, commits):
        git(folder, *IDENTITY, "commit", "--quiet", "--allow-empty", "--message", f"Commit {number}")
    return git(folder, "rev-list", "--reverse", "HEAD").split()


def benchmark(metric: str, version: str = "1", combinations: Sequence[str] = COMBINATIONS) -> dict[str, object]:
    """What asv keeps of a benchmark that a suite made."""
    return {
        "name": f"benchmarks.Quick.track_{metric}",
        "pretty_name": f"quick: {metric}",
        "params": [[repr(label) for label in combinations]],
        "param_names": ["combination"],
        "unit": UNITS[metric],
        "version": version,
        "type": "track",
    }


def write_benchmarks(folder: Path, *benchmarks: dict[str, object]) -> None:
    """Write ``benchmarks.json``."""
    settings = Config.load(str(folder / "asv.conf.json"))
    settings.results_dir = str(folder / "results" / "asv")
    Path(settings.results_dir).mkdir(parents=True, exist_ok=True)
    Benchmarks(settings, benchmarks).save()


def write_result(
    folder: Path,
    commit: str,
    values: Mapping[str, Sequence[float | None]],
    machine: str = "box",
    version: str = "1",
    parameters: Mapping[str, str] | None = None,
) -> Path:
    """Write what one commit gave: metric to one value a combination; None = failed, nan = skipped."""
    results = folder / "results" / "asv"
    (results / machine).mkdir(parents=True, exist_ok=True)
    (results / machine / "machine.json").write_text(json.dumps({"machine": machine, "version": 1}))
    known = {"machine": machine, "python": "3.11"} | dict(parameters or {})
    name = "existing" + "".join(f"-{value}" for value in (parameters or {}).values())
    result = Results(known, {}, commit, 1_700_000_000_000, "3.11", name, {})
    for metric, figures in values.items():
        outcome = BenchmarkResult(
            result=list(figures),
            samples=[[value] if value is not None else None for value in figures],
            number=[1 if value is not None else None for value in figures],
            errcode=0,
            stderr="",
            profile=None,
        )
        result.add_result(benchmark(metric, version), outcome, record_samples=True)
    result.save(str(results))
    return results / machine / f"{commit[:8]}-{name}.json"
