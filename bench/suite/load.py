"""Suites from YAML files, and their resolved form in and out of journals."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from pydantic import JsonValue, TypeAdapter, ValidationError

from bench.errors import InputError
from bench.optimizations.registry import Registry, registry
from bench.project import Project
from bench.suite.checks import check
from bench.suite.extend import read_suite_file
from bench.suite.model import Name, Suite
from bench.suite.overrides import apply_overrides
from bench.suite.validation import validate
from bench.suite.yaml_lines import Located
from bench.workloads.trainers import trainer_names

NO_OVERRIDES: Mapping[str, str] = MappingProxyType({})


def load_suite(
    path: Path,
    overrides: Mapping[str, str] = NO_OVERRIDES,
    known: Registry | None = None,
    project: Project | None = None,
) -> Suite:
    """Read, extend, override and check a suite; nothing is created and nothing in it is executed.

    Args:
        path: the suite's YAML file.
        overrides: dotted paths and YAML values that win over the file, such as ``workload.batch`` and
            ``16``. A path among the values is relative to the working folder, not to the suite's.
        known: the optimizations an axis may name; all installed ones and the project's where it is None.
        project: the user's code that the suite may name.

    Returns:
        the resolved suite: a name, levels as their optimizations spell them, paths absolute.

    Raises:
        InputError: the first mistake, with its file and line (none for an override), field, what was
            found, what was expected, and the nearest valid name.
    """
    known = registry(project) if known is None else known
    root = apply_overrides(_named(read_suite_file(path), path), overrides)
    return check(validate(root, known), root, known, trainer_names(project))


def suite_json(suite: Suite) -> dict[str, JsonValue]:
    """Return the resolved suite as JSON data, from which ``suite_from_json`` makes an equal one."""
    data: dict[str, JsonValue] = suite.model_dump(mode="json")
    return data


def suite_from_json(data: Mapping[str, JsonValue]) -> Suite:
    """Return the suite that ``suite_json`` was given; no file it names has to be there any more.

    Raises:
        InputError: the data are not a suite.
    """
    try:
        return Suite.model_validate_json(json.dumps(data), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"]))
        raise InputError(field, repr(first["input"]), f"a resolved suite: {first['msg']}") from None


def _named(root: Located, path: Path) -> Located:
    """Return the suite with its name: its own, or its file's."""
    assert isinstance(root.value, Mapping)
    if "name" in root.value:
        return root
    try:
        TypeAdapter(Name).validate_python(path.stem)
    except ValidationError:
        word = re.sub(r"^[^a-z]+", "", re.sub(r"[^a-z0-9]+", "_", path.stem.lower()))
        raise root.error(
            ("name",),
            found=f"no name, and {path.name!r} makes none",
            expected="a name of lower-case letters, digits and _, in the suite or as its file's name",
            nearest=word or None,
        ) from None
    return replace(root, value={**root.value, "name": Located(path.stem, path, None)})
