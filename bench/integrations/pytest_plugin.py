"""The pytest plugin: ``pytest suites --benchmark-only`` measures suites and shows them as pytest-benchmark rows.

Every pytest run in an environment with this package loads this module, so it imports next to nothing.
"""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

OPTION = "--bench-results"
_KEY = re.compile(r"""^["']?(extend|workload|axes)["']?\s*:""", re.MULTILINE)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that says where runs go."""
    group = parser.getgroup("yolo-train-bench")
    group.addoption(
        OPTION, default="results", metavar="DIR", help="Folder of all runs of suites. Default: %(default)s."
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect suites, and only where benchmarks alone are asked for, so that an ordinary test run never trains."""
    if not parent.config.getoption("benchmark_only", default=False) or file_path.suffix not in {".yaml", ".yml"}:
        return None
    # A file that is named on the command line is meant, so a mistake in it has to be heard of.
    if not parent.session.isinitpath(file_path) and not is_suite(file_path):
        return None
    from bench.integrations.pytest_suite import SuiteFile

    return SuiteFile.from_parent(parent, path=file_path)


@pytest.hookimpl(optionalhook=True)
def pytest_benchmark_update_machine_info(machine_info: dict[str, Any]) -> None:
    """Add the machine's id, its GPUs and the versions of what takes part in training.

    Only what stays the same from run to run: pytest-benchmark warns when two machines differ in anything.
    """
    import bench
    from bench.environment import Environment

    here = Environment.collect("cpu", threads=1, repository=Path(bench.__file__).parent)
    machine_info["training"] = {
        "machine_id": here.machine_id,
        "gpus": [dataclasses.asdict(gpu) for gpu in here.gpus],
        "versions": dataclasses.asdict(here.versions),
    }


def is_suite(file: Path) -> bool:
    """Return whether a YAML file reads like a suite and is not a run's copy of one."""
    try:
        keys = set(_KEY.findall(file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError):
        return False
    if "extend" not in keys and not keys >= {"workload", "axes"}:
        return False
    from bench.journal.file import NAME

    return not (file.parent / NAME).exists()
