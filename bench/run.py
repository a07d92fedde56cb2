"""A run from its suite to its report: the flow that every front uses."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.analysis.analyse import analyse
from bench.analysis.interim import open_combinations
from bench.analysis.noise import NoiseFloor, noise_floor
from bench.analysis.result import Analysis
from bench.engines.local import LocalEngine
from bench.engines.progress import Progress
from bench.environment import Environment, Machine, resolve_device
from bench.environment.machine import usable_cores
from bench.errors import BenchError
from bench.journal.file import NAME, Journal, read_journal
from bench.journal.records import AnyRecord, EndRecord, RowRecord, RunRecord
from bench.noise_store import FOLDER, store_floor, stored_floor
from bench.optimizations.registry import registry
from bench.reports.write import write_reports
from bench.schedule.duration import check_budget
from bench.schedule.plan import Plan, make_plan
from bench.suite.combination import Combination
from bench.suite.design import Row, expand
from bench.suite.load import load_suite, suite_from_json, suite_json
from bench.suite.model import Suite
from bench.workloads.data import prepare_data

REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Prepared:
    """A suite that has been read and planned; nothing is created yet.

    Attributes:
        file: the suite's YAML file.
        suite: the resolved suite.
        plan: how it will be run here.
    """

    file: Path
    suite: Suite
    plan: Plan


def prepare(file: Path, overrides: Mapping[str, str]) -> Prepared:
    """Read a suite and plan it for this machine.

    Raises:
        InputError: the suite cannot be used, here or anywhere.
    """
    return prepare_suite(file, load_suite(file, overrides))


def prepare_suite(file: Path, suite: Suite) -> Prepared:
    """Plan a suite that has been read from ``file`` for this machine.

    Raises:
        InputError: the suite cannot be used here.
    """
    machine = Machine.here()
    device = resolve_device(suite.workload.device, machine)
    rows = expand(suite, machine)
    plan = make_plan(suite, rows, machine, usable_cores(), device, registry())
    check_budget(suite, plan)
    return Prepared(file, suite, plan)


def prepare_noise(file: Path, overrides: Mapping[str, str], copies: int) -> Prepared:
    """Plan a run of a suite's baseline against ``copies`` identical trials of itself.

    Raises:
        InputError: the suite cannot be used here.
    """
    prepared = prepare(file, overrides)
    baseline = prepared.plan.baseline.levels
    rows = tuple(Row(Combination.of(baseline, copy), None) for copy in range(copies + 1))
    suite = prepared.suite.model_copy(update={"name": FOLDER})
    machine = Machine.here()
    plan = make_plan(suite, rows, machine, usable_cores(), prepared.plan.device, registry())
    check_budget(suite, plan)
    return Prepared(file, suite, plan)


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
        BenchError: the data cannot be had, or the baseline failed.
    """
    suite, plan = prepared.suite, prepared.plan
    progress.stage("preparing data")
    data = prepare_data(suite.workload.data)
    started = datetime.now(UTC)
    short_id = secrets.token_hex(3)
    run = results / suite.name / f"{started:%Y%m%dT%H%M%SZ}-{short_id}"
    run.mkdir(parents=True)
    (run / "suite.yaml").write_bytes(prepared.file.read_bytes())
    environment = Environment.collect(plan.device, suite.workload.threads, REPOSITORY)
    with Journal(run / NAME) as journal:
        head = RunRecord(
            run=short_id,
            started=f"{started:%Y-%m-%dT%H:%M:%SZ}",
            command=command,
            suite=suite_json(suite),
            suite_file=prepared.file.name,
            environment=environment.to_json(),
            block_size=plan.block_size,
            noise_floor=stored_floor(results, environment.machine_id),
        )
        records: list[AnyRecord] = [head, *(_row_record(row, plan.baseline) for row in plan.rows)]
        for record in records:
            journal.write(record)
        _execute(run, suite, plan, data, journal, records, progress)
    return run


def resume(run: Path, progress: Progress) -> Analysis:
    """Go on with a run that was stopped or killed; a finished one is only reported again.

    Raises:
        InputError: ``run`` holds no journal, or this machine lacks what the run began with.
        BenchError: the baseline failed.
    """
    records = list(read_journal(run))
    if any(isinstance(record, EndRecord) for record in records):
        return report(run)
    head = next(record for record in records if isinstance(record, RunRecord))
    suite = suite_from_json(head.suite)
    machine = Machine.here()
    device = str(head.environment["device"])
    resolve_device(device, machine)
    rows = tuple(
        Row(Combination.of(record.levels, record.copy_of_baseline), record.not_run)
        for record in records
        if isinstance(record, RowRecord)
    )
    plan = make_plan(suite, rows, machine, usable_cores(), device, registry(), head.block_size)
    data = prepare_data(suite.workload.data)
    with Journal(run / NAME) as journal:
        _execute(run, suite, plan, data, journal, records, progress)
    return report(run)


def report(run: Path) -> Analysis:
    """Write the reports of a run anew, from its journal alone.

    Raises:
        InputError: ``run`` holds no journal.
    """
    analysis = analyse(read_journal(run))
    write_reports(analysis, run)
    return analysis


def take_noise_floor(run: Path, results: Path) -> tuple[NoiseFloor, Path]:
    """Return the noise floor that a run of identical trials shows, and the file it is kept in.

    Raises:
        InputError: ``run`` holds no journal.
    """
    floor = noise_floor(read_journal(run))
    return floor, store_floor(results, floor)


def _execute(
    run: Path,
    suite: Suite,
    plan: Plan,
    data: Path,
    journal: Journal,
    records: list[AnyRecord],
    progress: Progress,
) -> None:
    """Run what is left of a plan and write the reports, of a stopped run too."""
    lived = False
    try:
        lived = LocalEngine(suite, plan, data, journal, records, open_combinations, progress).run()
    finally:
        write_reports(analyse(records), run)
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
