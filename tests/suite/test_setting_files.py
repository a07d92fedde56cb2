"""Settings that name files: relative to the suite, absolute for trials, refused where nothing is there."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from runs import TINY

from bench.errors import InputError
from bench.suite.load import load_suite
from bench.suite.named_files import named_file_digests


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A suite's folder that is not the working folder, with a file of weights beside it."""
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "mine.pt").write_bytes(b"weights")
    (tmp_path / "suites").mkdir()
    monkeypatch.chdir(tmp_path / "weights")
    return tmp_path / "suites"


def written(folder: Path, settings: str) -> Path:
    file = folder / "mine.yaml"
    workload = f"workload:\n  model: {TINY}\n  settings:\n    lr0: 0.1\n    {settings}\n"
    file.write_text(workload + "axes:\n  precision: [fp32, bf16]\n")
    return file


@pytest.mark.parametrize("name", ["pretrained", "distill_model"])
def test_a_file_beside_the_suite_becomes_absolute(folder: Path, name: str) -> None:
    suite = load_suite(written(folder, f"{name}: ../weights/mine.pt"))
    path = str(folder.parent / "weights" / "mine.pt")
    assert suite.workload.settings == {"lr0": 0.1, name: path}
    assert named_file_digests(suite)[path] == hashlib.sha256(b"weights").hexdigest()


def test_a_file_of_the_command_line_is_relative_to_the_working_folder(folder: Path) -> None:
    suite = load_suite(written(folder, "pretrained: false"), {"workload.settings.pretrained": "mine.pt"})
    assert suite.workload.settings["pretrained"] == str(folder.parent / "weights" / "mine.pt")


def test_what_is_no_text_is_left_alone(folder: Path) -> None:
    assert load_suite(written(folder, "pretrained: true")).workload.settings["pretrained"] is True


def test_a_file_that_is_not_there_is_named_with_its_line(folder: Path) -> None:
    file = written(folder, "pretrained: ../weights/mein.pt")
    with pytest.raises(InputError) as caught:
        load_suite(file)
    assert (caught.value.file, caught.value.line) == (file, 5)
    assert caught.value.field == "workload.settings.pretrained"
    assert (caught.value.found, caught.value.nearest) == ("'../weights/mein.pt'", "../weights/mine.pt")
