"""The models that may be named without a path: Ultralytics' and those that the harness brings.

Reads names only; Ultralytics, which needs seconds to import, is not imported.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from bench.suite import ultralytics_files

FOLDER = Path(__file__).resolve().parent.parent / "models"
"""Where the harness's own model YAMLs are."""


@cache
def own_models() -> frozenset[str]:
    """Return the file names of the model YAMLs that the harness brings."""
    return frozenset(file.name for file in FOLDER.glob("*.yaml"))


def is_model_name(name: str) -> bool:
    """Return whether a model is known by this name, without a path."""
    return name in own_models() or ultralytics_files.is_model_name(name)


def model_names() -> list[str]:
    """Return the names that a user may give."""
    return sorted({*own_models(), *ultralytics_files.model_names()})


def model_file(model: str) -> str:
    """Return what Ultralytics is to be given for a model: a file's path, or a name that it knows itself."""
    return str(FOLDER / model) if model in own_models() else model
