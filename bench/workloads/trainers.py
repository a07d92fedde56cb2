"""The trainers that a suite may name: those of the user's project and those of installed packages."""

from __future__ import annotations

import inspect
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from bench.errors import InputError
from bench.project import Project
from bench.user_code import import_file
from bench.workloads.models import model_file

if TYPE_CHECKING:
    from ultralytics.models.yolo.detect import DetectionTrainer

ENTRY_POINT_GROUP = "bench.trainers"


def trainer_names(project: Project | None) -> tuple[str, ...]:
    """Return the names of all trainers there are, in order.

    Raises:
        InputError: the project calls a trainer by a name that an installed package has taken.
    """
    installed = _installed()
    own = project.trainers if project else {}
    for name in own:
        if name in installed:
            assert project is not None
            found = f"{name!r}, which is {installed[name].value} of an installed package"
            raise project.error(f"trainers.{name}", found, "another name")
    return tuple(sorted({*own, *installed}))


def load_trainer(name: str | None, project: Project | None) -> type[DetectionTrainer]:
    """Import a trainer; needs Ultralytics, so only processes of trials may call it.

    Args:
        name: as the suite names it; None for Ultralytics' own.
        project: the user's code, if there is any.

    Raises:
        InputError: it cannot be imported, or is no subclass of Ultralytics' DetectionTrainer.
    """
    from ultralytics.models.yolo.detect import DetectionTrainer

    if name is None:
        return cast("type[DetectionTrainer]", DetectionTrainer)
    expected = "a subclass of ultralytics.models.yolo.detect.DetectionTrainer"
    if project is not None and name in project.trainers:
        field = f"trainers.{name}"
        file, _, class_name = project.trainers[name].rpartition(":")
        found: Any = getattr(import_file(project, field, file), class_name, None)
        if not _is_trainer(found, DetectionTrainer):
            raise project.error(field, f"{class_name!r} of {file}, which is {_kind(found)}", expected)
        return cast("type[DetectionTrainer]", found)
    point = _installed().get(name)
    if point is None:
        raise InputError("workload.trainer", repr(name), "a trainer of the project or of an installed package")
    try:
        found = point.load()
    except Exception as error:
        raise InputError("workload.trainer", f"{point.value} ({type(error).__name__}: {error})", expected) from error
    if not _is_trainer(found, DetectionTrainer):
        raise InputError("workload.trainer", f"{point.value}, which is {_kind(found)}", expected)
    return cast("type[DetectionTrainer]", found)


def trainer_for(base: type[DetectionTrainer], model: str) -> type[DetectionTrainer]:
    """Return ``base``, or the one that a model's data and loss need where ``base`` is Ultralytics' plain one.

    Args:
        base: the trainer that the workload names, or Ultralytics' DetectionTrainer.
        model: the model's YAML, by a name that Ultralytics knows or by path.

    Raises:
        InputError: ``base`` is another's and cannot train the model, or the file is no model.
    """
    from ultralytics.models.rtdetr.train import RTDETRTrainer
    from ultralytics.models.yolo.detect import DetectionTrainer

    for_transformers = _has_rtdetr_decoder(model)
    if base is DetectionTrainer:
        return cast("type[DetectionTrainer]", RTDETRTrainer if for_transformers else base)
    if issubclass(base, RTDETRTrainer) == for_transformers:
        return base
    name = Path(model).name
    if for_transformers:
        found = f"{base.__name__}, which is no subclass of RTDETRTrainer"
        expected = f"a subclass of ultralytics.models.rtdetr.train.RTDETRTrainer, which {name} needs"
    else:
        found = f"{base.__name__}, which is a subclass of RTDETRTrainer"
        expected = f"a trainer that is none, since {name} has no RT-DETR decoder"
    raise InputError("workload.trainer", found, expected)


def _has_rtdetr_decoder(model: str) -> bool:
    """Return whether a model's last layer is RT-DETR's.

    Raises:
        InputError: the file is no model.
    """
    from ultralytics.nn.tasks import yaml_model_load

    try:
        layer: object = yaml_model_load(model)["head"][-1][2]
    except Exception as error:
        found = f"{model!r} ({type(error).__name__}: {error})"
        raise InputError("model", found, "a YAML of layers under backbone and head") from error
    return layer == "RTDETRDecoder"


def check_trainer(name: str | None, project: Project | None, model: str, root: Path) -> None:
    """Import what trials will import, in a process like theirs; ``root`` is only named where that process dies.

    Args:
        name: the trainer, as the suite names it; None for Ultralytics' own.
        project: the user's code, if there is any.
        model: the workload's model, as the suite names it.
        root: a folder.

    Raises:
        InputError: the trainer or an optimization of the project cannot be used, or not with the model.
    """
    from bench.optimizations.registry import registry

    registry(project)
    base = load_trainer(name, project)
    if name is not None:
        trainer_for(base, model_file(model))


def _installed() -> dict[str, EntryPoint]:
    """Return the trainers that installed packages bring, by name."""
    return {point.name: point for point in entry_points(group=ENTRY_POINT_GROUP)}


def _is_trainer(found: Any, base: type[DetectionTrainer]) -> bool:
    return inspect.isclass(found) and issubclass(found, base)


def _kind(found: Any) -> str:
    """Return what something is, in a word or two."""
    if inspect.isclass(found):
        return "a class of other bases"
    return "not there" if found is None else f"of type {type(found).__name__}"
