"""The one place where optimizations are found: this package's modules, installed entry points, the user's project."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from graphlib import TopologicalSorter
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

import bench.optimizations
from bench.errors import InputError, nearest_name
from bench.optimizations.base import Optimization
from bench.project import Project
from bench.user_code import import_file

ENTRY_POINT_GROUP = "bench.optimizations"


class Registry(Mapping[str, type[Optimization]]):
    """Optimizations by name, in order of name; a duplicate fails at once, a missing one names the nearest."""

    def __init__(self, found: Iterable[type[Optimization]]) -> None:
        self._by_name: dict[str, type[Optimization]] = {}
        for optimization in sorted(found, key=lambda each: each.name):
            if optimization.name in self._by_name:
                other = self._by_name[optimization.name]
                raise ValueError(
                    f"optimization {optimization.name!r} is defined by {other.__module__} and {optimization.__module__}"
                )
            self._by_name[optimization.name] = optimization

    def __getitem__(self, name: str) -> type[Optimization]:
        """Return the optimization called ``name``.

        Raises:
            InputError: there is none of that name.
        """
        try:
            return self._by_name[name]
        except KeyError:
            raise InputError(
                field="axes",
                found=repr(name),
                expected="an optimization",
                nearest=nearest_name(name, self._by_name),
            ) from None

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)


def registry(project: Project | None = None) -> Registry:
    """Return every optimization that is installed, and those of the user's project; each is found once.

    Raises:
        InputError: a file of the project cannot be imported, defines no optimization, or one of a name that is taken.
    """
    if project is None:
        return _installed()
    key = (project.root, project.optimizations)
    if key not in _of_projects:
        _of_projects[key] = Registry([*_installed().values(), *_of(project)])
    return _of_projects[key]


_of_projects: dict[tuple[Path, tuple[str, ...]], Registry] = {}


def _of(project: Project) -> Iterator[type[Optimization]]:
    """Yield the optimizations of a project's files."""
    taken = {name: each.__module__ for name, each in _installed().items()}
    for index, file in enumerate(project.optimizations):
        field = f"optimizations[{index}]"
        found = list(_defined_in(import_file(project, field, file)))
        if not found:
            expected = "a subclass of bench.optimizations.base.Optimization with a name in it"
            raise project.error(field, f"{file!r}, which defines no optimization", expected)
        for each in found:
            if each.name in taken:
                defined = f"{file!r}, whose {each.__name__} is called {each.name!r} as that of {taken[each.name]} is"
                raise project.error(field, defined, "a name that no other optimization has")
            taken[each.name] = each.__module__
            yield each


@cache
def _installed() -> Registry:
    found = [each for module in _modules() for each in _defined_in(importlib.import_module(module))]
    found += [point.load() for point in entry_points(group=ENTRY_POINT_GROUP)]
    return Registry(found)


def application_order(names: Iterable[str], known: Mapping[str, type[Optimization]]) -> tuple[str, ...]:
    """Return ``names`` so that each comes after all it has to be applied after, else by name.

    Raises:
        graphlib.CycleError: two optimizations want to be applied after each other.
    """
    chosen = sorted(names)
    sorter = TopologicalSorter({name: [] for name in chosen})
    for name in chosen:
        sorter.add(name, *(earlier for earlier in known[name].applied_after if earlier in chosen))
    sorter.prepare()
    order: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        order += ready
        sorter.done(*ready)
    return tuple(order)


def _modules() -> Iterator[str]:
    """Yield the names of the modules beside this one."""
    for info in pkgutil.iter_modules(bench.optimizations.__path__):
        yield f"{bench.optimizations.__name__}.{info.name}"


def _defined_in(module: ModuleType) -> Iterator[type[Optimization]]:
    """Yield the optimizations that a module itself defines."""
    for value in vars(module).values():
        if (
            inspect.isclass(value)
            and issubclass(value, Optimization)
            and value.__module__ == module.__name__
            and hasattr(value, "name")
        ):
            yield value
