"""How often gates are right: simulated ones beside ``asv continuous``, and real ones on a suite."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.analysis.simulation import Noise
from bench.engines.progress import Progress
from bench.environment.git import run_git
from bench.errors import BenchError
from bench.gate.decision import ExitCode
from bench.gate.judgement import Judgement
from bench.gate.repository import Commit, Repository
from bench.gate.run import GatePlan, prepare_gate, run_gate
from bench.gate.simulation import Design, simulate_asv, simulate_gate
from bench.journal.bursts import measured_bursts
from bench.project import PYPROJECT, TABLE
from bench.run_folder import read_run
from bench.suite.load import load_suite, suite_json
from bench.suite.model import Suite

TRAINER = """\
import time

from pace import SECONDS
from ultralytics.models.yolo.detect import DetectionTrainer


class PacedTrainer(DetectionTrainer):
    def preprocess_batch(self, batch):
        end = time.thread_time() + SECONDS
        while time.thread_time() < end:
            pass
        return super().preprocess_batch(batch)
"""


@dataclass(frozen=True)
class Counted:
    """Outcomes of many simulated gates of one true change, and of asv with as many trials.

    Attributes:
        slowdown: true relative change of every epoch time.
        gates: how many.
        regressions: gates that called a regression.
        not_judged: gates that could not judge.
        trials: mean number of trials of a gate, of both commits.
        asv_trials: trials that asv got each time: as many as a gate makes at most.
        asv_worse: times that asv called an epoch time worse.
    """

    slowdown: float
    gates: int
    regressions: int
    not_judged: int
    trials: float
    asv_trials: int
    asv_worse: int


def count(slowdown: float, noise: Noise, design: Design, gates: int, seed: int) -> Counted:
    """Simulate gates of one true slowdown, and asv beside each with the most trials that a gate may make."""
    rng, asv_rng = random.Random(f"gate {seed}"), random.Random(f"asv {seed}")
    change = math.log1p(slowdown)
    outcomes = [simulate_gate(change, noise, design, rng) for _ in range(gates)]
    launches, combinations = design.gate.launches, design.combinations
    return Counted(
        slowdown=slowdown,
        gates=gates,
        regressions=sum(outcome.code is ExitCode.REGRESSION for outcome in outcomes),
        not_judged=sum(outcome.code is ExitCode.NOT_JUDGED for outcome in outcomes),
        trials=2 * sum(outcome.launches for outcome in outcomes) / gates,
        asv_trials=2 * launches * combinations,
        asv_worse=sum(
            simulate_asv(change, noise, combinations, launches, design.rounds, asv_rng) for _ in range(gates)
        ),
    )


@dataclass(frozen=True)
class Real:
    """One gate that was really run.

    Attributes:
        slowdown: planted share of a step; 0 where both commits are the same.
        code: its exit code.
        ratio: of the baseline's epoch time, estimated; None where nothing was measured.
        low: lower end of its interval.
        high: upper end of its interval.
        run: name of its folder.
    """

    slowdown: float
    code: ExitCode
    ratio: float | None
    low: float | None
    high: float | None
    run: str


def real_gates(
    suite: Suite,
    folder: Path,
    identical: int,
    planted: int,
    slowdown: float,
    results: Path,
    command: str,
    progress: Progress,
) -> Iterator[Real]:
    """Run gates of a commit against itself, then some against a commit that does busy work in every step.

    Args:
        suite: what is trained, Ultralytics' own trainer replaced by one that can be slowed down.
        folder: an empty folder, for a repository of the trainer and the suite.
        identical: gates of a commit against itself; at least one, which tells how long a step takes.
        planted: gates against the slower commit.
        slowdown: share of a step that the busy work takes.
        results: the folder of all results.
        command: as typed, for the reports.
        progress: somebody who watches.
    """
    plan = planted_repository(suite, folder, results)
    base = plan.repository.commit("HEAD", "BASE")
    for _ in range(identical):
        gate = run_gate(plan, base, base, results, command, progress)
        yield _real(0.0, gate.judgement, gate.folder)
    head = plant(plan.repository, slowdown * step_seconds(gate.folder)) if planted else base
    for _ in range(planted):
        gate = run_gate(plan, base, head, results, command, progress)
        yield _real(slowdown, gate.judgement, gate.folder)


def at_most(seen: int, of: int) -> float:
    """Return the share that a rate lies below with 95 % confidence, after ``seen`` of ``of``; 1 after nothing at all.

    The upper limit of C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits illustrated in the
    case of the binomial", Biometrika 26 (1934).
    """
    from scipy.stats import binomtest

    return float(binomtest(seen, of, alternative="less").proportion_ci(0.95).high) if of else 1.0


def alarm_chance(identical: Sequence[Real], margin: float) -> float | None:
    """Return what the chance of a false alarm lies below with 95 % confidence, judging by how far estimates scatter.

    Log ratios of gates of a commit against itself are taken to be normal around 0; their variance is at most its upper
    limit by the chi-squared distribution. A gate that is as sure as most, its interval's half width the median of all,
    gives an alarm where its estimate exceeds the margin by more than that.

    Returns:
        None where no gate has an interval.
    """
    from scipy.stats import chi2, norm

    known = [(math.log(each.ratio), math.log(each.high / each.ratio)) for each in identical if each.ratio and each.high]
    if not known:
        return None
    deviation = math.sqrt(sum(log**2 for log, _ in known) / chi2.ppf(0.05, len(known)))
    return float(norm.sf(math.log1p(margin) + median(half for _, half in known), scale=deviation))


def planted_repository(suite: Suite, folder: Path, results: Path) -> GatePlan:
    """Make a repository whose one commit trains at full pace, and plan gates of its commits."""
    content = suite_json(suite)
    workload = content["workload"]
    assert isinstance(workload, dict)
    workload["trainer"] = "paced"
    file = folder / "suite.yaml"
    file.write_text(json.dumps(content, indent=1))  # JSON is YAML
    (folder / PYPROJECT).write_text(f'[tool.{TABLE}]\ntrainers = {{paced = "paced_trainer.py:PacedTrainer"}}\n')
    (folder / "paced_trainer.py").write_text(TRAINER)
    _git(folder, "init", "--quiet")
    plant(Repository(folder.resolve()), 0.0)
    return prepare_gate(file, {}, results)


def plant(repository: Repository, seconds: float) -> Commit:
    """Commit busy work of so many processor seconds in every step."""
    (repository.top / "pace.py").write_text(f"SECONDS = {seconds!r}\n")
    _git(repository.top, "add", "--all")
    _git(repository.top, "commit", "--quiet", "--message", f"Work {seconds:.4f} s more in every step")
    return repository.commit("HEAD", "HEAD")


def step_seconds(run: Path) -> float:
    """Return the median seconds of an epoch over its steps in a gate, all of its trials together.

    Raises:
        BenchError: there is none.
    """
    epochs = [
        burst.values["seconds"] / burst.values["steps"]
        for burst in measured_bursts(read_run(run))
        if burst.measurement == "epoch"
    ]
    if not epochs:
        raise BenchError(f"no epoch was measured in {run}: how much work to plant is not known")
    return median(epochs)


def real_suite(file: Path, overrides: Mapping[str, str]) -> Suite:
    """Return a suite for real gates: one that is resolved, and gated in its baseline alone."""
    suite = load_suite(file, overrides)
    return suite.model_copy(update={"gate": suite.gate.model_copy(update={"combinations": ("baseline",)})})


def _real(slowdown: float, judgement: Judgement, folder: Path) -> Real:
    ratio = judgement.results[0].judged.ratio
    if ratio is None:
        return Real(slowdown, judgement.code, None, None, None, folder.name)
    return Real(slowdown, judgement.code, ratio.value, ratio.low, ratio.high, folder.name)


def _git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "commit.gpgsign=false")
    run_git(folder, *identity, *arguments, seconds=60.0)
