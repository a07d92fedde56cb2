"""asv's results as lines: the same lines that ``asv publish`` draws, by asv's own reading."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

from bench.errors import InputError
from bench.history.lines import Line, Name
from bench.integrations.asv import class_name

Parameters = tuple[tuple[str, str], ...]
"""What asv says of where a figure was taken: machine, its parts, Python, requirements; sorted by name."""


@dataclass(frozen=True)
class AsvHistory:
    """What asv's configuration and its results say.

    Attributes:
        repository: the checkout whose commits were measured.
        branch: the first branch that asv is configured for; ``HEAD`` where it is configured for none.
        lines: every figure of the benchmarks as they are now.
        notes: what could not be read or is left out, for the reader.
    """

    repository: Path
    branch: str
    lines: tuple[Line, ...]
    notes: tuple[str, ...]


def read_asv_history(configuration: Path) -> AsvHistory:
    """Return what asv has measured.

    A line is one parameter combination of one benchmark in one environment on one machine. Several results of one
    commit, which only environments with the same parameters can give, count as their median. Figures of another
    version of a benchmark than its present one are left out, as they are by asv.

    Args:
        configuration: asv's, usually ``asv.conf.json``.

    Raises:
        InputError: there is no such file, it is none of asv's, or there are no results.
    """
    from asv.benchmarks import Benchmarks
    from asv.util import UserError

    settings = _settings(configuration)
    folder = configuration.absolute().parent
    results_folder = folder / settings.results_dir
    how = "results of `asv run` (docs/asv.md tells how)"
    if not results_folder.is_dir():
        raise InputError("results_dir", f"no folder {results_folder}", how, file=configuration)
    settings.results_dir = str(results_folder)
    try:
        benchmarks = Benchmarks.load(settings)
    except (UserError, ValueError, OSError) as error:
        expected = "asv's list of benchmarks; `asv run --bench just-discover` makes it"
        raise InputError("", str(error).splitlines()[0], expected, file=results_folder / "benchmarks.json") from error
    results, notes = _load(results_folder)
    if not results:
        raise InputError("results_dir", f"no results in {results_folder}", how, file=configuration)
    lines, outdated = _lines(results, benchmarks)
    if outdated:
        who = "1 commit has" if outdated == 1 else f"{outdated} commits have"
        notes.append(f"{who} figures from before a benchmark or suite was edited; these are left out")
    return AsvHistory(folder / settings.repo, settings.branches[0] or "HEAD", tuple(lines), tuple(notes))


def suite_and_metric(benchmark: Mapping[str, Any]) -> tuple[str, str]:
    """Return what a benchmark measures: the suite and the metric; class and function where no suite made it."""
    scope, _, method = str(benchmark["name"]).rpartition(".")
    suite, _, metric = str(benchmark.get("pretty_name") or "").partition(": ")
    if scope.rpartition(".")[2] == class_name(suite) and method == f"track_{metric}":
        return suite, metric
    return scope, method


def combination_text(names: Sequence[str], values: Sequence[str]) -> str:
    """Return the label of a benchmark's parameters, of which asv keeps the values as their ``repr``."""
    plain = [value[1:-1] if value[:1] == value[-1:] == "'" and len(value) > 1 else value for value in values]
    if list(names) == ["combination"]:
        return plain[0]
    return ", ".join(f"{name}={value}" for name, value in zip(names, plain, strict=True))


def telling(parameters: Parameters, all_parameters: Iterable[Parameters]) -> str:
    """Return what tells a line from the others of its machine, such as ``torch=2.15.0``; "" where nothing has to."""
    mine = dict(parameters)
    others = [other for other in map(dict, all_parameters) if other.get("machine") == mine.get("machine")]
    names = sorted({name for other in others for name in other})
    return ", ".join(
        f"{name}={mine.get(name, '')}" for name in names if len({other.get(name, "") for other in others}) > 1
    )


def _settings(configuration: Path) -> Any:
    """Return asv's configuration."""
    from asv.config import Config
    from asv.util import UserError

    if not configuration.is_file():
        expected = "asv's configuration; --config names another file"
        raise InputError("--config", f"no file {str(configuration)!r}", expected)
    try:
        return Config.load(str(configuration))
    except (UserError, ValueError) as error:
        raise InputError("", str(error).splitlines()[0], "a configuration of asv's", file=configuration) from error


def _load(folder: Path) -> tuple[list[Any], list[str]]:
    """Return the results of all machines, and what could not be read."""
    from asv.results import Results, iter_results_paths
    from asv.util import UserError

    results, notes = [], []
    for place, name, machine in iter_results_paths(str(folder)):
        path = Path(place) / name
        try:
            results.append(Results.load(str(path), machine_name=machine))
        except (UserError, OSError, TypeError, KeyError, AttributeError) as error:
            # The last three are what asv answers JSON with that is not as it wrote it.
            notes.append(f"{path} is left out: {str(error).splitlines()[0]}")
    return results, notes


def _lines(results: Sequence[Any], benchmarks: Mapping[str, Any]) -> tuple[list[Line], int]:
    """Return the lines, and how many commits have figures of other versions."""
    values: dict[tuple[Parameters, str, tuple[str, ...]], dict[str, list[float]]] = {}
    outdated = set()
    for result in results:
        usable = result.get_result_keys(benchmarks)
        if any(key in benchmarks and key not in usable for key in result.get_all_result_keys()):
            outdated.add(result.commit_hash)
        where = _parameters(result)
        for key in sorted(usable):
            choices = benchmarks[key]["params"]
            for chosen, value in zip(product(*choices), result.get_result_value(key, choices), strict=True):
                line = values.setdefault((where, key, chosen), {})
                if isinstance(value, int | float) and math.isfinite(value):
                    line.setdefault(result.commit_hash, []).append(float(value))
    everywhere = {where for where, _, _ in values}
    lines = [
        Line(
            name=_name(where, everywhere, benchmarks[key], chosen),
            unit=str(benchmarks[key].get("unit", "")),
            values={commit: median(figures) for commit, figures in by_commit.items()},
        )
        for (where, key, chosen), by_commit in values.items()
    ]
    return lines, len(outdated)


def _parameters(result: Any) -> Parameters:
    environment = {f"env-{name}": value for name, value in result.env_vars.items()}
    return tuple(sorted((name, str(value or "")) for name, value in {**result.params, **environment}.items()))


def _name(where: Parameters, everywhere: Iterable[Parameters], benchmark: Mapping[str, Any], chosen: Any) -> Name:
    suite, metric = suite_and_metric(benchmark)
    return Name(
        machine=dict(where).get("machine", ""),
        environment=telling(where, everywhere),
        suite=suite,
        metric=metric,
        combination=combination_text(benchmark["param_names"], chosen),
    )
