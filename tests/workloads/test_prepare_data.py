from __future__ import annotations

from pathlib import Path

import pytest

from bench.errors import InputError
from bench.suite.model import ShapesData, UserData
from bench.workloads import shapes
from bench.workloads.data import prepare_data

SMALL = ShapesData(images=2, validation_images=1, size=32)


def test_shapes_are_built_once_and_apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path))
    first = prepare_data(SMALL)
    assert first.is_absolute()
    assert first.name == "data.yaml"
    written = first.stat().st_mtime_ns
    assert prepare_data(SMALL) == first
    assert first.stat().st_mtime_ns == written
    assert prepare_data(SMALL.model_copy(update={"seed": 1})) != first


def test_a_new_generator_does_not_take_old_pictures(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path))
    old = prepare_data(SMALL)
    monkeypatch.setattr(shapes, "SHAPES_VERSION", shapes.SHAPES_VERSION + 1)
    assert prepare_data(SMALL) != old


def test_the_users_yaml_is_returned_as_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("train: a\n")
    monkeypatch.chdir(tmp_path)
    assert prepare_data(UserData(path=Path("mine.yaml"))) == tmp_path / "mine.yaml"
    assert prepare_data(UserData(path=tmp_path / "mine.yaml")) == tmp_path / "mine.yaml"


@pytest.mark.parametrize(
    ("name", "what"), [("gone.yaml", "nothing there"), ("folder", "a folder"), ("a.txt", "another")]
)
def test_what_is_not_a_yaml_is_refused(tmp_path: Path, name: str, what: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "a.txt").touch()
    with pytest.raises(InputError) as caught:
        prepare_data(UserData(path=tmp_path / name))
    assert caught.value.field == "workload.data.path"
    assert what in caught.value.found
    assert str(tmp_path / name) in caught.value.found
    assert caught.value.exit_code == 2
