"""Where among asv's results a stored run belongs: its machine, commit and environment, in asv's own words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

from bench.environment import Environment
from bench.errors import BenchError, InputError

if TYPE_CHECKING:
    from bench.journal.records import RunRecord

PINNED_AS = {
    "torch": "torch",
    "torchvision": "torchvision",
    "ultralytics": "ultralytics",
    "numpy": "numpy",
    "opencv": "opencv-python",
}
"""A run's record of versions to asv's name of the requirement."""

FIELDS = ("machine", "os", "arch", "cpu", "num_cpu", "ram")


@dataclass(frozen=True)
class Place:
    """Which of asv's result files is a run's.

    Attributes:
        machine: asv's description of the machine, by ``FIELDS``.
        commit: full hash.
        date: of the commit, in milliseconds since 1970, as asv keeps it.
        environment: asv's name of the environment.
        python: version of Python as asv names it.
        requirements: package to version, as in asv's matrix.
        variables: environment variables of asv's matrix, by name.
    """

    machine: dict[str, str]
    commit: str
    date: int
    environment: str
    python: str
    requirements: dict[str, str]
    variables: dict[str, str]


@contextmanager
def asv_configuration(file: Path) -> Iterator[Any]:
    """Give asv's configuration, in its own folder, which its paths are relative to.

    Raises:
        InputError: it is not there, or asv cannot read it.
        BenchError: asv refuses anything else meanwhile.
    """
    from asv.config import Config
    from asv.util import UserError

    import_module("asv.plugin_manager")  # asv knows its kinds of environments once its plugins are loaded
    if not file.is_file():
        raise InputError("--config", f"{file}, which is not there", "asv's configuration, such as asv.conf.json")
    with chdir(file.resolve().parent):
        try:
            conf = Config.load(file.name)
        except (UserError, ValueError) as error:
            raise InputError("--config", str(error), "a configuration that asv can read", file=file) from None
        try:
            yield conf
        except UserError as error:
            raise BenchError(f"asv: {error}") from None


def place_of(conf: Any, head: RunRecord, run: Path, commit: str | None, machine: str | None) -> Place:
    """Return where a run belongs.

    Args:
        conf: asv's configuration; the working folder is its own.
        head: the run's first record.
        run: its folder, for errors.
        commit: what is said to have been measured, where the run cannot tell.
        machine: asv's name for the machine; None for the run's own id of it.

    Raises:
        InputError: the run does not say which commit it measured, or the commit is not in the repository; or the
            machine that asv knows by that name is another one.
    """
    environment = Environment.from_json(head.environment)
    name, python, requirements, variables = environment_of(conf, environment)
    measured = commit or recorded_commit(head, run)
    try:
        full, date = known_commit(conf, measured)
    except InputError as error:
        raise error if commit else replace(error, field="RUN", found=f"{run}, made at commit {error.found}") from None
    described = machine_of(environment, machine or environment.machine_id)
    known = _as_known(Path(conf.results_dir), described)
    return Place(known, full, date, name, python, requirements, variables)


def recorded_commit(head: RunRecord, run: Path) -> str:
    """Return the commit that a run is of: of the user's project where it trained with code of that, else the harness's.

    Raises:
        InputError: it is not known, or the files were not as committed.
    """
    source: Mapping[str, JsonValue] = head.environment if head.project is None else head.project
    commit, clean = source.get("commit"), source.get("clean")
    expected = "a run of a clean checkout, or --commit to say which commit it is of"
    if commit is None:
        raise InputError("RUN", f"{run}, which does not know its commit", expected)
    if clean is not True:
        state = "with changes" if clean is False else "without knowing whether it was clean"
        raise InputError("RUN", f"{run}, made at commit {str(commit)[:12]} {state}", expected)
    return str(commit)


def machine_of(environment: Environment, name: str) -> dict[str, str]:
    """Return a machine as ``asv machine`` describes it: memory in KiB, and its GPUs beside its processor."""
    system, release, architecture = environment.kernel.split(" ", 2)
    hardware = (environment.processor or "", *(gpu.name for gpu in environment.gpus))
    values = (
        name,
        f"{system} {release}",
        architecture,
        ", ".join(part for part in hardware if part),
        str(environment.cores_total),
        str(environment.memory_bytes // 1024),
    )
    return dict(zip(FIELDS, values, strict=True))


def environment_of(conf: Any, environment: Environment) -> tuple[str, str, dict[str, str], dict[str, str]]:
    """Return name, Python, requirements and variables of the environment that asv would have built for a run.

    It is the environment of the configuration's matrix that has most of the run's versions, with the run's versions
    where they are still others. Parts after a ``+``, as in ``2.15.0+cpu``, are not for asv's matrix.
    Environment variables are the matrix's: a run does not record its own.

    Raises:
        BenchError: the configuration has no environment.
    """
    from asv.environment import get_env_name, get_environments

    versions = {
        package: version.partition("+")[0]
        for field, package in PINNED_AS.items()
        if (version := getattr(environment.versions, field)) is not None
    }
    found = list(get_environments(conf, None, verbose=False))
    if not found:
        raise BenchError("asv's configuration has no environment that could be made here")
    nearest = max(found, key=lambda each: sum(each.requirements.get(name) == at for name, at in versions.items()))
    if nearest.tool_name == "existing":
        return str(nearest.name), str(nearest.python), {}, {}
    python = ".".join(environment.versions.python.split(".")[:2])
    requirements = {name: versions.get(name, version) for name, version in nearest.requirements.items()}
    name = get_env_name(nearest.tool_name, python, requirements, nearest._tagged_env_vars)
    return str(name), python, requirements, dict(nearest.env_vars)


def known_commit(conf: Any, commit: str) -> tuple[str, int]:
    """Return a commit's full hash, and its date in milliseconds since 1970.

    Args:
        conf: asv's configuration; the working folder is its own.
        commit: any name that git knows.

    Raises:
        InputError: it is none of the configuration's repository, or cannot be a commit's name.
    """
    from asv.repo import NoSuchNameError, get_repo
    from asv.util import ProcessError

    expected = f"a commit of {conf.repo}, which asv's configuration names; it may have to be fetched first"
    if not _can_name_a_commit(commit):
        raise InputError("--commit", repr(commit), expected)
    repository = get_repo(conf)
    try:
        full = str(repository.get_hash_from_name(commit))
    except (NoSuchNameError, ProcessError):
        raise InputError("--commit", repr(commit), expected) from None
    return full, int(repository.get_date(full))


def _can_name_a_commit(name: str) -> bool:
    """Return whether git would take ``name`` for one revision, and not for an option or a range."""
    # asv hands names to git just as they are.
    return name.isprintable() and name[:1] not in {"", "-", "^"} and ".." not in name


def _as_known(results: Path, described: dict[str, str]) -> dict[str, str]:
    """Return a machine as asv knows it already, or as described where asv does not.

    Raises:
        InputError: asv knows another machine by this name, or what it knows cannot be read.
    """
    name = described["machine"]
    if Path(name).name != name or name in {"", ".", ".."}:
        raise InputError("--machine", repr(name), "a name that can be a folder's")
    file = results / name / "machine.json"
    if not file.is_file():
        return described
    known = _description(file)
    for field in ("arch", "num_cpu"):
        if known.get(field) != described[field]:
            found = f"{name!r}, whose {field} is {known.get(field)!r} in {file}"
            raise InputError("--machine", found, f"the run's machine, whose {field} is {described[field]!r}")
    return {field: str(known.get(field, described[field])) for field in FIELDS}


def _description(file: Path) -> dict[str, Any]:
    """Return what asv has written of a machine.

    Raises:
        InputError: it is not as asv writes it.
    """
    expected = "a machine as `asv machine` describes it, a JSON object"
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError("", str(error), expected, file=file) from None
    if not isinstance(known, dict):
        raise InputError("", repr(known), expected, file=file)
    return known
