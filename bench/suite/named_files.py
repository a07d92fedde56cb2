"""The user's own files that a suite names, told apart by their content."""

from __future__ import annotations

import hashlib
from pathlib import Path

from bench.suite.model import Suite, UserData


def named_file_digests(suite: Suite) -> dict[str, str]:
    """Return the SHA-256 of the model's and the data's YAML file, by path, where a resolved suite names the user's own.

    A model that Ultralytics brings, named without a folder, is told by Ultralytics' version.

    Raises:
        OSError: a file cannot be read.
    """
    paths = [Path(suite.workload.model), *(Path(str(level)) for level in suite.axes.get("model", ()))]
    if isinstance(suite.workload.data, UserData):
        paths.append(suite.workload.data.path)
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths if path.is_absolute()}
