"""The workload's model, data and Ultralytics settings, checked without importing Ultralytics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pydantic import JsonValue

from bench.errors import nearest_name
from bench.suite.model import Data, UserData
from bench.suite.ultralytics_files import setting_names
from bench.suite.yaml_lines import Located, Step
from bench.workloads.models import is_model_name, model_names

OWNED_SETTINGS: Mapping[str, str | None] = {
    "model": "workload.model",
    "data": "workload.data",
    "imgsz": "workload.image_size",
    "batch": "workload.batch",
    "device": "workload.device",
    "seed": "workload.seed",
    "epochs": "budget",
    "time": "budget.time",
    "name": "name",
    "project": None,
    "save_dir": None,
    "exist_ok": None,
    "resume": None,
    "mode": None,
    "cfg": None,
}
"""Ultralytics settings that a suite may not set itself, and where it says the same; None: nowhere."""

FILE_SETTINGS = ("pretrained", "distill_model")
"""Settings whose values, where they are texts, are paths of files that training reads."""

_SUFFIXES = {".yaml", ".yml"}


def check_model(model: str, place: Sequence[Step], root: Located) -> str:
    """Return a known model's name as it is, and a path made absolute.

    Args:
        model: what the suite says at ``place``.
        place: where in the suite that is.
        root: the suite.

    Raises:
        InputError: there is no such model.
    """
    if is_model_name(model):
        return model
    path = _absolute(model, root.deepest(place))
    if path.suffix in _SUFFIXES and path.is_file():
        return str(path)
    raise root.error(
        place,
        found=repr(model),
        expected="the name of an Ultralytics model YAML, or the path of one that is there",
        nearest=nearest_name(model, [*model_names(), *_neighbours(model, path)]),
    )


def check_data(data: Data, root: Located) -> Data:
    """Return the data, a path in it made absolute.

    Raises:
        InputError: there is no file at the path.
    """
    if not isinstance(data, UserData):
        return data
    place = ("workload", "data", "path")
    text = str(data.path)
    path = _absolute(text, root.deepest(place))
    if path.suffix in _SUFFIXES and path.is_file():
        return data.model_copy(update={"path": path})
    inside = [f"{text}/{each.name}" for each in _yaml_files(path)]
    raise root.error(
        place if isinstance(root.deepest(place[:2]).value, Mapping) else place[:2],
        found=f"{text!r}, a folder" if path.is_dir() else repr(text),
        expected="shapes, trees, or the path of a YOLO data YAML that is there",
        nearest=next(iter(inside), None) or nearest_name(text, ["shapes", "trees", *_neighbours(text, path)]),
    )


def check_trainer_name(name: str | None, trainers: Sequence[str], root: Located) -> None:
    """Check that a trainer is one of those there are.

    Raises:
        InputError: it is not.
    """
    if name is not None and name not in trainers:
        there = f"one of {', '.join(trainers)}" if trainers else "none, since there are none"
        expected = f"{there}; [tool.yolo-train-bench.trainers] in your pyproject.toml names more"
        place = ("workload", "trainer")
        raise root.error(place, found=repr(name), expected=expected, nearest=nearest_name(name, trainers))


def check_settings(settings: Mapping[str, JsonValue], root: Located) -> dict[str, JsonValue]:
    """Check the names of further Ultralytics settings; return them with paths made absolute.

    Other values are Ultralytics' own to judge.

    Raises:
        InputError: a setting that Ultralytics does not have, or that the suite says elsewhere, or a file that is not
            there.
    """
    resolved = dict(settings)
    free = [name for name in setting_names() if name not in OWNED_SETTINGS]
    for name, value in settings.items():
        place = ("workload", "settings", name)
        if name in OWNED_SETTINGS:
            elsewhere = OWNED_SETTINGS[name]
            expected = f"this to be said by {elsewhere}" if elsewhere else "this to be left to the harness"
            raise root.error(place, found=repr(name), expected=expected, nearest=elsewhere)
        if name not in free:
            nearest = nearest_name(name, free)
            raise root.error(place, found=repr(name), expected="a setting of Ultralytics", nearest=nearest)
        if name == "task" and value != "detect":
            raise root.error(place, found=repr(value), expected="detect, the only task", nearest="detect")
        if name in FILE_SETTINGS and isinstance(value, str):
            resolved[name] = _setting_file(value, place, root)
    return resolved


def _setting_file(text: str, place: Sequence[Step], root: Located) -> str:
    """Return the absolute path of a file that a setting names; a trial, which works in its own folder, needs that."""
    path = _absolute(text, root.deepest(place))
    if path.is_file():
        return str(path)
    there = [str(Path(text).with_name(each.name)) for each in sorted(path.parent.glob(f"*{path.suffix}"))]
    expected = "a file that is there, relative to the suite's folder or absolute"
    raise root.error(place, found=repr(text), expected=expected, nearest=nearest_name(text, there))


def _absolute(text: str, place: Located) -> Path:
    """Return a path made absolute: from its file's folder, or from here when the command line gave it."""
    folder = Path.cwd() if place.file is None else place.file.parent
    return (folder / text).resolve()


def _neighbours(text: str, path: Path) -> list[str]:
    """Return the YAML files beside ``path``, spelled like ``text``."""
    given = Path(text)
    return [str(given.with_name(each.name)) for each in _yaml_files(path.parent)] if given.name else []


def _yaml_files(folder: Path) -> Iterable[Path]:
    """Return a folder's YAML files by name; none where there is no folder."""
    return sorted(each for each in folder.glob("*") if each.suffix in _SUFFIXES)
