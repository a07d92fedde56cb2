"""Every mistake in a suite is one error: file, line, field, found, expected, nearest."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from bench.errors import InputError
from bench.optimizations.registry import Registry
from bench.suite.load import load_suite, suite_from_json

Write = Callable[..., Path]


def error_of(path: Path, known: Registry, overrides: Mapping[str, str] | None = None) -> InputError:
    before = sorted(path.parent.rglob("*"))
    with pytest.raises(InputError) as caught:
        load_suite(path, overrides or {}, known)
    assert sorted(path.parent.rglob("*")) == before, "bad input must create nothing"
    assert caught.value.exit_code == 2
    return caught.value


def suite_with(workload: str = "model: yolo26n.yaml", rest: str = "", axes: str = "compile: [off, default]") -> str:
    """A suite with workload on line 2, axes on line 4 and ``rest`` from line 5 on."""
    return f"workload:\n  {workload}\naxes:\n  {axes}\n{textwrap.dedent(rest)}"


# columns: what is wrong, the suite, its line, the field, found, expected (a part of it), nearest
MISTAKES = [
    (
        "unknown key at the root",
        suite_with(rest="desing: full\n"),
        5,
        "desing",
        "'desing'",
        "design",
        "design",
    ),
    (
        "unknown key in the workload",
        suite_with("{model: yolo26n.yaml,\n   batchsize: 8}"),
        3,
        "workload.batchsize",
        "'batchsize'",
        "one of model, data, image_size, batch",
        "batch",
    ),
    (
        "unknown key in the data",
        suite_with("{model: yolo26n.yaml, data: {kind: trees, tiles: 128}}"),
        2,
        "workload.data.tiles",
        "'tiles'",
        "one of kind, tile",
        "tile",
    ),
    (
        "an unknown key explains a missing one",
        suite_with("modle: yolo26n.yaml"),
        2,
        "workload.modle",
        "'modle'",
        "one of model,",
        "model",
    ),
    (
        "missing key",
        suite_with("batch: 8"),
        1,
        "workload.model",
        "nothing",
        "an Ultralytics model YAML",
        None,
    ),
    (
        "an axis that no optimization has",
        suite_with(axes="compiled: [off]"),
        4,
        "axes.compiled",
        "'compiled'",
        "an optimization",
        "compile",
    ),
    (
        "an axis that cannot be a name",
        suite_with(axes="Compile: [off]"),
        4,
        "axes.Compile",
        "'Compile'",
        "one of compile, precision, workers",
        "compile",
    ),
    (
        "a level that does not exist",
        suite_with(axes="precision:\n    - fp32\n    - bf15\n"),
        6,
        "axes.precision[1]",
        "'bf15'",
        "one of fp32, bf16, fp16",
        "bf16",
    ),
    (
        "a level twice, spelled differently",
        suite_with(axes="precision: [fp32, FP32]"),
        4,
        "axes.precision[1]",
        "fp32 a second time",
        "every level once",
        None,
    ),
    ("no levels", suite_with(axes="precision: []"), 4, "axes.precision", "[]", "at least one entry", None),
    (
        "levels that are no list",
        suite_with(axes="precision: fp32"),
        4,
        "axes.precision",
        "'fp32'",
        "a list",
        None,
    ),
    ("no axes", "workload: {model: yolo26n.yaml}\naxes: {}\n", 2, "axes", "{}", "at least one entry", None),
    (
        "an axis named twice",
        suite_with(axes="compile: [off]\n  precision: [fp32]\n  compile: [default]"),
        6,
        "axes.compile",
        "'compile' a second time (first on line 4)",
        "every key once",
        None,
    ),
    (
        "a baseline that is excluded",
        suite_with(rest="exclude:\n  - when: {compile: default}\n  - when: {compile: off}\n"),
        7,
        "exclude[1].when",
        "the baseline (compile=off)",
        "leaves the baseline",
        None,
    ),
    (
        "a baseline in conflict with itself",
        suite_with(axes="workers: [4, 0]\n  compile: [default, off]"),
        4,
        "axes.workers[0]",
        "4 in the baseline",
        "too many processes beside the compiler",
        None,
    ),
    (
        "a rule about an axis that the suite lacks",
        suite_with(rest="exclude:\n  - when: {compil: off}\n"),
        6,
        "exclude[0].when.compil",
        "'compil'",
        "one of the suite's axes: compile",
        "compile",
    ),
    (
        "a rule about a level that the axis lacks",
        suite_with(axes="precision: [fp32, bf16]", rest="exclude:\n  - when: {precision: fp16}\n"),
        6,
        "exclude[0].when.precision",
        "fp16",
        "one of this suite's levels of precision: fp32, bf16",
        "bf16",
    ),
    ("an empty design", suite_with(rest="design: []\n"), 5, "design", "[]", "at least one entry", None),
    (
        "an empty combination",
        suite_with(rest="design:\n - {}\n"),
        6,
        "design[0]",
        "{}",
        "at least one entry",
        None,
    ),
    ("no design after the colon", suite_with(rest="design:\n"), 5, "design", "nothing", "one of full", None),
    (
        "an unknown design",
        suite_with(rest="design: fulll\n"),
        5,
        "design",
        "'fulll'",
        "one of full, one_at",
        "full",
    ),
    (
        "an explicit design with a level that does not exist",
        suite_with(rest="design:\n  - {compile: default}\n  - {compile: defualt}\n"),
        7,
        "design[1].compile",
        "'defualt'",
        "one of off, default",
        "default",
    ),
    (
        "an unknown measurement",
        suite_with(rest="measure: [epoch,\n  memry]\n"),
        6,
        "measure[1]",
        "'memry'",
        "one of epoch, data_loading, forward_backward, memory, memory_parts, learning, after",
        "memory",
    ),
    (
        "learning that is to decide who is faster",
        suite_with(rest="measure:\n  - learning\n  - memory\n"),
        6,
        "measure[0]",
        "'learning'",
        "another measurement first, or epoch among them",
        None,
    ),
    (
        "a model that is not there",
        suite_with("model: yolo26q.yaml"),
        2,
        "workload.model",
        "'yolo26q.yaml'",
        "the name of an Ultralytics model YAML, or the path",
        "yolo26.yaml",
    ),
    (
        "weights instead of a model YAML",
        suite_with("model: yolo26n.pt"),
        2,
        "workload.model",
        "'yolo26n.pt'",
        "the name of an Ultralytics model YAML",
        "yolo26n.yaml",
    ),
    (
        "data that are not there",
        suite_with("{model: yolo26n.yaml, data: folder/dota.yaml}"),
        2,
        "workload.data",
        "'folder/dota.yaml'",
        "path of a YOLO data YAML that is there",
        "folder/data.yaml",
    ),
    (
        "data that are not there, in long form",
        suite_with("{model: yolo26n.yaml, data: {kind: path,\n  path: folder/dota.yaml}}"),
        3,
        "workload.data.path",
        "'folder/dota.yaml'",
        "path of a YOLO data YAML that is there",
        "folder/data.yaml",
    ),
    (
        "a folder as data",
        suite_with("{model: yolo26n.yaml, data: folder}"),
        2,
        "workload.data",
        "'folder', a folder",
        "path of a YOLO data YAML",
        "folder/data.yaml",
    ),
    (
        "a misspelled data set",
        suite_with("{model: yolo26n.yaml, data: tress}"),
        2,
        "workload.data",
        "'tress'",
        "shapes, trees, or the path",
        "trees",
    ),
    (
        "an unknown kind of data",
        suite_with("{model: yolo26n.yaml, data: {kind: tree}}"),
        2,
        "workload.data.kind",
        "'tree'",
        "one of shapes, trees, path",
        "trees",
    ),
    (
        "data without a kind",
        suite_with("{model: yolo26n.yaml, data: {images: 4}}"),
        2,
        "workload.data.kind",
        "nothing",
        "one of shapes, trees, path",
        None,
    ),
    (
        "an unknown setting",
        suite_with("{model: yolo26n.yaml, settings: {mosiac: 0.0}}"),
        2,
        "workload.settings.mosiac",
        "'mosiac'",
        "a setting of Ultralytics",
        "mosaic",
    ),
    (
        "a setting that the suite says elsewhere",
        suite_with("{model: yolo26n.yaml, settings: {imgsz: 320}}"),
        2,
        "workload.settings.imgsz",
        "'imgsz'",
        "workload.image_size",
        "workload.image_size",
    ),
    (
        "a setting that is the harness's own",
        suite_with("{model: yolo26n.yaml, settings: {exist_ok: true}}"),
        2,
        "workload.settings.exist_ok",
        "'exist_ok'",
        "left to the harness",
        None,
    ),
    (
        "another task",
        suite_with("{model: yolo26n.yaml, settings: {task: segment}}"),
        2,
        "workload.settings.task",
        "'segment'",
        "detect",
        "detect",
    ),
    (
        "a word where a number belongs",
        suite_with("{model: yolo26n.yaml, batch: yes}"),
        2,
        "workload.batch",
        "'yes'",
        "a whole number",
        None,
    ),
    (
        "a boolean where a number belongs",
        suite_with("{model: yolo26n.yaml, batch: true}"),
        2,
        "workload.batch",
        "true",
        "a whole number",
        None,
    ),
    (
        "a boolean where a word belongs",
        suite_with(axes="compile: [off, true]"),
        4,
        "axes.compile[1]",
        "true",
        "one of off, default",
        None,
    ),
    (
        "a number out of its range",
        suite_with("{model: yolo26n.yaml, batch: 0}"),
        2,
        "workload.batch",
        "0",
        "a value greater than or equal to 1 (images in one training step)",
        None,
    ),
    (
        "an unknown device",
        suite_with("{model: yolo26n.yaml, device: cuda}"),
        2,
        "workload.device",
        "'cuda'",
        "cpu, cuda:N, or auto",
        "cuda:0",
    ),
    (
        "both kinds of budget",
        suite_with(rest="budget:\n  time: 3m\n  rounds: 3\n"),
        5,
        "budget",
        '{"time": "3m", "rounds": 3}',
        "exactly one of time and rounds",
        None,
    ),
    (
        "a budget of nonsense",
        suite_with(rest="budget: 3x\n"),
        5,
        "budget",
        "'3x'",
        "wall time such as 10m",
        None,
    ),
    ("a bad name", suite_with(rest="name: my-suite\n"), 5, "name", "'my-suite'", "lower-case letters", None),
    ("an empty file", "", 1, "", "nothing", "a mapping with workload and axes", None),
    ("a list", "- workload\n", 1, "", '["workload"]', "a mapping with workload and axes", None),
    ("no YAML", "workload: [\n", 2, "", "while parsing a flow node", "a YAML 1.2 document", None),
]


@pytest.mark.parametrize(
    ("text", "line", "field", "found", "expected", "nearest"),
    [mistake[1:] for mistake in MISTAKES],
    ids=[mistake[0] for mistake in MISTAKES],
)
def test_a_mistake_is_one_clear_error(
    text: str,
    line: int,
    field: str,
    found: str,
    expected: str,
    nearest: str | None,
    write: Write,
    known: Registry,
) -> None:
    write("train: images\n", "folder/data.yaml")
    path = write(text)
    error = error_of(path, known)
    assert (error.file, error.line, error.field) == (path, line, field)
    assert error.found == found if field else found in error.found
    assert expected in error.expected
    assert error.nearest == nearest


def test_a_suite_that_is_not_there(write: Write, known: Registry, tmp_path: Path) -> None:
    write(suite_with(), "quickstart.yaml")
    error = error_of(tmp_path / "quickstrat.yaml", known)
    assert (error.file, error.line, error.field) == (tmp_path / "quickstrat.yaml", None, "")
    assert error.found == "nothing to read (No such file or directory)"
    assert error.nearest == str(tmp_path / "quickstart.yaml")


def test_a_suite_that_is_not_text(known: Registry, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"name: \xff\xfe")
    assert error_of(path, known).found == "bytes that are not UTF-8"


def test_a_file_name_that_makes_no_name(write: Write, known: Registry) -> None:
    path = write(suite_with(), "2-My suite.yaml")
    error = error_of(path, known)
    assert (error.file, error.field, error.nearest) == (path, "name", "my_suite")
    assert error.found == "no name, and '2-My suite.yaml' makes none"


@pytest.mark.parametrize(
    ("override", "field", "found", "expected", "nearest"),
    [
        ("workload.bach=16", "workload.bach", "'bach'", "one of model, data", "batch"),
        ("workload.batch=many", "workload.batch", "'many'", "a whole number", None),
        ("workload.batch=", "workload.batch", "nothing", "a whole number", None),
        ("workload.batch=[1", "workload.batch", "flow sequence", "a YAML 1.2 value", None),
        ("workload..batch=1", "workload..batch", "'workload..batch'", "a dotted path", None),
        ("workload.model.x=1", "workload.model.x", "'yolo26n.yaml' at workload.model", "a mapping", None),
        ("axes.precison=[fp32]", "axes.precison", "'precison'", "an optimization", "precision"),
        ("axes.precision=[fp32, bf15]", "axes.precision[1]", "'bf15'", "one of fp32", "bf16"),
        ("extend=other.yaml", "extend", "'extend'", "in the suite's file", None),
    ],
)
def test_a_bad_override_names_its_field_and_no_file(
    override: str, field: str, found: str, expected: str, nearest: str | None, write: Write, known: Registry
) -> None:
    path, _, value = override.partition("=")
    error = error_of(write(suite_with()), known, {path: value})
    assert (error.file, error.line, error.field) == (None, None, field)
    assert found in error.found
    assert expected in error.expected
    assert error.nearest == nearest


def test_suites_that_extend_each_other(write: Write, known: Registry) -> None:
    first = write("description: x\nextend: folder/b.yaml\n", "a.yaml")
    second = write("extend: ../a.yaml\n", "folder/b.yaml")
    error = error_of(first, known)
    assert error.file == second
    assert (error.line, error.field, error.found, error.nearest) == (1, "extend", "'../a.yaml'", None)
    assert error.expected == "a suite that does not extend this one (a.yaml -> b.yaml -> a.yaml)"


def test_an_extended_suite_that_is_not_there(write: Write, known: Registry) -> None:
    write(suite_with(), "shared/base.yaml")
    path = write("description: x\nextend: shared/bose.yaml\n")
    error = error_of(path, known)
    assert (error.file, error.line, error.field) == (path, 2, "extend")
    assert (error.found, error.nearest) == ("'shared/bose.yaml'", "shared/base.yaml")
    assert error.expected == "a suite's file that is there"


def test_a_mistake_in_an_extended_suite_is_shown_where_it_is(write: Write, known: Registry) -> None:
    base = write(suite_with("{model: yolo26n.yaml, bach: 8}"), "base.yaml")
    error = error_of(write("extend: base.yaml\nworkload: {seed: 1}\n"), known)
    assert (error.file, error.line, error.field) == (base, 2, "workload.bach")


def test_a_full_design_beyond_measure(write: Write, known: Registry) -> None:
    levels = ", ".join(str(number) for number in range(5001))
    error = error_of(write(suite_with(axes=f"{{compile: [off, default], workers: [{levels}]}}")), known)
    assert (error.field, error.found) == ("design", "a full design of 10002 combinations")
    assert error.nearest == "pairwise"


def test_a_journal_without_a_suite() -> None:
    with pytest.raises(InputError) as caught:
        suite_from_json({"name": "x"})
    assert caught.value.field == "workload"
