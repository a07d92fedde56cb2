"""The user's own files that a suite names, told apart by their content."""

from __future__ import annotations

import hashlib
from pathlib import Path

from bench.suite.files import FILE_SETTINGS
from bench.suite.model import Suite, UserData


def named_file_digests(suite: Suite) -> dict[str, str]:
    """Return the SHA-256 of models', data's and settings' files, by path, where a resolved suite names the user's own.

    A model that Ultralytics brings, named without a folder, is told by Ultralytics' version.

    Raises:
        OSError: a file cannot be read.
    """
    paths = [Path(suite.workload.model), *(Path(str(level)) for level in suite.axes.get("model", ()))]
    paths += [Path(value) for name in FILE_SETTINGS if isinstance(value := suite.workload.settings.get(name), str)]
    if isinstance(suite.workload.data, UserData):
        paths.append(suite.workload.data.path)
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths if path.is_absolute()}
