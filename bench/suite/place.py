"""Where in a suite's file a value was written, for mistakes that only a plan for this machine brings to light."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from bench.errors import InputError
from bench.suite.extend import read_suite_file
from bench.suite.overrides import apply_overrides
from bench.suite.yaml_lines import Step

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def placed(error: InputError, file: Path, overrides: Mapping[str, str]) -> InputError:
    """Return ``error`` with the file and line that its field was read from.

    Args:
        error: about a field of a suite, or about a part of one.
        file: the suite's file, as it was loaded.
        overrides: as the suite was loaded with; what they said has no file and no line.
    """
    root = apply_overrides(read_suite_file(file), overrides)
    place = root.deepest(steps(error.field))
    return replace(error, file=place.file, line=place.line)


def steps(field: str) -> tuple[Step, ...]:
    """Return a field such as ``axes.precision[1]`` as keys and indices."""
    return tuple(int(index) if index else key for key, index in _STEP.findall(field))
