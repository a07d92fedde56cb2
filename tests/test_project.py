"""What a pyproject.toml says of the user's own code: found, refused with its line, never executed."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from bench.errors import InputError
from bench.project import Project, find_project

TABLE = """\
[project]
name = "mine"

[tool.yolo-train-bench]
optimizations = ["blur.py"]

[tool.yolo-train-bench.trainers]
mine = "train.py:MyTrainer"
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project whose files would end this process if anybody ran them."""
    for name in ("blur.py", "train.py"):
        (tmp_path / name).write_text("class MyTrainer: pass\nimport os; os._exit(3)\n")
    (tmp_path / "pyproject.toml").write_text(TABLE)
    (tmp_path / "suites" / "deep").mkdir(parents=True)
    return tmp_path


def refusal(root: Path, text: str) -> InputError:
    (root / "pyproject.toml").write_text(text)
    with pytest.raises(InputError) as refused:
        find_project(root)
    assert refused.value.file == root / "pyproject.toml"
    assert "\n" not in str(refused.value)
    return refused.value


def test_it_is_found_above_the_suite_and_crosses_process_borders(root: Path) -> None:
    project = find_project(root / "suites" / "deep")
    assert project == Project(root, ("blur.py",), {"mine": "train.py:MyTrainer"})
    assert pickle.loads(pickle.dumps(project)) == project


def test_a_pyproject_without_the_table_is_passed_by(root: Path) -> None:
    (root / "suites" / "pyproject.toml").write_text("[tool.ruff]\nline-length = 100\n")
    assert find_project(root / "suites") == find_project(root)


def test_the_search_ends_at_the_top_of_a_checkout(root: Path) -> None:
    (root / "suites" / ".git").write_text("gitdir: elsewhere\n")  # as in a worktree
    assert find_project(root / "suites" / "deep") is None


def test_another_checkout_has_the_same_names_and_its_own_folder(root: Path, tmp_path: Path) -> None:
    inside = root / "suites"
    (root / ".git").mkdir()
    (root / "pyproject.toml").rename(inside / "pyproject.toml")
    for name in ("blur.py", "train.py"):
        (root / name).rename(inside / name)
    project = find_project(inside)
    assert project is not None
    assert project.at(tmp_path / "other") == Project(
        tmp_path / "other" / "suites", ("blur.py",), {"mine": "train.py:MyTrainer"}
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "nearest"),
    [
        ("optimizations", "optimisations", 5, "optimisations", "optimizations"),
        ('["blur.py"]', '"blur.py"', 5, "optimizations", None),
        ('["blur.py"]', '["blue.py"]', 5, "optimizations[0]", "blur.py"),
        ('["blur.py"]', '["../blur.py"]', 5, "optimizations[0]", None),
        ('["blur.py"]', '["/etc/blur.py"]', 5, "optimizations[0]", None),
        ('["blur.py"]', '["blur.txt"]', 5, "optimizations[0]", None),
        ('["blur.py"]', "[3]", 5, "optimizations[0]", None),
        ("mine = ", "Mine = ", 8, "trainers.Mine", None),
        ('"train.py:MyTrainer"', '"train.py"', 8, "trainers.mine", None),
        ('"train.py:MyTrainer"', '"trane.py:MyTrainer"', 8, "trainers.mine", "train.py"),
        ('"train.py:MyTrainer"', '"train.py:MyTraner"', 8, "trainers.mine", "MyTrainer"),
        ('"train.py:MyTrainer"', '"train.py:My Trainer"', 8, "trainers.mine", None),
    ],
)
def test_a_mistake_is_told_with_its_line(
    root: Path, old: str, new: str, line: int, field: str, nearest: str | None
) -> None:
    assert old in TABLE
    error = refusal(root, TABLE.replace(old, new, 1))
    assert (error.line, error.field, error.nearest) == (line, f"tool.yolo-train-bench.{field}", nearest)


def test_a_link_out_of_the_project_is_refused(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "blur.py"
    outside.write_text("")
    (root / "blur.py").unlink()
    (root / "blur.py").symlink_to(outside)
    assert refusal(root, TABLE).field == "tool.yolo-train-bench.optimizations[0]"


def test_a_file_that_is_no_toml_is_refused(root: Path) -> None:
    assert "line 1" in refusal(root, "[tool.yolo-train-bench\n").found
