"""Whether setuptools still finds a project's code once there are folders beside it that hold other Python files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

# What setuptools' automatic discovery passes over at a project's top, as far as repositories have it, and ours.
# fmt: off
_NO_PACKAGES = {
    "benchmark", "benchmarks", "bin", "build", "ci", "dist", "doc", "docs", "documentation", "env", "example",
    "examples", "python", "requirements", "scripts", "tasks", "test", "tests", "tools", "unit_test",
    "unit_tests", "util", "utils", "venv", "results", "suites",
}
_NO_MODULES = {
    "benchmark", "benchmarks", "build", "conftest", "dodo", "example", "examples", "manage", "noxfile", "setup",
    "tasks", "test", "tests", "toxfile",
}
# fmt: on


def missing_table(pyproject: Mapping[str, Any], files: Sequence[str]) -> str | None:
    """Return the table that a pyproject.toml lacks to name the project's code, None where it lacks none.

    A project that leaves it to setuptools to find its code may have one top-level folder; a folder of suites is a
    second one, and setuptools then refuses to build ("Multiple top-level packages discovered in a flat-layout"), or
    takes the suites for the code where that is a module.

    Args:
        pyproject: what the file says.
        files: the project's Python files, relative to its root.
    """
    if "project" not in pyproject or not _by_setuptools(pyproject.get("build-system", {})):
        return None
    tool = pyproject.get("tool", {})
    told = tool.get("setuptools", {}) if isinstance(tool, dict) else {}
    if not isinstance(told, dict) or {"packages", "py-modules", "package-dir"} & told.keys():
        return None
    paths = [PurePosixPath(file) for file in files]
    folders = sorted({path.parts[0] for path in paths if len(path.parts) > 1})
    if "src" in folders:
        return None
    packages = [name for name in folders if name.isidentifier() and name not in _NO_PACKAGES and name[0] != "_"]
    if packages:
        names = ", ".join(f'"{name}", "{name}.*"' for name in packages)
        return f"[tool.setuptools.packages.find]\ninclude = [{names}]"
    modules = sorted(path.stem for path in paths if len(path.parts) == 1)
    names = ", ".join(f'"{name}"' for name in modules if name not in _NO_MODULES and name[0] != "_")
    return f"[tool.setuptools]\npy-modules = [{names}]"


def _by_setuptools(build_system: Any) -> bool:
    """Return whether pip builds with setuptools, as it does where nothing is said."""
    backend = build_system.get("build-backend", "setuptools") if isinstance(build_system, dict) else ""
    return str(backend).partition(".")[0] == "setuptools"
