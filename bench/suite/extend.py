"""A suite's file and all it extends, merged, with every value still knowing where it was written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bench.errors import InputError, nearest_name
from bench.suite.yaml_lines import Located, Step, found_text, read_yaml

OWN_KEYS = ("name", "description")
"""What a suite does not take over from the one it extends: runs of both must not share a folder."""


def read_suite_file(path: Path) -> Located:
    """Read a suite's file and merge it over the suites it extends.

    Returns:
        the merged mapping, without ``extend``; the root's file and line are those of ``path``.

    Raises:
        InputError: a file is missing or not a YAML mapping, or suites extend each other in a circle.
    """
    return _read(path, ())


def extended_files(path: Path) -> tuple[Path, ...]:
    """Return the files of the suites that the one in ``path`` extends, the nearest first.

    Raises:
        InputError: as ``read_suite_file`` does.
    """
    read_suite_file(path)  # refuses what could not be followed
    files: list[Path] = []
    while True:
        suite = read_yaml(_text(path), path).value
        if not isinstance(suite, Mapping) or "extend" not in suite:
            return tuple(files)
        path = path.parent / str(suite["extend"].value)
        files.append(path)


def merge(base: Located, child: Located, path: tuple[Step, ...] = ()) -> Located:
    """Return ``base`` with ``child`` laid over it: mappings merge, a child's scalars and lists win."""
    if not isinstance(base.value, Mapping) or not isinstance(child.value, Mapping):
        return child
    if _alternatives(path, base.value, child.value):
        return child
    merged = dict(base.value)
    for key, part in child.value.items():
        merged[key] = merge(merged[key], part, (*path, key)) if key in merged else part
    return Located(merged, child.file, child.line)


def _alternatives(path: tuple[Step, ...], base: Mapping[str, Located], child: Mapping[str, Located]) -> bool:
    """Return whether two mappings are choices whose parts do not mix: other data, or another limit."""
    kinds = [part["kind"].value for part in (base, child) if "kind" in part]
    return path == ("budget",) or (path == ("workload", "data") and len(set(kinds)) > 1)


def _read(path: Path, below: tuple[Path, ...]) -> Located:
    """Read ``path``, extended by the suites ``below``, the outermost first."""
    root = read_yaml(_text(path), path)
    if not isinstance(root.value, Mapping):
        raise root.error((), found=found_text(root), expected="a mapping with workload and axes")
    own = dict(root.value)
    target = own.pop("extend", None)
    suite = Located(own, path, root.line)
    return suite if target is None else merge(_base(path, target, below), suite)


def _base(path: Path, target: Located, below: tuple[Path, ...]) -> Located:
    """Read the suite that ``path`` extends, without what a suite keeps to itself."""
    if not isinstance(target.value, str) or not target.value:
        raise _extend_error(target, found=repr(target.plain()), expected="the path of another suite")
    base_path = path.parent / target.value
    chain = (*below, path)
    if base_path.resolve() in {each.resolve() for each in chain}:
        circle = " -> ".join(each.name for each in (*chain, base_path))
        raise _extend_error(
            target, found=repr(target.value), expected=f"a suite that does not extend this one ({circle})"
        )
    if not base_path.is_file():
        nearest = _neighbour(target.value, base_path.parent)
        raise _extend_error(target, found=repr(target.value), expected="a suite's file that is there", nearest=nearest)
    base = _read(base_path, chain)
    assert isinstance(base.value, Mapping)
    kept = {key: part for key, part in base.value.items() if key not in OWN_KEYS}
    return Located(kept, base.file, base.line)


def _extend_error(target: Located, *, found: str, expected: str, nearest: str | None = None) -> InputError:
    """Return the error about an ``extend`` line."""
    return InputError("extend", found, expected, nearest, target.file, target.line)


def _text(path: Path) -> str:
    """Return a suite file's text.

    Raises:
        InputError: it is not there, not a file, not readable or not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InputError("", "bytes that are not UTF-8", "a YAML 1.2 document in UTF-8", file=path) from None
    except OSError as error:
        found = f"nothing to read ({error.strerror or type(error).__name__})"
        raise InputError("", found, "a suite's file", _neighbour(str(path), path.parent), path) from None


def _neighbour(text: str, folder: Path) -> str | None:
    """Return the path most like ``text`` of a YAML file in ``folder``, which is where ``text`` leads."""
    name = nearest_name(Path(text).name, sorted(each.name for each in folder.glob("*.y*ml")))
    return name and str(Path(text).with_name(name))
