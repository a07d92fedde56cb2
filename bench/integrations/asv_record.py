"""One run of a suite for all of its asv benchmarks.

asv asks for every metric of every combination by itself, in a process of its own, all in one working folder.
Whoever asks first runs the suite, all its combinations together, and leaves what it gave in that folder.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from bench.environment.checkout import checkout
from bench.errors import BenchError
from bench.integrations.outcomes import Metric, Outcome, Outcomes, outcomes_of
from bench.project import find_project

GRACE_SECONDS = 30.0
"""For a run that is asked to end; its trials end with it, however it ends."""

OUTPUT_LINES = 20


def recorded_outcome(file: Path, suite: str, limit: float, label: str, metric: Metric) -> Outcome:
    """Return what a run gave for one combination; run the suite if nobody has before.

    Whoever asks for the same figure again (asv's ``rounds``) gets it from another run.

    Args:
        file: the suite's YAML file.
        suite: its name.
        limit: seconds after which a run is given up.
        label: the combination's.
        metric: the figure that is asked for.
    """
    record = Path(f"{suite}-{_earlier_requests(suite, label, metric)}.json")
    if not record.exists():
        # Stays if this process is killed meanwhile, so that the next request does not start all over.
        record.write_text(Outcomes(reason="asv stopped the run").model_dump_json())
        record.write_text(run_suite(file, suite, limit).model_dump_json())
    return Outcomes.model_validate_json(record.read_bytes()).of(label)


def run_suite(file: Path, suite: str, limit: float) -> Outcomes:
    """Run a suite once, in a process of its own, and return what it gave; the run's folder is kept.

    Args:
        file: the suite's YAML file.
        suite: its name.
        limit: seconds after which the run is given up.
    """
    from bench.journal.file import read_journal

    results = runs_folder(file.parent)
    before = set(results.glob(f"{suite}/*"))
    ending = _run(file, results, limit)
    runs = set(results.glob(f"{suite}/*")) - before
    if not runs:
        return Outcomes(reason=ending)
    run = max(runs)
    try:
        found = outcomes_of(read_journal(run))
    except BenchError as error:
        found = Outcomes(reason=str(error))
    return Outcomes(reason=f"{found.reason}: {ending}; see {run}") if found.reason else found


def runs_folder(folder: Path) -> Path:
    """Return where runs of the commit under test are kept: ``.asv/bench-runs/<commit>`` beside asv's configuration.

    Args:
        folder: the benchmark folder.
    """
    top = Path(os.environ.get("ASV_CONF_DIR", folder.parent))
    commit = os.environ.get("ASV_COMMIT")
    if commit is None:
        # In an environment that asv did not make it installs no commit; what is checked out is measured.
        here = checkout(folder)
        commit = "" if here is None else here.commit
    return top / ".asv" / "bench-runs" / (commit if re.fullmatch(r"[0-9a-f]+", commit) else "no-commit")


def _earlier_requests(suite: str, label: str, metric: Metric) -> int:
    """Return how often a figure was asked for before; this time is noted."""
    file = Path(f"{suite}-requests.json")
    requests = json.loads(file.read_text()) if file.exists() else {}
    key = f"{metric.name} {label}"
    earlier = int(requests.get(key, 0))
    file.write_text(json.dumps(requests | {key: earlier + 1}))
    return earlier


def _run(file: Path, results: Path, limit: float) -> str:
    """Run a suite and return how that ended, in words, with the end of what was printed.

    The run stays in the process group of this process, so that whatever asv does to the group ends it too.
    Its output goes to a file: an orphan that held asv's pipe open would hold asv up.
    """
    command = [sys.executable, "-m", "bench", "run", str(file), "--out", str(results), *_code(file)]
    output = Path("output.txt")
    with output.open("wb") as stream:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT)
        try:
            ending = f"bench run left with {process.wait(limit)}"
        except subprocess.TimeoutExpired:
            ending = f"bench run was ended after {limit:g} s"
        finally:
            _end(process)
    lines = output.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return "\n".join([ending, *lines[-OUTPUT_LINES:]])


def _code(file: Path) -> list[str]:
    """Return the option that has the commit under test trained with, where the suite names code of the user's.

    asv installs the commit's package, but what it has checked out beside it, in an environment of its own making, is
    the only place of files that belong to no package.
    """
    environment = os.environ.get("ASV_ENV_DIR")
    if environment is None or find_project(file.parent) is None:
        return []
    return ["--code", str(Path(environment) / "project")]


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process if it is still there, politely first."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
