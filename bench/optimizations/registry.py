"""The one place where optimizations are found: this package's modules and installed entry points."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from graphlib import TopologicalSorter
from importlib.metadata import entry_points

import bench.optimizations
from bench.errors import InputError, nearest_name
from bench.optimizations.base import Optimization

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


@cache
def registry() -> Registry:
    """Return every optimization that is installed, found once."""
    found = [each for module in _modules() for each in _defined_in(module)]
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


def _defined_in(module: str) -> Iterator[type[Optimization]]:
    """Yield the optimizations that a module itself defines."""
    for value in vars(importlib.import_module(module)).values():
        if (
            inspect.isclass(value)
            and issubclass(value, Optimization)
            and value.__module__ == module
            and hasattr(value, "name")
        ):
            yield value
