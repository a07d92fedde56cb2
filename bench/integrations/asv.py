"""asv benchmark classes made from YAML suites; importing this, and making the classes, imports no torch."""

from __future__ import annotations

import hashlib
import json
import math
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.environment import Machine, resolve_device
from bench.environment.machine import gpu_in_use
from bench.errors import InputError
from bench.integrations.asv_record import recorded_outcome
from bench.integrations.outcomes import METRICS, Metric, Outcome
from bench.journal.records import PROTOCOL
from bench.optimizations.registry import registry
from bench.project import find_project
from bench.schedule.course import MOST_EPOCHS_A_BURST, MOST_EPOCHS_TO_SETTLE
from bench.schedule.warm_up import MOST_EPOCHS
from bench.suite.design import expand
from bench.suite.load import load_suite, suite_json
from bench.suite.model import Suite, UserData
from bench.suite.named_files import named_file_digests

ASV_PATIENCE = 300.0
"""Seconds that asv waits beyond our own time limit, which ends things in order and is to strike first."""

DATA_SECONDS = 1800.0
"""Allowance for making or downloading the data when a suite is run for the first time."""

Result = dict[str, object] | float | None


@dataclass(frozen=True)
class Series:
    """What the methods of one class share.

    Attributes:
        suite: the resolved suite.
        file: its YAML file.
        labels: of all rows of its design, the baseline's first.
        version: what asv keeps histories apart by.
    """

    suite: Suite
    file: Path
    labels: tuple[str, ...]
    version: str

    @property
    def limit(self) -> float:
        """Seconds after which a run of the suite is given up."""
        return time_limit(self.suite, len(self.labels))


def benchmark_classes(folder: Path, module: str) -> dict[str, type]:
    """Return one asv benchmark class for each suite in a folder, by class name.

    A class has one parameter, ``combination``, with the labels of all rows of the suite's design, the baseline
    first, and a ``track_`` method for each of ``METRICS`` that the suite measures. A suite whose baseline cannot
    run on this machine is left out, which is said on the standard error.

    Args:
        folder: where the ``*.yaml`` suites lie.
        module: name of the module that the classes are to be found in.

    Raises:
        InputError: a suite has a mistake in it, or two suites make the same class name.
    """
    machine = Machine.here()
    classes: dict[str, type] = {}
    files: dict[str, Path] = {}
    for file in sorted(folder.resolve().glob("*.yaml")):
        project = find_project(file.parent)
        suite = load_suite(file, project=project)
        try:
            rows = expand(suite, machine, registry(project))
            version = version_here(suite, machine)
        except InputError as error:
            print(f"{file.name} is left out, its baseline cannot run here: {error}", file=sys.stderr)
            continue
        name = class_name(suite.name)
        if name in files:
            raise InputError(
                "name",
                f"{suite.name!r}, which asv would know as {name}",
                f"another than {files[name].name} has",
                file=file,
            )
        files[name] = file
        labels = tuple(row.combination.label(rows[0].combination) for row in rows)
        classes[name] = benchmark_class(Series(suite, file, labels, version), module)
    return classes


def class_name(suite: str) -> str:
    """Return the class name for a suite's name: ``small_objects`` becomes ``SmallObjects``."""
    return "".join(word.capitalize() for word in suite.split("_"))


def version_here(suite: Suite, machine: Machine) -> str:
    """Return the version of the figures that a suite gives on a machine now.

    Raises:
        InputError: the machine has no such device.
    """
    gpu = gpu_in_use(resolve_device(suite.workload.device, machine), machine.cuda)
    return series_version(suite, named_file_digests(suite).values(), gpu=gpu)


def series_version(suite: Suite, digests: Iterable[str], protocol: int = PROTOCOL, gpu: str | None = None) -> str:
    """Return what asv keeps histories apart by: another for every edit that changes what is measured.

    The description, and what ``bench gate`` is to hold figures to, have no part in it. Files that the suite names
    take part by their content and not by their place, so that another checkout goes on with the same history. A GPU
    takes part, since ``auto`` is another device on another machine, or where CUDA is shown another GPU or none.

    Args:
        suite: a resolved suite.
        digests: of the files it names, see ``named_file_digests``.
        protocol: how its figures are taken; as runs take them now unless told.
        gpu: name of the one that trains; None where the processor does.
    """
    apart: dict[str, object] = {"description": None, "gate": None, "protocol": protocol, "files": list(digests)}
    if gpu is not None:  # absent for a processor, whose histories began before this took part
        apart["gpu"] = gpu
    content = suite_json(suite) | apart
    workload = suite.workload
    placeless = workload.model_copy(update={"model": Path(workload.model).name})
    if isinstance(workload.data, UserData):
        data = workload.data.model_copy(update={"path": Path(workload.data.path.name)})
        placeless = placeless.model_copy(update={"data": data})
    content["workload"] = placeless.model_dump(mode="json")
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def time_limit(suite: Suite, rows: int) -> float:
    """Return the seconds after which a run of ``suite``, of ``rows`` combinations, hangs beyond doubt.

    A budget in time is kept but for the start and the burst that are under way when a launch is to end; one in
    rounds is bounded only by the suite's time-out for every start and every epoch.
    """
    if suite.budget.time is not None:
        return DATA_SECONDS + suite.budget.time + suite.launches * (1 + MOST_EPOCHS_A_BURST) * suite.timeout
    trials = 2 * rows * suite.launches  # the baseline once more in every block, of which rows are the most
    bursts = MOST_EPOCHS + (suite.budget.rounds or 1) * len(suite.measure)
    epochs = MOST_EPOCHS_TO_SETTLE + bursts * MOST_EPOCHS_A_BURST
    return DATA_SECONDS + trials * (1 + epochs) * suite.timeout


def benchmark_class(series: Series, module: str) -> type:
    """Return the class for one suite, which asv finds its benchmarks in.

    Args:
        series: what its methods share.
        module: name of the module that the class is to be found in.
    """
    members: dict[str, object] = {
        "__module__": module,
        "__doc__": series.suite.description,
        "params": [list(series.labels)],
        "param_names": ["combination"],
        "version": series.version,
        "timeout": series.limit + ASV_PATIENCE,
        "setup_cache": _setup_cache,
    }
    for metric in METRICS:
        if metric.measurement in series.suite.measure:
            members[f"track_{metric.name}"] = _track(metric, series)
    return type(class_name(series.suite.name), (), members)


def without_samples(outcome: Outcome) -> float | None:
    """Return asv's word for a combination that has no samples: not a number is skipped, null is failed."""
    return math.nan if outcome.not_run else None


def _setup_cache(self: object) -> None:
    """Make asv run all methods of a class in one working folder, where the run's outcome is left for all.

    asv tells setup caches apart by module and line, so the classes of all suites share this one and its folder;
    measuring happens on the first request, so that a suite nobody asks for is not run.
    """


def _track(metric: Metric, series: Series) -> Callable[[object, str], Result]:
    """Return the method that reports one metric of one suite."""

    def track(self: object, combination: str) -> Result:
        outcome = recorded_outcome(series.file, series.suite.name, series.limit, combination, metric)
        samples = outcome.samples.get(metric.name, ())
        if samples:
            # asv takes this for what its timing benchmarks give: it keeps the samples and makes statistics of them.
            return {"samples": list(samples), "number": 1}
        print(f"{combination}: {outcome.reason}", file=sys.stderr)
        return without_samples(outcome)

    track.__name__ = track.__qualname__ = f"track_{metric.name}"
    vars(track).update(
        unit=metric.unit,
        pretty_name=f"{series.suite.name}: {metric.name}",
        pretty_source=series.file.read_text(encoding="utf-8"),
    )
    return track
