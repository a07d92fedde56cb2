from __future__ import annotations

from pathlib import Path

import pytest

from bench.errors import InputError
from bench.suite.yaml_lines import Located, dotted, read_yaml

FILE = Path("some.yaml")


def read(text: str) -> Located:
    return read_yaml(text, FILE)


def error_of(text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        read(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("off", "off"),
        ("yes", "yes"),
        ("No", "No"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("8", 8),
        ("-3", -3),
        ("012", 12),
        ("0o14", 12),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("1e-3", 0.001),
        (".5", 0.5),
        ("2.", 2.0),
        ("1:30", "1:30"),
        ("2026-01-31", "2026-01-31"),
        ("'true'", "true"),
        ('"8"', "8"),
        ("!!str 8", "8"),
        ("2%", "2%"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_words_follow_the_core_schema_of_yaml_1_2(text: str, value: object) -> None:
    read_back = read(f"key: {text}").plain()
    assert read_back == {"key": value}
    assert type(read_back["key"]) is type(value)  # True == 1


def test_a_directive_for_yaml_1_1_makes_no_booleans_of_words() -> None:
    assert read("%YAML 1.1\n---\na: off\nb: 1:30\n").plain() == {"a": "off", "b": "1:30"}


def test_every_value_knows_its_line() -> None:
    root = read("# one\na:\n  b: 1\n  c:\n    - x\n    - {d: 2}\ne: [3,\n  4]\n")
    lines = {
        ("a",): 2,
        ("a", "b"): 3,
        ("a", "c"): 4,
        ("a", "c", 0): 5,
        ("a", "c", 1, "d"): 6,
        ("e",): 7,
        ("e", 1): 8,
    }
    assert {path: root.deepest(path).line for path in lines} == lines
    assert {root.deepest(path).file for path in lines} == {FILE}


def test_what_is_not_there_is_placed_at_what_is() -> None:
    error = read("a:\n  b: 1\n").error(("a", "c", "d"), found="nothing", expected="something")
    assert (error.file, error.line, error.field) == (FILE, 1, "a.c.d")


def test_a_key_may_be_there_once() -> None:
    error = error_of("axes:\n  precision: [a]\n  compile: [b]\n  precision: [c]\n")
    assert (error.file, error.line, error.field) == (FILE, 4, "axes.precision")
    assert error.found == "'precision' a second time (first on line 2)"
    assert error.expected == "every key once"


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system", "!include", "!!set", "!!binary"])
def test_tags_are_refused(tag: str) -> None:
    error = error_of(f"a: 1\nb:\n  - {tag} x\n")
    assert (error.line, error.field) == (3, "b[0]")
    assert tag.removeprefix("!") in error.found
    assert "without tags" in error.expected


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: [2\nc: 3\n", 3),
        ("a: 1\n\tb: 2\n", 2),
        ("a: 1\nb: *nowhere\n", 2),
        ("a: 1\nb: \x01\n", 2),
        ("a: 1\n---\nb: 2\n", 2),
    ],
)
def test_a_syntax_error_has_its_line(text: str, line: int) -> None:
    error = error_of(text)
    assert (error.file, error.line) == (FILE, line)
    assert error.expected == "a YAML 1.2 document"


def test_an_alias_repeats_a_value() -> None:
    assert read("a: &x [1, 2]\nb: *x\n").plain() == {"a": [1, 2], "b": [1, 2]}


def test_aliases_cannot_multiply_without_end() -> None:
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    assert "more than" in error_of("\n".join(lines)).found


@pytest.mark.parametrize("text", ["a: &x\n  b: *x\n", "a: " + "[" * 60 + "]" * 60, "[" * 1000])
def test_nesting_has_an_end(text: str) -> None:
    assert "deeper than 50" in error_of(text).found


@pytest.mark.parametrize("number", [".inf", "-.inf", ".nan", "1e999"])
def test_numbers_are_finite(number: str) -> None:
    error = error_of(f"a: {number}\n")
    assert (error.field, error.line, error.expected) == ("a", 1, "a finite number")


def test_no_nul_gets_into_a_path() -> None:
    assert error_of('a: "x\\0y"\n').field == "a"


def test_a_value_of_the_command_line_has_no_line() -> None:
    assert read_yaml("[1, 2]", None) == Located((Located(1, None, None), Located(2, None, None)), None, None)
    with pytest.raises(InputError) as caught:
        read_yaml("[1", None, field="axes.x")
    assert (caught.value.file, caught.value.line, caught.value.field) == (None, None, "axes.x")


def test_paths_are_dotted() -> None:
    assert dotted(("axes", "precision", 1)) == "axes.precision[1]"
    assert dotted(()) == ""
