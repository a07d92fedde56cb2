"""What asv measured of one commit in environments that differ in one package, release against release."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median, variance
from typing import Any

from bench.analysis.policy import POLICY
from bench.analysis.ratio import Estimate, as_ratio
from bench.analysis.result import Ratio, Verdict
from bench.analysis.verdict import verdicts
from bench.compare.comparison import change_of
from bench.environment import Machine
from bench.errors import BenchError, InputError, nearest_name
from bench.integrations.asv import class_name, version_here
from bench.integrations.asv_export import MODULE
from bench.integrations.asv_place import asv_configuration, known_commit
from bench.integrations.outcomes import METRICS, Metric
from bench.suite.model import Suite


@dataclass(frozen=True)
class Release:
    """An environment of asv's, and what a suite gave in it.

    Attributes:
        requirements: package to version.
        python: version of Python, as asv names it.
        variables: environment variables that asv sets there.
        samples: metric's name and combination's label to one sample a launch, in the metric's unit.
    """

    requirements: Mapping[str, str]
    python: str
    variables: Mapping[str, str]
    samples: Mapping[tuple[str, str], tuple[float, ...]]


@dataclass(frozen=True)
class Step:
    """One figure before and after a package was exchanged.

    Attributes:
        metric: what was measured.
        label: of the combination.
        before: median of the samples with the older release, in the metric's unit.
        after: median of those with the newer one.
        samples: how many there are of each.
        ratio: the newer over the older, of the samples' geometric means.
        verdict: faster, slower, equivalent or undecided.
    """

    metric: Metric
    label: str
    before: float
    after: float
    samples: tuple[int, int]
    ratio: Ratio
    verdict: Verdict


@dataclass(frozen=True)
class Upgrade:
    """One package exchanged for its next release that was measured, and all else kept.

    Attributes:
        package: its name.
        older: its version before.
        newer: its version after.
        beside: versions of the other packages that differ somewhere in the matrix, and Python and environment variables
            where these do.
        steps: what that did to each figure.
    """

    package: str
    older: str
    newer: str
    beside: Mapping[str, str]
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Releases:
    """What a commit's figures say of releases.

    Attributes:
        suite: the suite's name.
        machine: asv's name of the machine.
        commit: full hash.
        confidence: of every interval.
        upgrades: by package, then by release.
    """

    suite: str
    machine: str
    commit: str
    confidence: float
    upgrades: tuple[Upgrade, ...]


def read_releases(suite: Suite, configuration: Path, commit: str, machine: str | None) -> Releases:
    """Return what asv's results say of the releases of its matrix.

    Args:
        suite: the suite that was run.
        configuration: asv's.
        commit: any name that git knows.
        machine: asv's name of the machine; None where results of one only are there.

    Raises:
        InputError: there are no results of that suite, commit or machine, or this machine lacks the suite's device.
        BenchError: no two environments differ in one package alone.
    """
    from asv.results import iter_results_for_machine

    with asv_configuration(configuration) as conf:
        full, _ = known_commit(conf, commit)
        name = _machine(Path(conf.results_dir), machine)
        stored = [each for each in iter_results_for_machine(conf.results_dir, name) if each.commit_hash == full]
    version = version_here(suite, Machine.here())
    releases = [release for each in stored if (release := _release(each, suite, version)).samples]
    if not releases:
        found = f"no figures of {suite.name!r}, as it is now, at commit {full[:8]} on machine {name}"
        raise InputError("SUITE", found, "a suite that `asv run --record-samples` has run")
    upgrades = upgrades_of(releases, suite.margin)
    if not upgrades:
        raise BenchError(f"{len(releases)} environments have figures, and no two of them differ in one package alone")
    return Releases(suite.name, name, full, POLICY.confidence, upgrades)


def upgrades_of(releases: Sequence[Release], margin: float) -> tuple[Upgrade, ...]:
    """Return every exchange of one package for the next release of it, all else the same.

    Args:
        releases: in any order; no two with the same requirements, Python and variables.
        margin: relative difference that counts as none.
    """
    pairs = [
        (package, older, newer)
        for package in sorted({name for release in releases for name in release.requirements})
        for older in sorted(releases, key=lambda each: _order(each, package))
        if (newer := _next(releases, older, package)) is not None
    ]
    apart = {package for package, _, _ in pairs}
    changes = {
        f"{number} {metric.name} {label}": _change(older, newer, metric, label)
        for number, (_, older, newer) in enumerate(pairs)
        for metric, label in _common(older, newer)
    }
    judged = verdicts(changes, margin, POLICY.alpha_difference, POLICY.alpha_equivalence)
    return tuple(
        Upgrade(
            package=package,
            older=older.requirements[package],
            newer=newer.requirements[package],
            beside=_beside(releases, older, apart - {package}),
            steps=tuple(
                _step(older, newer, metric, label, changes[key], judged[key])
                for metric, label in _common(older, newer)
                for key in (f"{number} {metric.name} {label}",)
            ),
        )
        for number, (package, older, newer) in enumerate(pairs)
    )


def log_mean(samples: Sequence[float]) -> Estimate:
    """Return the mean of independent samples' logs, with the variance of that mean."""
    logs = [math.log(sample) for sample in samples]
    known = len(logs) >= 2
    return Estimate(
        mean=fmean(logs),
        variance=variance(logs) / len(logs) if known else None,
        degrees=len(logs) - 1.0,
        rounds=len(logs),
        launches=len(logs),
        bounded=0,
    )


def _release(stored: Any, suite: Suite, version: str) -> Release:
    """Return what one of asv's result files has of a suite in its present edition."""
    samples: dict[tuple[str, str], tuple[float, ...]] = {}
    for metric in METRICS:
        name = f"{MODULE}.{class_name(suite.name)}.track_{metric.name}"
        if stored.benchmark_version.get(name) == version and stored._samples.get(name) is not None:
            (labels,) = parameters = stored.get_result_params(name)
            for label, some in zip(labels, stored.get_result_samples(name, parameters), strict=True):
                if some:
                    samples[metric.name, str(ast.literal_eval(label))] = tuple(some)
    # What was not in asv's matrix is not in its requirements.
    requirements = {str(name): str(at) for name, at in stored._requirements.items()}
    variables = {str(name): str(value) for name, value in stored.env_vars.items()}
    return Release(requirements, str(stored._python), variables, samples)


def _machine(results: Path, machine: str | None) -> str:
    """Return the machine whose results are meant."""
    names = sorted(file.parent.name for file in results.glob("*/machine.json"))
    if machine is None and len(names) == 1:
        return names[0]
    if machine not in names:
        found = repr(machine) if machine else f"results of {len(names)} machines in {results}"
        expected = "one of " + ", ".join(names) if names else "results that asv has written"
        raise InputError("--machine", found, expected, nearest_name(machine or "", names))
    return machine


def _next(releases: Sequence[Release], older: Release, package: str) -> Release | None:
    """Return the environment with the next release of a package and all else the same, None without one."""

    def others(release: Release) -> tuple[str, Mapping[str, str], dict[str, str]]:
        requirements = {name: at for name, at in release.requirements.items() if name != package}
        return release.python, release.variables, requirements

    if package not in older.requirements:
        return None
    alike = [each for each in releases if package in each.requirements and others(each) == others(older)]
    newer = [each for each in alike if _order(each, package) > _order(older, package)]
    return min(newer, key=lambda each: _order(each, package), default=None)


def _beside(releases: Sequence[Release], older: Release, packages: Iterable[str]) -> dict[str, str]:
    """Return what else an environment has, as far as the environments differ in it."""
    beside = {name: older.requirements[name] for name in sorted(packages) if name in older.requirements}
    if len({each.python for each in releases}) > 1:
        beside["Python"] = older.python
    for name in sorted({name for each in releases for name in each.variables}):
        if len({each.variables.get(name) for each in releases}) > 1:
            beside[name] = older.variables.get(name, "unset")
    return beside


def _order(release: Release, package: str) -> Any:
    from packaging.version import Version

    return Version(release.requirements.get(package) or "0")


def _common(older: Release, newer: Release) -> list[tuple[Metric, str]]:
    """Return the figures that both have, by metric, then in the suite's order of combinations."""
    return [
        (metric, label)
        for metric in METRICS
        for name, label in older.samples
        if name == metric.name and (name, label) in newer.samples
    ]


def _change(older: Release, newer: Release, metric: Metric, label: str) -> Estimate:
    return change_of(*(log_mean(each.samples[metric.name, label]) for each in (older, newer)))


def _step(older: Release, newer: Release, metric: Metric, label: str, change: Estimate, verdict: Verdict) -> Step:
    before, after = (each.samples[metric.name, label] for each in (older, newer))
    sizes = (len(before), len(after))
    return Step(metric, label, median(before), median(after), sizes, as_ratio(change, POLICY.confidence), verdict)
