"""The typed model applied to a suite, and its many complaints turned into one error a person can act on."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from bench.errors import InputError, nearest_name
from bench.suite.model import Model, Suite
from bench.suite.yaml_lines import Located, Step, found_text

_KINDS = {
    "int_type": "a whole number",
    "float_type": "a number",
    "string_type": "text",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}


@dataclass(frozen=True)
class _Mistake:
    """One complaint of the model: what it is about, how early to show it, and the error for it."""

    path: tuple[Step, ...]
    rank: tuple[int, int]
    error: InputError


def validate(root: Located, optimizations: Collection[str]) -> Suite:
    """Return the typed suite; nothing is converted silently, so ``batch: true`` is a mistake.

    Args:
        root: the merged suite.
        optimizations: names an axis may have.

    Raises:
        InputError: the most telling of the mistakes: an unknown key before a wrong value before a
            missing one, and among equals the first in the file.
    """
    try:
        # JSON mode, because its strictness still lets a list be a tuple and text be a path.
        return Suite.model_validate_json(json.dumps(root.plain()), strict=True)
    except ValidationError as error:
        mistakes = [_mistake(each, root, optimizations) for each in error.errors(include_url=False)]
        # A list whose only entry is wrong is also called too short; the entry says more.
        around = {mistake.path[:depth] for mistake in mistakes for depth in range(len(mistake.path))}
        innermost = [mistake for mistake in mistakes if mistake.path not in around]
        raise min(innermost, key=lambda mistake: mistake.rank).error from None


def _mistake(detail: ErrorDetails, root: Located, optimizations: Collection[str]) -> _Mistake:
    """Translate one complaint."""
    kind = detail["type"]
    path = _path(detail, root)
    place = root.deepest(path)
    line = place.line or 0
    if kind == "extra_forbidden" or detail["loc"][-1] == "[key]":
        known = [*_keys(root, path[:-1])] or [*optimizations]
        return _Mistake(path, (0, line), _unknown_key(root, path, known))
    if kind == "missing":
        expected = _description(root, path) or "a value"
        return _Mistake(path, (2, line), root.error(path, found="nothing", expected=expected))
    names = _names(detail) or _examples(root, path)
    nearest = nearest_name(str(place.plain()), names)
    found = "nothing" if kind == "union_tag_not_found" else found_text(place)
    error = root.error(path, found=found, expected=_expected(detail, root, path), nearest=nearest)
    return _Mistake(path, (1, line), error)


def _path(detail: ErrorDetails, root: Located) -> tuple[Step, ...]:
    """Return where a complaint lies, without the names of union members that the model puts in."""
    steps = detail["loc"]
    last = steps[-1:] if detail["type"] == "missing" else ()
    path: tuple[Step, ...] = ()
    for step in steps[: len(steps) - len(last)]:
        if root.deepest(path).child(step) is not None:
            path = (*path, step)
    if detail["type"] in {"union_tag_invalid", "union_tag_not_found"}:
        last = (str((detail.get("ctx") or {})["discriminator"]).strip("'"),)
    return (*path, *last)


def _unknown_key(root: Located, path: tuple[Step, ...], known: Sequence[str]) -> InputError:
    """Return the error for a key that means nothing where it stands."""
    key = str(path[-1])
    expected = "one of " + ", ".join(known)
    return root.error(path, found=repr(key), expected=expected, nearest=nearest_name(key, known))


def _expected(detail: ErrorDetails, root: Located, path: tuple[Step, ...]) -> str:
    """Return what the model wanted, with the field's own description."""
    if detail["type"] == "value_error":
        return str((detail.get("ctx") or {})["error"])
    names = _names(detail) or _member_names(detail, root, path)
    description = _description(root, path)
    if detail["type"] == "too_short":
        said = "at least one entry"
    elif detail["type"] == "string_pattern_mismatch" and description:
        return description
    elif names:
        said = "one of " + ", ".join(names)
    else:
        said = _KINDS.get(detail["type"]) or _sentence(detail["msg"])
    return f"{said} ({description})" if description else said


def _sentence(message: str) -> str:
    """Return the model's own message as the end of "expected …"."""
    return "a value " + re.sub(r"^(Input|String|Value) should (be )?", "", message)


def _names(detail: ErrorDetails) -> list[str]:
    """Return the names that a complaint lists as valid."""
    context = detail.get("ctx") or {}
    listed = context.get("expected_tags") or context.get("expected") or ""
    return re.findall(r"'([^']*)'", str(listed))


def _member_names(detail: ErrorDetails, root: Located, path: Sequence[Step]) -> list[str]:
    """Return the kinds of a union that a value without a kind could have been of."""
    field = _field(root, path[:-1]) if detail["type"] == "union_tag_not_found" else None
    return [str(each.model_fields["kind"].default) for each in _models_in(field.annotation)] if field else []


def _models_along(root: Located, path: Sequence[Step]) -> Iterator[tuple[type[Model] | None, Step]]:
    """Yield each step of a path with the model it is a field of, or None inside free mappings."""
    model: type[Model] | None = Suite
    here: Located | None = root
    for step in path:
        if isinstance(step, int):
            here = here.child(step) if here else None
            continue
        yield model, step
        here = here.child(step) if here else None
        info = model.model_fields.get(step) if model else None
        model = _member(_models_in(info.annotation), here) if info else None


def _models_in(*annotations: Any) -> list[type[Model]]:
    """Return the models that annotations speak of, however they are wrapped."""
    found: list[type[Model]] = []
    for annotation in annotations:
        if inspect.isclass(annotation) and issubclass(annotation, Model):
            found.append(annotation)
        else:
            found += _models_in(*get_args(annotation))
    return found


def _member(models: Sequence[type[Model]], here: Located | None) -> type[Model] | None:
    """Return the model that a value is to be read as: the only one, or the one of its ``kind``."""
    if len(models) < 2 or here is None:
        return next(iter(models), None)
    kind = here.child("kind")
    name = None if kind is None else kind.value
    return next((each for each in models if each.model_fields["kind"].default == name), None)


def _keys(root: Located, path: Sequence[Step]) -> tuple[str, ...]:
    """Return the keys that a mapping at ``path`` may have; none where it is free."""
    *_, (model, _) = _models_along(root, (*path, ""))
    if model is None:
        return ()
    return (*model.model_fields, "extend") if model is Suite else tuple(model.model_fields)


def _field(root: Located, path: Sequence[Step]) -> FieldInfo | None:
    """Return the model's field that ``path`` ends at, or None."""
    if not path or isinstance(path[-1], int):
        return None
    *_, (model, name) = _models_along(root, path)
    return model.model_fields.get(str(name)) if model else None


def _description(root: Located, path: Sequence[Step]) -> str:
    """Return how the model describes the field at ``path``, or else the nearest one around it."""
    while path:
        field = _field(root, path)
        if field and field.description:
            return str(field.description)
        path = path[:-1]
    return ""


def _examples(root: Located, path: Sequence[Step]) -> list[str]:
    """Return the field's example values."""
    field = _field(root, path)
    return [str(each) for each in field.examples or []] if field else []
