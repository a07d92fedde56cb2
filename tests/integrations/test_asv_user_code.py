"""A suite that names the user's code, measured by asv: the names are the working tree's, the code the commit's."""

from __future__ import annotations

from pathlib import Path

import pytest
from runs import write_suite
from starting import TINY

from bench.errors import InputError
from bench.integrations.asv import benchmark_classes
from bench.integrations.asv_record import _code
from bench.run import prepare

TABLE = '[tool.yolo-train-bench.trainers]\nmine = "train.py:Mine"\n'


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A suite trained by a class of the project around it."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "train.py").write_text("class Mine: pass\n")
    (tmp_path / "pyproject.toml").write_text(TABLE)
    return write_suite(tmp_path, workload={"model": str(TINY), "device": "cpu", "trainer": "mine"})


def test_the_classes_know_the_trainer(suite: Path) -> None:
    assert list(benchmark_classes(suite.parent, "benchmarks")) == ["Tiny"]


def test_the_commits_code_is_trained(suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASV_ENV_DIR", raising=False)
    assert _code(suite) == []
    monkeypatch.setenv("ASV_ENV_DIR", str(tmp_path / "env"))
    assert _code(suite) == ["--code", str(tmp_path / "env" / "project")]
    prepared = prepare(suite, {}, tmp_path / "env" / "project")
    assert prepared.project is not None
    assert prepared.project.root == tmp_path / "env" / "project"
    assert prepared.project.trainers == {"mine": "train.py:Mine"}


def test_a_suite_without_code_has_none_to_exchange(
    suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyproject.toml").unlink()
    monkeypatch.setenv("ASV_ENV_DIR", str(tmp_path / "env"))
    assert _code(suite) == []
    with pytest.raises(InputError, match="--code"):
        prepare(suite, {}, tmp_path)
