"""Changes to a suite from the command line: ``workload.batch=16``."""

from __future__ import annotations

from collections.abc import Mapping

from bench.errors import InputError
from bench.suite.yaml_lines import Located, dotted, found_text, read_yaml


def apply_overrides(root: Located, overrides: Mapping[str, str]) -> Located:
    """Return ``root`` with each override's YAML value at its dotted path; mappings on the way are made.

    Raises:
        InputError: a path is not dotted words or leads through a value that is no mapping, or a value is
            not YAML. It names the field and no file.
    """
    for path, text in overrides.items():
        keys = path.split(".")
        if not all(keys):
            raise InputError(path, repr(path), "a dotted path such as workload.batch")
        if keys[0] == "extend":
            raise InputError(path, repr(path), "extend to be said in the suite's file")
        root = _put(root, keys, read_yaml(text, None, field=path), done=())
    return root


def _put(here: Located, keys: list[str], value: Located, done: tuple[str, ...]) -> Located:
    """Return ``here`` with ``value`` at ``keys`` below it; ``done`` are the keys that led here."""
    if not isinstance(here.value, Mapping):
        place = dotted(done)
        raise InputError(dotted([*done, *keys]), f"{found_text(here)} at {place}", f"a mapping at {place}")
    key, *rest = keys
    entries = dict(here.value)
    if rest:
        below = entries.get(key, Located({}, None, None))
        value = _put(below, rest, value, (*done, key))
    return Located({**entries, key: value}, here.file, here.line)
