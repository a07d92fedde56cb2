"""Stored runs written as asv results, so that one history holds what asv measured and what it did not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from bench.environment import Environment
from bench.environment.machine import gpu_in_use
from bench.errors import InputError
from bench.gate.judgement import is_gate
from bench.integrations.asv import Series, benchmark_class, series_version
from bench.integrations.asv_figures import Entry, merged, new_figures, old_figures, put
from bench.integrations.asv_place import Place, asv_configuration, place_of
from bench.integrations.outcomes import METRICS, Metric, Outcomes, outcomes_of
from bench.journal.head import head_of
from bench.journal.records import AnyRecord, RowRecord, RunRecord
from bench.run_folder import SUITE_NAME, read_run
from bench.suite.load import suite_from_json
from bench.suite.model import Suite
from bench.suite.named_files import named_file_digests

MODULE = "benchmarks"
"""The module of the benchmark folder that asv finds the suites in."""


@dataclass(frozen=True)
class Exported:
    """What was written of one run.

    Attributes:
        run: its folder.
        machine: asv's name of the machine.
        commit: full hash.
        environment: asv's name of the environment.
        file: the result file.
        benchmarks: names of the benchmarks that have its figures.
        added: samples that were not there before.
        shown: asv's commands show them; otherwise asv knows another edition of the suite, or its figures of another
            device, and shows that.
    """

    run: Path
    machine: str
    commit: str
    environment: str
    file: Path
    benchmarks: tuple[str, ...]
    added: int
    shown: bool


def export_runs(runs: Sequence[Path], configuration: Path, commit: str | None, machine: str | None) -> list[Exported]:
    """Write runs as asv results; figures that are there already stay, and a run written twice counts once.

    Args:
        runs: folders of runs.
        configuration: asv's, such as ``asv.conf.json``.
        commit: the commit all runs are of, where they cannot tell; any name that git knows.
        machine: asv's name for their machine; None for each run's own id of it.

    Raises:
        InputError: a run cannot be written, or asv's figures would be lost; nothing is written then.
    """
    runs = [run.resolve() for run in runs]
    read = [(run, read_run(run)) for run in runs]
    with asv_configuration(configuration) as conf:
        tree = _Tree(conf)
        exported = [tree.add(run, records, commit, machine) for run, records in read]
        tree.save()
    return exported


class _Tree:
    """asv's results as they will be, written all together."""

    def __init__(self, conf: Any) -> None:
        from asv.benchmarks import Benchmarks
        from asv.util import load_json

        self._folder = Path(conf.results_dir)
        self._conf = conf
        self._results: dict[str, Any] = {}
        self._machines: dict[str, dict[str, str]] = {}
        self._index = Path(Benchmarks.get_benchmark_file_path(conf.results_dir))
        self._known: dict[str, Entry] = {}
        if self._index.exists():
            self._known = load_json(str(self._index), api_version=Benchmarks.api_version)
            self._known.pop("version", None)

    def add(self, run: Path, records: Sequence[AnyRecord], commit: str | None, machine: str | None) -> Exported:
        """Take in one run."""
        head, labels, outcomes = _contents(run, records)
        suite = suite_from_json(head.suite)
        environment = Environment.from_json(head.environment)
        gpu = gpu_in_use(environment.device, environment.gpus)
        version = series_version(suite, _digests(head, suite).values(), head.protocol, gpu)
        entries = _entries(Series(suite, run / SUITE_NAME, labels, version))
        place = place_of(self._conf, head, run, commit, machine)
        stored = self._stored(place)
        file = self._folder / stored._filename
        old = [old_figures(stored, entry, file) for _, entry in entries]
        new = [new_figures(outcomes, labels, metric) for metric, _ in entries]
        # Two runs' peaks of memory may well agree, but never all of their times too.
        is_there = all(kept is not None and kept.holds(fresh) for kept, fresh in zip(old, new, strict=True))
        for (_, entry), kept, fresh in zip(entries, old, new, strict=True):
            self._known.setdefault(entry["name"], entry)
            if not is_there:
                put(stored, entry, merged(kept, fresh), head)
        return Exported(
            run=run,
            machine=place.machine["machine"],
            commit=place.commit,
            environment=place.environment,
            file=file.resolve(),
            benchmarks=tuple(entry["name"] for _, entry in entries),
            added=0 if is_there else sum(figures.count() for figures in new),
            shown=all(self._known[entry["name"]]["version"] == entry["version"] for _, entry in entries),
        )

    def save(self) -> None:
        """Write the results, the machines that asv does not know, and the list of benchmarks."""
        from asv.benchmarks import Benchmarks
        from asv.machine import Machine
        from asv.util import write_json

        for name, machine in self._machines.items():
            file = self._folder / name / "machine.json"
            if not file.exists():
                write_json(str(file), machine, Machine.api_version)
        for results in self._results.values():
            results.save(str(self._folder))
        write_json(str(self._index), self._known, Benchmarks.api_version)

    def _stored(self, place: Place) -> Any:
        """Return asv's results of a place, with what is on disk."""
        from asv.results import Results

        self._machines[place.machine["machine"]] = place.machine
        parameters = {**place.machine, "python": place.python, **place.requirements}
        results = Results(
            parameters,
            place.requirements,
            place.commit,
            place.date,
            place.python,
            place.environment,
            place.variables,
        )
        if results._filename not in self._results:
            results.load_data(str(self._folder))
            self._results[results._filename] = results
        return self._results[results._filename]


def _contents(run: Path, records: Sequence[AnyRecord]) -> tuple[RunRecord, tuple[str, ...], Outcomes]:
    """Return a run's head, the labels of its rows and what it gave for each.

    Raises:
        InputError: it gave nothing that a history could hold.
    """
    if is_gate(records):
        raise InputError("RUN", f"{run}, which compares two commits", "a run of `bench run`, which is of one commit")
    head = head_of(records)
    rows = [record for record in records if isinstance(record, RowRecord)]
    if any(row.copy_of_baseline for row in rows):
        raise InputError("RUN", f"{run}, which compares a baseline with itself", "a run of `bench run`")
    outcomes = outcomes_of(records)
    if outcomes.reason:
        raise InputError(
            "RUN", f"{run}: {outcomes.reason}", "a run that came to its end; `bench resume` takes it there"
        )
    return head, tuple(row.label for row in rows), outcomes


def _digests(head: RunRecord, suite: Suite) -> Mapping[str, str]:
    """Return the digests of the files that a run's suite names, as they were or, for older runs, as they are.

    Raises:
        InputError: neither is known.
    """
    if head.files:
        return head.files
    try:
        return named_file_digests(suite)
    except OSError as error:
        expected = "the file the suite names at its place, since the journal does not have its content's digest"
        raise InputError("workload", f"{error.filename}: {error.strerror}", expected) from None


def _entries(series: Series) -> list[tuple[Metric, Entry]]:
    """Return the benchmarks of a suite as asv itself would find them in its benchmark folder."""
    from asv_runner.discovery import _get_benchmark

    made = benchmark_class(series, f"suites.{MODULE}")
    module = ModuleType(f"suites.{MODULE}")
    entries = []
    for metric in METRICS:
        method = getattr(made, f"track_{metric.name}", None)
        if method is not None:
            found = _get_benchmark(method.__name__, module, made, method)
            plain = (str, int, float, list, dict)  # what asv_runner writes of a benchmark for asv to read
            entry = {k: v for k, v in vars(found).items() if isinstance(v, plain) and not k.startswith("_")}
            entries.append((metric, entry))
    return entries
