"""YAML 1.2 as plain data that remembers the file and line of every value.

Only the YAML library's parser is used and none of its constructors, so no tag in a file can build or
run anything. Plain words follow the core schema of YAML 1.2: ``off``, ``yes`` and ``1:30`` are words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import JsonValue
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from bench.errors import InputError

Scalar = str | int | float | bool | None
Step = str | int

MAX_DEPTH = 50
"""Deepest nesting that is read; an alias inside its own anchor would have no end."""
MAX_VALUES = 20_000
"""Most values that are read; nested aliases could multiply without end."""

_SHOWN = 60
"""Characters of a wrong value that a message repeats."""

_TAG = "tag:yaml.org,2002:"
_WORDS = {_TAG + name for name in ("str", "timestamp", "merge", "value", "null", "bool", "int", "float")}
_NULL = {"", "~", "null", "Null", "NULL"}
_TRUE = {"true", "True", "TRUE"}
_FALSE = {"false", "False", "FALSE"}
_DECIMAL = re.compile(r"[-+]?[0-9]{1,18}")
_BASED = re.compile(r"0o[0-7]{1,18}|0x[0-9a-fA-F]{1,15}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?")


@dataclass(frozen=True)
class Located:
    """A value and the place it was written at.

    Attributes:
        value: a scalar, or the located parts of a list or a mapping.
        file: the file it came from; None for the command line.
        line: 1-based line of its key, of its own start where it has no key, or None without a file.
    """

    value: Scalar | tuple[Located, ...] | Mapping[str, Located]
    file: Path | None
    line: int | None

    def plain(self) -> JsonValue:
        """Return the value as plain data, without places."""
        if isinstance(self.value, Mapping):
            return {key: part.plain() for key, part in self.value.items()}
        if isinstance(self.value, tuple):
            return [part.plain() for part in self.value]
        return self.value

    def child(self, step: Step) -> Located | None:
        """Return the part under a key or an index, or None where there is none."""
        if isinstance(self.value, Mapping) and isinstance(step, str):
            return self.value.get(step)
        if isinstance(self.value, tuple) and isinstance(step, int) and step < len(self.value):
            return self.value[step]
        return None

    def deepest(self, path: Sequence[Step]) -> Located:
        """Return the last value on ``path`` that is really there."""
        here = self
        for step in path:
            part = here.child(step)
            if part is None:
                break
            here = part
        return here

    def error(self, path: Sequence[Step], *, found: str, expected: str, nearest: str | None = None) -> InputError:
        """Return the error for the value at ``path`` below this one, with its file and line."""
        place = self.deepest(path)
        return InputError(dotted(path), found, expected, nearest, place.file, place.line)


def dotted(path: Sequence[Step]) -> str:
    """Return a path as errors name it: ``axes.precision[1]``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def found_text(place: Located) -> str:
    """Return a value as a message repeats it: words quoted, an empty value as nothing, long ones cut."""
    plain = place.plain()
    if plain is None:
        return "nothing"
    text = repr(plain) if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def read_yaml(text: str, file: Path | None, field: str = "") -> Located:
    """Read one YAML document.

    Args:
        text: the document.
        file: where it came from; None for the command line, whose values have no lines.
        field: where in the suite the document's values go; for messages.

    Raises:
        InputError: not YAML, a key twice, a tag, a number that JSON cannot hold, or nested without end.
    """
    try:
        root = YAML(typ="safe", pure=True).compose(text)
        return _Reader(file, field).document(root)
    except (YAMLError, RecursionError) as error:
        if file is None:
            raise InputError(field, _problem(error), "a YAML 1.2 value") from None
        raise InputError(field, _problem(error), "a YAML 1.2 document", None, file, _line(error, text)) from None


def _problem(error: Exception) -> str:
    """Return what the YAML library says is wrong, in one line."""
    if isinstance(error, RecursionError):
        return f"values nested deeper than {MAX_DEPTH}"
    parts = [getattr(error, name, None) for name in ("context", "problem", "reason")]
    return ", ".join(str(part) for part in parts if part) or type(error).__name__


def _line(error: Exception, text: str) -> int | None:
    """Return the 1-based line a YAML error points at."""
    if isinstance(error, MarkedYAMLError) and error.problem_mark is not None:
        return int(error.problem_mark.line) + 1
    if isinstance(error, ReaderError):
        return text.count("\n", 0, error.position) + 1
    return None


class _Reader:
    """Turns the parser's nodes into located values."""

    def __init__(self, file: Path | None, field: str) -> None:
        self.file = file
        self.field = field
        self.count = 0

    def document(self, root: Any) -> Located:
        """Return the whole document; an empty one is a null on line 1."""
        if root is None:
            return Located(None, self.file, None if self.file is None else 1)
        return self.value(root, ())

    def value(self, node: Any, path: tuple[Step, ...]) -> Located:
        """Return a node and all below it."""
        self.count += 1
        if len(path) > MAX_DEPTH:
            raise self.error(node, path[:3], f"values nested deeper than {MAX_DEPTH}", "fewer levels")
        if self.count > MAX_VALUES:
            raise self.error(node, path, f"more than {MAX_VALUES} values", "a smaller file")
        line = self.line(node)
        tag = str(node.tag)
        if node.id == "mapping" and tag == _TAG + "map":
            return Located(self.mapping(node, path), self.file, line)
        if node.id == "sequence" and tag == _TAG + "seq":
            parts = tuple(self.value(part, (*path, index)) for index, part in enumerate(node.value))
            return Located(parts, self.file, line)
        if node.id == "scalar" and tag in _WORDS:
            return Located(self.scalar(node, path), self.file, line)
        raise self.error(node, path, f"the tag {tag.replace(_TAG, '!!')}", "plain values without tags")

    def mapping(self, node: Any, path: tuple[Step, ...]) -> dict[str, Located]:
        """Return a mapping's entries, each on the line of its key; a key may be there once."""
        entries: dict[str, Located] = {}
        for key_node, value_node in node.value:
            if key_node.id != "scalar" or str(key_node.tag) not in _WORDS:
                raise self.error(key_node, path, "a key that is not a word", "a word before the colon")
            key = str(key_node.value)
            if key in entries:
                first = "" if self.file is None else f" (first on line {entries[key].line})"
                raise self.error(key_node, (*path, key), f"{key!r} a second time{first}", "every key once")
            entries[key] = replace(self.value(value_node, (*path, key)), line=self.line(key_node))
        return entries

    def scalar(self, node: Any, path: tuple[Step, ...]) -> Scalar:
        """Return a scalar by the core schema of YAML 1.2; a quoted one, or one tagged so, is text."""
        text = str(node.value)
        if "\0" in text:
            raise self.error(node, path, repr(text), "text without NUL characters")
        if node.style is not None or node.tag == _TAG + "str":
            return text
        if text in _NULL:
            return None
        if text in _TRUE | _FALSE:
            return text in _TRUE
        if _DECIMAL.fullmatch(text):
            return int(text)
        if _BASED.fullmatch(text):
            return int(text, 0)
        if _FLOAT.fullmatch(text):
            return self.finite(float(text), node, path)
        if node.tag == _TAG + "float" and text.lower().lstrip("+-") in {".inf", ".nan"}:
            return self.finite(float(text.replace(".", "", 1)), node, path)
        return text

    def finite(self, number: float, node: Any, path: tuple[Step, ...]) -> float:
        """Return a number that JSON can hold."""
        if number - number != 0:
            raise self.error(node, path, node.value, "a finite number")
        return number

    def line(self, node: Any) -> int | None:
        """Return the 1-based line a node starts on, or None without a file."""
        return None if self.file is None else int(node.start_mark.line) + 1

    def error(self, node: Any, path: tuple[Step, ...], found: str, expected: str) -> InputError:
        """Return an error about a node."""
        field = ".".join(part for part in (self.field, dotted(path)) if part)
        return InputError(field, found, expected, file=self.file, line=self.line(node))
