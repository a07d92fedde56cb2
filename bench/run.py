"""A run from its suite to its report: the flow that every front uses."""

from __future__ import annotations

import dataclasses
import json
import secrets
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bench.analysis.analyse import analyse
from bench.analysis.interim import close_combinations
from bench.analysis.noise import NoiseFloor, noise_floor
from bench.analysis.result import Analysis
from bench.engines.local import LocalEngine
from bench.engines.progress import Progress
from bench.environment import Environment, Machine, resolve_device
from bench.environment.machine import usable_cores
from bench.errors import BenchError, InputError
from bench.journal.file import Journal
from bench.journal.head import head_of
from bench.journal.records import PROTOCOL, AnyRecord, EndRecord, GateRecord, RowRecord, RunRecord
from bench.journal.shareable import shareable
from bench.noise_store import FOLDER, store_floor, stored_floor
from bench.optimizations.registry import registry
from bench.project import PYPROJECT, TABLE, Project, find_project
from bench.reports.write import write_reports
from bench.run_folder import create_run, read_run, sole_writer
from bench.schedule.duration import check_budget
from bench.schedule.plan import LARGEST_BLOCK, Plan, check_comparison, make_plan
from bench.suite.combination import Combination
from bench.suite.design import Row, expand
from bench.suite.load import load_suite, suite_from_json, suite_json
from bench.suite.model import Suite
from bench.suite.named_files import named_file_digests
from bench.suite.place import placed
from bench.trials.errand import run_errand
from bench.trials.messages import TrialSpec
from bench.trials.server import trial_context
from bench.trials.trial import Target
from bench.user_code import code_record
from bench.workloads.data import prepare_data
from bench.workloads.trainers import check_trainer
from bench.workloads.view import check_pictures

REPOSITORY = Path(__file__).resolve().parent.parent
FEWEST_COPIES = 3
"""Fewer identical trials say too little of how far they lie apart, unless that is asked for."""


class StoppedError(BenchError):
    """An interrupt stopped a run; what it has measured is kept and reported."""

    exit_code = 130

    def __init__(self, run: Path) -> None:
        super().__init__(f"stopped; `bench resume {shlex.quote(str(run))}` goes on with it")


@dataclass(frozen=True)
class Prepared:
    """A suite that has been read and planned; nothing is created yet.

    Attributes:
        file: the suite's YAML file.
        suite: the resolved suite.
        plan: how it will be run here.
        target: what its trials' processes run; probed training where None.
        project: the user's own code that it may train with.
    """

    file: Path
    suite: Suite
    plan: Plan
    target: Target | None = None
    project: Project | None = None

    def spec(self, combination: Combination, data: Path, scratch: Path) -> TrialSpec:
        """Return what a trial of one combination by itself has to know; it gets a folder of its own in ``scratch``."""
        return TrialSpec(
            self.suite.workload,
            self.plan.device,
            combination.levels,
            data,
            scratch / combination.id,
            self.plan.cores[: self.plan.cores_wanted[combination]],
            self.project,
        )


def prepare(file: Path, overrides: Mapping[str, str], code: Path | None = None) -> Prepared:
    """Read a suite and plan it for this machine.

    Args:
        file: the suite's YAML file.
        overrides: see ``load_suite``.
        code: another checkout of the user's repository, whose code is to be trained with instead of what lies
            around the suite.

    Raises:
        InputError: the suite cannot be used, here or anywhere.
    """
    project = find_project(file.parent)
    if code is not None:
        if project is None:
            expected = f"no such option: no {PYPROJECT} around {file} has a table [tool.{TABLE}]"
            raise InputError("--code", str(code), expected)
        project = project.at(code)
    suite = load_suite(file, overrides, project=project)
    try:
        prepared = prepare_suite(file, suite, project)
        check_comparison(suite, prepared.plan)
        return prepared
    except InputError as error:
        raise placed(error, file, overrides) from None


def prepare_suite(file: Path, suite: Suite, project: Project | None = None) -> Prepared:
    """Plan a suite that has been read from ``file`` for this machine, with the user's code that it may name.

    Raises:
        InputError: the suite cannot be used here.
    """
    machine = _machine_for(suite)
    return _planned(file, suite, expand(suite, machine, registry(project)), machine, project)


def prepare_noise(file: Path, overrides: Mapping[str, str], copies: int | None) -> Prepared:
    """Plan a run of a suite's baseline against ``copies`` identical trials of itself.

    Args:
        file: the suite.
        overrides: fields of it that are other than the file says.
        copies: None for as many as the suite compares, so that its budget gives each as many rounds; 3 at least, and
            at most what fits into a block.

    Raises:
        InputError: the suite cannot be used here.
    """
    project = find_project(file.parent)
    suite = load_suite(file, overrides, project=project)
    try:
        machine = _machine_for(suite)
        design = expand(suite, machine, registry(project))
        compared = sum(row.not_run is None for row in design) - 1
        identical = min(max(compared, FEWEST_COPIES), LARGEST_BLOCK - 1) if copies is None else copies
        baseline = design[0].combination.levels
        rows = tuple(Row(Combination.of(baseline, copy), None) for copy in range(identical + 1))
        return _planned(file, suite.model_copy(update={"name": FOLDER}), rows, machine, project)
    except InputError as error:
        raise placed(error, file, overrides) from None


def _machine_for(suite: Suite) -> Machine:
    """Return this machine as the suite's device lets a trial use it: a GPU is no help to training on the processor."""
    machine = Machine.here()
    on_processor = resolve_device(suite.workload.device, machine) == "cpu"
    return dataclasses.replace(machine, cuda=()) if on_processor else machine


def _planned(file: Path, suite: Suite, rows: tuple[Row, ...], machine: Machine, project: Project | None) -> Prepared:
    device = resolve_device(suite.workload.device, machine)
    plan = make_plan(suite, rows, machine, usable_cores(), device, registry(project))
    check_budget(suite, plan)
    return Prepared(file, suite, plan, project=project)


def start(prepared: Prepared, results: Path, command: str, progress: Progress) -> Path:
    """Run a suite and write its reports.

    Args:
        prepared: the suite and its plan.
        results: the folder that holds all results.
        command: the command as typed, for the report.
        progress: somebody who watches.

    Returns:
        The run's folder, ``results/<suite>/<time>-<short id>``.

    Raises:
        InputError: pictures are missing, the user's code cannot be used, or ``results`` cannot be written to.
        BenchError: the data cannot be had, or the baseline failed.
        StoppedError: an interrupt stopped the run.
    """
    suite, plan = prepared.suite, prepared.plan
    data = _ready_data(suite, plan.device, progress)
    _check_code(suite, plan.device, prepared.project)
    started = datetime.now(UTC)
    environment = Environment.collect(plan.device, suite.workload.threads, REPOSITORY)
    head = RunRecord(
        protocol=PROTOCOL,
        run=secrets.token_hex(3),
        started=f"{started:%Y-%m-%dT%H:%M:%SZ}",
        command=command,
        suite=suite_json(suite),
        suite_file=prepared.file.name,
        suite_folder=str(prepared.file.resolve().parent),
        home=str(Path.home()),
        environment=environment.to_json(),
        block_size=plan.block_size,
        files=named_file_digests(suite),
        project=None if prepared.project is None else code_record(prepared.project, suite.workload.trainer),
        noise_floor=stored_floor(results, environment.machine_id),
    )
    rows = [_row_record(row, plan.baseline) for row in plan.rows]
    run = results / suite.name / f"{started:%Y%m%dT%H%M%SZ}-{head.run}"
    create_run(run, prepared.file, head, rows)
    with sole_writer(run) as journal:
        _execute(run, suite, plan, data, journal, [head, *rows], progress, prepared.target, prepared.project)
    return run


def resume(run: Path, progress: Progress) -> Analysis:
    """Go on with a run that was stopped or killed; a finished one is only reported again.

    Raises:
        InputError: ``run`` holds no journal, is running, or began elsewhere, with other versions or with
            another commit of the harness.
        BenchError: the data cannot be had, or the baseline failed.
        StoppedError: an interrupt stopped the run again.
    """
    if not _ended(read_run(run)):
        with sole_writer(run) as journal:
            records = list(read_run(run))
            # Another process may have finished it since.
            if not _ended(records):
                _go_on(run, journal, records, progress)
    return report(run)


def _ready_data(suite: Suite, device: str, progress: Progress) -> Path:
    """Return the YOLO data YAML that trials make their views of, its pictures seen to be there."""
    progress.stage("preparing data")
    data = prepare_data(suite.workload.data)
    run_errand(trial_context(device), check_pictures, data)
    return data


def _ended(records: Sequence[AnyRecord]) -> bool:
    return any(isinstance(record, EndRecord) for record in records)


def _go_on(run: Path, journal: Journal, records: list[AnyRecord], progress: Progress) -> None:
    """Run what a journal says is left."""
    if any(isinstance(record, GateRecord) for record in records):
        raise InputError("RUN", "the journal of a gate", "one of a run; a gate is started anew with `bench gate`")
    head = head_of(records)
    suite = suite_from_json(head.suite)
    device = str(head.environment["device"])
    machine = Machine.here()
    resolve_device(device, machine)
    project = _same_code(head, suite)
    _check_same_place(head, Environment.collect(device, suite.workload.threads, REPOSITORY))
    rows = tuple(
        Row(Combination.of(record.levels, record.copy_of_baseline), record.not_run)
        for record in records
        if isinstance(record, RowRecord)
    )
    plan = make_plan(suite, rows, machine, usable_cores(), device, registry(project), head.block_size)
    data = _ready_data(suite, device, progress)
    _check_code(suite, device, project)
    _execute(run, suite, plan, data, journal, records, progress, project=project)


def _check_code(suite: Suite, device: str, project: Project | None) -> None:
    """See that trials can import the user's code, before anything is created."""
    trainer = suite.workload.trainer
    if project is not None or trainer is not None:
        folder = REPOSITORY if project is None else project.root
        run_errand(trial_context(device), partial(check_trainer, trainer, project, suite.workload.model), folder)


def _same_code(head: RunRecord, suite: Suite) -> Project | None:
    """Return the user's code that a run began with, None where there was none; refuse to finish it with other code."""
    if head.project is None:
        return None
    project = find_project(Path(str(head.project["root"])))
    now = None if project is None else code_record(project, suite.workload.trainer)["files"]
    if now != head.project["files"]:
        expected = f"{json.dumps(now)}, since a run ends with the code it began with"
        raise InputError("project.files", f"{json.dumps(head.project['files'])} in the journal", expected)
    return project


def _check_same_place(head: RunRecord, here: Environment) -> None:
    """Refuse to finish a run elsewhere, or with other code: its report names one environment for all rounds."""
    now = here.to_json()
    for part in ("machine_id", "versions", "commit", "clean"):
        began = head.environment.get(part)
        if now[part] != began:
            expected = f"{json.dumps(now[part])}, since a run ends where and with what it began"
            raise InputError(f"environment.{part}", f"{json.dumps(began)} in the journal", expected)


def report(run: Path) -> Analysis:
    """Write the reports of a run anew, from its journal alone.

    Raises:
        InputError: ``run`` holds no journal.
    """
    analysis = analyse(shareable(read_run(run)))
    write_reports(analysis, run)
    return analysis


def is_noise_run(run: Path) -> bool:
    """Return whether a run compares the baseline with nothing but itself.

    Raises:
        InputError: ``run`` holds no journal.
    """
    rows = [record for record in read_run(run) if isinstance(record, RowRecord)]
    return len(rows) > 1 and all(row.copy_of_baseline for row in rows[1:])


def take_noise_floor(run: Path) -> tuple[NoiseFloor, Path]:
    """Return the noise floor that a run of identical trials shows, and the file beside the run that it is kept in.

    Raises:
        InputError: ``run`` holds no journal.
    """
    floor = noise_floor(shareable(read_run(run)))
    return floor, store_floor(run.resolve().parent, floor)


def _execute(
    run: Path,
    suite: Suite,
    plan: Plan,
    data: Path,
    journal: Journal,
    records: list[AnyRecord],
    progress: Progress,
    target: Target | None = None,
    project: Project | None = None,
) -> None:
    """Run what is left of a plan and write the reports, of a stopped run too."""
    lived = False
    try:
        lived = LocalEngine(suite, plan, data, journal, records, close_combinations, progress, target, project).run()
    except KeyboardInterrupt:
        raise StoppedError(run) from None
    finally:
        write_reports(analyse(shareable(records)), run)
    if not lived:
        raise BenchError(f"the baseline failed, so nothing could be compared; see {run / 'report.md'}")


def _row_record(row: Row, baseline: Combination) -> RowRecord:
    return RowRecord(
        combination=row.combination.id,
        levels=row.combination.levels,
        copy_of_baseline=row.combination.copy,
        label=row.combination.label(baseline),
        not_run=row.not_run,
    )
