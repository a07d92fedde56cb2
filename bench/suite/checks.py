"""What a suite's values mean: axes and levels are known, rules are about them, files are there.

Each check takes the typed suite and the located one it came from, and returns the part it checked in its
resolved form: levels as their optimization spells them, paths absolute.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bench.errors import InputError, nearest_name
from bench.optimizations.registry import Registry
from bench.suite.combination import canonical, level_text
from bench.suite.constraints import conflicting, matches
from bench.suite.files import check_data, check_model, check_settings, check_trainer_name
from bench.suite.model import Exclusion, Level, Suite
from bench.suite.yaml_lines import Located, Step

MAX_COMBINATIONS = 10_000
"""Most combinations of a full design; more could not be measured and would only fill the memory."""

MODEL = "model"
"""The axis whose levels are what ``workload.model`` may be."""

Axes = Mapping[str, tuple[Level, ...]]


def check(suite: Suite, root: Located, known: Registry, trainers: Sequence[str]) -> Suite:
    """Return the suite in its resolved form.

    Raises:
        InputError: something in it has no meaning; the first mistake, axes before what is built on them.
    """
    axes = _check_axes(suite, root, known)
    design = suite.design
    if not isinstance(design, str):
        design = tuple(_check_levels(each, ("design", i), axes, root, known) for i, each in enumerate(design))
    elif design == "full":
        _check_size(axes, root)
    exclude = tuple(
        rule.model_copy(update={"when": _check_levels(rule.when, ("exclude", i, "when"), axes, root, known)})
        for i, rule in enumerate(suite.exclude)
    )
    _check_baseline(axes, exclude, root, known)
    _check_something_decides(suite, root)
    settings = check_settings(suite.workload.settings, root)
    check_trainer_name(suite.workload.trainer, trainers, root)
    model = check_model(suite.workload.model, ("workload", "model"), root)
    data = check_data(suite.workload.data, root)
    _check_first_model(axes, model, root)
    workload = suite.workload.model_copy(update={"model": model, "data": data, "settings": settings})
    return suite.model_copy(update={"axes": axes, "design": design, "exclude": exclude, "workload": workload})


def _check_axes(suite: Suite, root: Located, known: Registry) -> dict[str, tuple[Level, ...]]:
    """Return the axes with their levels as their optimizations spell them, each level once."""
    axes: dict[str, tuple[Level, ...]] = {}
    for axis, raw_levels in suite.axes.items():
        levels: dict[str, Level] = {}
        for index, raw in enumerate(raw_levels):
            level = _parse(raw, axis, ("axes", axis, index), root, known)
            if canonical(level) in levels:
                found = f"{level_text(level)} a second time"
                raise root.error(("axes", axis, index), found=found, expected="every level once")
            levels[canonical(level)] = level
        axes[axis] = tuple(levels.values())
    return axes


def _parse(raw: Level, axis: str, path: Sequence[Step], root: Located, known: Registry) -> Level:
    """Return a level as its optimization spells it; a model's path is relative to the suite, as the workload's is."""
    if axis == MODEL and isinstance(raw, str):
        raw = check_model(raw, path, root)
    try:
        optimization = known[axis]
    except InputError as error:
        raise _placed(error, ("axes", axis), root) from None
    try:
        return optimization.parse(raw)
    except InputError as error:
        raise _placed(error, path, root) from None


def _placed(error: InputError, path: Sequence[Step], root: Located) -> InputError:
    """Return an optimization's error with the field, file and line of what it is about."""
    place = root.error(path, found=error.found, expected=error.expected)
    return replace(error, field=place.field, file=place.file, line=place.line)


def _check_levels(
    raw: Mapping[str, Level], path: tuple[Step, ...], axes: Axes, root: Located, known: Registry
) -> dict[str, Level]:
    """Return a rule's or an explicit combination's levels; they must be levels of the suite's axes."""
    levels: dict[str, Level] = {}
    for axis, raw_level in raw.items():
        here = (*path, axis)
        if axis not in axes:
            expected = "one of the suite's axes: " + ", ".join(axes)
            raise root.error(here, found=repr(axis), expected=expected, nearest=nearest_name(axis, axes))
        level = _parse(raw_level, axis, here, root, known)
        if canonical(level) not in map(canonical, axes[axis]):
            names = [level_text(each) for each in axes[axis]]
            raise root.error(
                here,
                found=level_text(level),
                expected=f"one of this suite's levels of {axis}: " + ", ".join(names),
                nearest=nearest_name(level_text(level), names),
            )
        levels[axis] = level
    return levels


def _check_first_model(axes: Axes, model: str, root: Located) -> None:
    """Refuse a baseline that trains another model than the workload, which then nothing would train."""
    levels = axes.get(MODEL, ())
    if levels and levels[0] != model:
        expected = f"{model}, the workload's model, first"
        raise root.error(("axes", MODEL, 0), found=repr(levels[0]), expected=expected)


def _check_size(axes: Axes, root: Located) -> None:
    """Refuse a full design that multiplies beyond all measuring."""
    size = math.prod(len(levels) for levels in axes.values())
    if size > MAX_COMBINATIONS:
        raise root.error(
            ("design",),
            found=f"a full design of {size} combinations",
            expected=f"at most {MAX_COMBINATIONS}, or another design",
            nearest="pairwise",
        )


def _check_something_decides(suite: Suite, root: Located) -> None:
    """Refuse to let learning decide who is faster."""
    if suite.measure[0] == "learning" and "epoch" not in suite.measure:
        expected = "another measurement first, or epoch among them: learning stands beside a speed"
        raise root.error(("measure", 0), found="'learning'", expected=expected)


def _check_baseline(axes: Axes, exclude: tuple[Exclusion, ...], root: Located, known: Registry) -> None:
    """Refuse what rules the baseline out, since everything is compared with it."""
    baseline = {axis: levels[0] for axis, levels in axes.items()}
    for index, rule in enumerate(exclude):
        if matches(rule.when, baseline):
            levels = ", ".join(f"{axis}={level_text(level)}" for axis, level in rule.when.items())
            raise root.error(
                ("exclude", index, "when"),
                found=f"the baseline ({levels})",
                expected="a rule that leaves the baseline, the first level of every axis, in",
            )
    obstacle = conflicting(baseline, known)
    if obstacle is not None:
        raise root.error(
            ("axes", obstacle.axis, 0),
            found=f"{level_text(baseline[obstacle.axis])} in the baseline",
            expected=f"first levels that go together ({obstacle.reason})",
        )
