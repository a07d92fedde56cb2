"""A project's files: imported under their own names, one project at a time, and told apart by their content."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from user_technique import TECHNIQUE

from bench import user_code
from bench.errors import InputError
from bench.optimizations.registry import registry
from bench.project import Project
from bench.user_code import code_record, import_file, local_files


@pytest.fixture(autouse=True)
def _path_as_before() -> Iterator[None]:
    """Leave neither folders nor modules of these projects behind."""
    path, modules, roots = sys.path[:], set(sys.modules), user_code._roots[:]
    yield
    sys.path[:], user_code._roots[:] = path, roots
    for name in set(sys.modules) - modules:
        del sys.modules[name]


def project_of(folder: Path, files: dict[str, str], *optimizations: str, **trainers: str) -> Project:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return Project(folder, optimizations, trainers)


def refusal(project: Project) -> InputError:
    with pytest.raises(InputError) as refused:
        registry(project)
    assert "\n" not in str(refused.value)
    return refused.value


def test_the_registry_knows_a_projects_optimizations_and_forgets_none_of_its_own(tmp_path: Path) -> None:
    project = project_of(tmp_path, {"techniques/blur.py": TECHNIQUE}, "techniques/blur.py")
    known = registry(project)
    assert set(known) == {*registry(), "blur"}
    assert known["blur"].parse("on") == "on"
    assert registry(project) is known
    assert "blur" not in registry()


def test_two_commits_of_a_project_are_not_mixed_up(tmp_path: Path) -> None:
    found = []
    for commit in ("one", "two"):
        files = {"helper.py": f"COMMIT = {commit!r}\n", "main_part.py": "from helper import COMMIT\n"}
        project = project_of(tmp_path / commit, files)
        found.append(import_file(project, "trainers.mine", "main_part.py").COMMIT)
    assert found == ["one", "two"]
    assert str(tmp_path / "one") not in sys.path


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import no_such_module_anywhere\n", "line 1 of blur.py raised ModuleNotFoundError"),
        ("x = 1\nraise ValueError('broken\\nin two lines')\n", "line 2 of blur.py raised ValueError: broken;"),
        ("def f(:\n", "SyntaxError"),
        ("import sys\nsys.exit(2)\n", "raised SystemExit: 2"),
        ("x = 1\n", "defines no optimization"),
        (TECHNIQUE.replace('"blur"', '"precision"'), "is called 'precision' as that of bench.optimizations.precision"),
    ],
)
def test_a_file_that_is_no_good_is_told_in_one_line(tmp_path: Path, text: str, words: str) -> None:
    error = refusal(project_of(tmp_path, {"blur.py": text}, "blur.py"))
    assert words in error.found + ";"
    assert error.file == tmp_path / "pyproject.toml"
    assert error.field == "tool.yolo-train-bench.optimizations[0]"


def test_a_file_named_like_another_module_is_not_taken_for_it(tmp_path: Path) -> None:
    error = refusal(project_of(tmp_path, {"pytest.py": TECHNIQUE}, "pytest.py"))
    assert f"whose module 'pytest' is {pytest.__file__}" in error.found


def test_local_files_are_those_that_imports_reach(tmp_path: Path) -> None:
    project_of(
        tmp_path,
        {
            "train.py": "import torch, net.head\nfrom util import *\ndef f():\n    from net import loss\n",
            "net/__init__.py": "",
            "net/head.py": "from . import block\nfrom ..outside import x\nimport net.head\n",
            "net/block.py": "def broken(:\n",
            "net/loss.py": "",
            "util.py": "from .nowhere import x\n",
            "outside.py": "",
            "unused.py": "",
        },
    )
    assert local_files(tmp_path, ["train.py"]) == (
        "net/__init__.py",
        "net/block.py",
        "net/head.py",
        "net/loss.py",
        "outside.py",
        "train.py",
        "util.py",
    )


def test_the_record_changes_with_what_is_imported_and_with_nothing_else(tmp_path: Path) -> None:
    files = {"train.py": "import net\n", "net.py": "GAIN = 1\n", "other.py": ""}
    project = project_of(tmp_path, files, mine="train.py:MyTrainer", unused="other.py:Other")
    before = code_record(project, "mine")
    (tmp_path / "other.py").write_text("x = 1\n")
    assert code_record(project, "mine") == before
    (tmp_path / "net.py").write_text("GAIN = 2\n")
    after = code_record(project, "mine")
    assert isinstance(before["files"], dict)
    assert isinstance(after["files"], dict)
    assert [file for file in before["files"] if after["files"][file] != before["files"][file]] == ["net.py"]
    assert before["commit"] is None
    # printf 'GAIN = 1\n' | sha256sum
    assert before["files"]["net.py"] == "bbc35a84f2351be5c284a97b131b85a0d2c7586e4572e2aafaa0268b9c85354d"
