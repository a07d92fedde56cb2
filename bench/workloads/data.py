"""From what a suite says about its data to a YOLO data YAML on disk."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import assert_never

from bench.errors import InputError
from bench.suite.combination import canonical
from bench.suite.model import Data, ShapesData, TreesData, UserData
from bench.workloads.cache import built_once, cache_root


def prepare_data(data: Data) -> Path:
    """Return the absolute path of the YOLO data YAML that ``data`` stands for.

    Generated and fetched data is built into the cache the first time; a user's own is returned as it is.

    Raises:
        InputError: the user's YAML is not there.
        DataUnavailableError: the tree pictures cannot be fetched.
        CacheUnusableError: the cache cannot be written.
    """
    match data:
        case ShapesData():
            from bench.workloads.shapes import SHAPES_VERSION, build_shapes

            folder = _cache_folder(data, SHAPES_VERSION)
            return built_once(folder, lambda partial: build_shapes(data, partial)) / "data.yaml"
        case TreesData():
            from bench.workloads.trees import TREES_VERSION, build_trees

            folder = _cache_folder(data, TREES_VERSION)
            return built_once(folder, lambda partial: build_trees(data, partial)) / "data.yaml"
        case UserData():
            return _user_yaml(data.path)
        case _:
            assert_never(data)


def _cache_folder(data: ShapesData | TreesData, version: int) -> Path:
    """Return the folder in the cache for exactly this data from exactly this version of its builder."""
    key = canonical({"version": version, **data.model_dump(mode="json")})
    return cache_root() / f"{data.kind}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def _user_yaml(path: Path) -> Path:
    """Return the user's data YAML as an absolute path, symbolic links kept."""
    file = path.expanduser().absolute()
    if file.suffix.lower() not in {".yaml", ".yml"} or not file.is_file():
        what = "a folder" if file.is_dir() else "another file" if file.is_file() else "nothing there"
        raise InputError("workload.data.path", f"{file} ({what})", "a YOLO data YAML: a file ending in .yaml or .yml")
    return file
