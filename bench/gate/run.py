"""A gate from its suite to its report."""

from __future__ import annotations

import dataclasses
import re
import secrets
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.context import ForkServerContext, SpawnContext
from pathlib import Path

from pydantic import JsonValue

from bench.engines.progress import Progress
from bench.environment import Environment, Machine, resolve_device
from bench.environment.machine import usable_cores
from bench.errors import BenchError, InputError
from bench.gate.engine import GateEngine, Pair
from bench.gate.gated import Gated, check_gate, gated
from bench.gate.judgement import Judgement, judge
from bench.gate.report import write_gate_reports
from bench.gate.repository import Commit, Repository
from bench.gate.server import revision_context
from bench.journal.records import PROTOCOL, AnyRecord, CommitRecord, GatedRecord, GateRecord, RowRecord, RunRecord
from bench.measurements.registry import MEASUREMENTS
from bench.optimizations.registry import registry
from bench.project import Project, find_project
from bench.run import REPOSITORY
from bench.run_folder import create_run, read_run, sole_writer
from bench.schedule.plan import Plan, make_plan
from bench.suite.combination import Combination
from bench.suite.design import Row, expand
from bench.suite.load import load_suite, suite_json
from bench.suite.model import Suite
from bench.suite.place import placed
from bench.trials.errand import run_errand
from bench.trials.revision import Revision, import_path_at
from bench.workloads.data import prepare_data
from bench.workloads.view import check_pictures

FOLDER = "gate"
"""Where gates lie in the folder of all results."""


class CannotJudgeError(BenchError):
    """No trial could be started that a judgement could come of."""

    exit_code = 2


class GateStoppedError(BenchError):
    """An interrupt stopped a gate; what it has measured is kept and reported."""

    exit_code = 130

    def __init__(self, run: Path) -> None:
        super().__init__(f"stopped; what was measured until then lies in {run}")


@dataclass(frozen=True)
class GatePlan:
    """A gate that has been read and planned; nothing is created yet.

    Attributes:
        file: the suite's YAML file, of the checkout that the gate is called in.
        suite: the resolved suite, measuring all that is gated.
        repository: whose commits are compared.
        project: the user's own code around the suite, where there is any.
        device: cpu or cuda:N.
        baseline: the suite's baseline.
        gated: what is compared.
    """

    file: Path
    suite: Suite
    repository: Repository
    project: Project | None
    device: str
    baseline: Combination
    gated: Gated


@dataclass(frozen=True)
class Gate:
    """A gate that has been run.

    Attributes:
        folder: the run's folder.
        judgement: what it came to.
    """

    folder: Path
    judgement: Judgement


def prepare_gate(file: Path, overrides: Mapping[str, str], results: Path) -> GatePlan:
    """Read a suite and choose what is gated.

    Raises:
        InputError: the suite cannot be used here, or lies in no git checkout.
    """
    repository = Repository.around(file)
    project = find_project(file.parent)
    suite = load_suite(file, overrides, project=project)
    try:
        check_gate(suite)
        machine = Machine.here()
        device = resolve_device(suite.workload.device, machine)
        if device == "cpu":
            machine = dataclasses.replace(machine, cuda=())
        rows = expand(suite, machine, registry(project))
        like = _head(suite, file, {"device": device}, "", 0)
        chosen = gated(suite, rows, results, like)
    except InputError as error:
        raise placed(error, file, overrides) from None
    needed = {metric.partition(".")[0] for metric in suite.gate.metrics} | set(suite.measure)
    suite = suite.model_copy(update={"measure": tuple(name for name in MEASUREMENTS if name in needed)})
    return GatePlan(file, suite, repository, project, device, rows[0].combination, chosen)


def run_gate(plan: GatePlan, base: Commit, head: Commit, results: Path, command: str, progress: Progress) -> Gate:
    """Compare two commits.

    Args:
        plan: what is compared.
        base: the commit to compare with.
        head: the commit to judge.
        results: the folder of all results; the run goes to ``results/gate/<time>-<short id>``.
        command: the command as typed, for the report.
        progress: somebody who watches.

    Raises:
        CannotJudgeError: a commit cannot be checked out, or holds no project that could be trained with.
        GateStoppedError: an interrupt stopped the gate.
        BenchError: the data cannot be had.
    """
    progress.stage("preparing data")
    context = revision_context(plan.device, plan.repository.top)
    data = prepare_data(plan.suite.workload.data)
    run_errand(context, check_pictures, data)
    sides = {f"base {base.short}": base, f"head {head.short}": head}
    with ExitStack() as checkouts:
        revisions: dict[str, Revision] = {}
        for name, commit in sides.items():
            progress.stage(f"checking out {commit}")
            checkout = checkouts.enter_context(plan.repository.checked_out(commit, progress.note))
            revisions[name] = _revision(plan, commit, checkout)
        pairs = tuple(_pair(each, plan.baseline, *sides) for each in plan.gated.combinations)
        rows = tuple(Row(side, None) for pair in pairs for side in (pair.base, pair.head))
        machine = Machine.here()
        planned = make_plan(plan.suite, rows, machine, usable_cores(), plan.device, registry(plan.project))
        return _run(plan, planned, pairs, base, head, context, revisions, data, results, command, progress)


def _run(
    plan: GatePlan,
    planned: Plan,
    pairs: tuple[Pair, ...],
    base: Commit,
    head: Commit,
    context: ForkServerContext | SpawnContext,
    revisions: Mapping[str, Revision],
    data: Path,
    results: Path,
    command: str,
    progress: Progress,
) -> Gate:
    """Make the run's folder, run its trials and write its reports."""
    environment = Environment.collect(plan.device, plan.suite.workload.threads, REPOSITORY).to_json()
    first = _head(plan.suite, plan.file, environment, command, planned.block_size)
    gate = GateRecord(
        base=CommitRecord(commit=base.hash, subject=base.subject),
        head=CommitRecord(commit=head.hash, subject=head.subject),
        gated=tuple(GatedRecord(label=pair.label, base=pair.base.id, head=pair.head.id) for pair in pairs),
        remarks=plan.gated.remarks,
    )
    rows = [
        RowRecord(combination=side.id, levels=side.levels, label=f"{pair.label} at {side.revision}")
        for pair in pairs
        for side in (pair.base, pair.head)
    ]
    folder = results / FOLDER / f"{re.sub('[-:]', '', first.started)}-{first.run}"
    create_run(folder, plan.file, first, rows)
    with sole_writer(folder) as journal:
        journal.write(gate)
        records: list[AnyRecord] = [first, *rows, gate]
        try:
            GateEngine(plan.suite, planned, pairs, gate, context, revisions, data, journal, records, progress).run()
        except KeyboardInterrupt:
            raise GateStoppedError(folder) from None
        finally:
            judgement = judge(records)
            write_gate_reports(judgement, folder)
    return Gate(folder, judgement)


def report_gate(folder: Path) -> Judgement:
    """Write the reports of a gate anew, from its journal alone.

    Raises:
        InputError: ``folder`` holds no journal of a gate.
    """
    judgement = judge(read_run(folder))
    write_gate_reports(judgement, folder)
    return judgement


def _head(suite: Suite, file: Path, environment: dict[str, JsonValue], command: str, block_size: int) -> RunRecord:
    """Return the first record of a journal that starts now."""
    return RunRecord(
        protocol=PROTOCOL,
        run=secrets.token_hex(3),
        started=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        command=command,
        suite=suite_json(suite),
        suite_file=file.name,
        suite_folder=str(file.resolve().parent),
        home=str(Path.home()),
        environment=environment,
        block_size=block_size,
    )


def _revision(plan: GatePlan, commit: Commit, checkout: Path) -> Revision:
    """Return a checked-out commit's code."""
    top = plan.repository.top
    suite_folder = checkout / plan.file.resolve().parent.relative_to(top)
    try:
        project = find_project(suite_folder) if suite_folder.is_dir() else find_project(checkout)
    except InputError as error:
        raise CannotJudgeError(f"could not judge: at {commit}: {error}") from None
    return Revision(checkout, import_path_at(sys.path, top, checkout), project)


def _pair(combination: Combination, baseline: Combination, base: str, head: str) -> Pair:
    return Pair(
        label=combination.label(baseline),
        base=dataclasses.replace(combination, revision=base),
        head=dataclasses.replace(combination, revision=head),
    )
