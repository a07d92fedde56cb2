from __future__ import annotations

import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from bench.workloads.cache import CacheUnusableError, built_once, cache_root


def test_cache_root_is_the_folder_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BENCH_CACHE", "mine")
    assert cache_root() == tmp_path / "mine"
    assert not cache_root().exists()


@pytest.mark.parametrize(("xdg", "expected"), [("/var/c", "/var/c"), ("", "/home/u/.cache"), ("c", "/home/u/.cache")])
def test_cache_root_follows_xdg(monkeypatch: pytest.MonkeyPatch, xdg: str, expected: str) -> None:
    monkeypatch.delenv("BENCH_CACHE", raising=False)
    monkeypatch.setenv("HOME", "/home/u")
    monkeypatch.setenv("XDG_CACHE_HOME", xdg)
    assert cache_root() == Path(expected) / "yolo-train-bench"


def test_builds_once_and_under_another_name(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "made"
    given = []

    def build(partial: Path) -> None:
        assert not folder.exists()
        given.append(partial)
        (partial / "file").write_text("whole")

    assert built_once(folder, build) == folder
    assert built_once(folder, build) == folder
    assert (folder / "file").read_text() == "whole"
    assert len(given) == 1
    assert given[0].parent == folder.parent


def test_a_failed_build_leaves_nothing_and_may_be_tried_again(tmp_path: Path) -> None:
    folder = tmp_path / "made"

    def fail(partial: Path) -> None:
        (partial / "half").write_text("half")
        raise ValueError("on the way")

    with pytest.raises(ValueError, match="on the way"):
        built_once(folder, fail)
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == []
    built_once(folder, lambda partial: (partial / "file").touch())
    assert [path.name for path in folder.iterdir()] == ["file"]


def _build_slowly(folder: Path, log: Path) -> None:
    def build(partial: Path) -> None:
        with log.open("a") as lines:
            lines.write(f"{os.getpid()}\n")
        for number in range(20):
            (partial / str(number)).touch()
            time.sleep(0.01)

    built_once(folder, build)
    assert len(list(folder.iterdir())) == 20


def test_of_racing_processes_one_builds_and_all_see_it_whole(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    log = tmp_path / "log"
    racers = [context.Process(target=_build_slowly, args=(tmp_path / "made", log)) for _ in range(5)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert [racer.exitcode for racer in racers] == [0] * 5
    assert len(log.read_text().splitlines()) == 1


def _build_and_be_killed(folder: Path) -> None:
    def build(partial: Path) -> None:
        (partial / "half").touch()
        os.kill(os.getpid(), signal.SIGKILL)

    built_once(folder, build)


def test_what_a_killed_build_left_is_not_taken_for_whole(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    killed = multiprocessing.get_context("fork").Process(target=_build_and_be_killed, args=(folder,))
    killed.start()
    killed.join()
    assert killed.exitcode == -signal.SIGKILL
    assert not folder.exists()
    built_once(folder, lambda partial: (partial / "file").touch())
    assert [path.name for path in folder.iterdir()] == ["file"]
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == [folder]


def test_a_cache_that_cannot_be_made_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CacheUnusableError, match=r"set BENCH_CACHE") as caught:
        built_once(tmp_path / "file" / "made", lambda partial: None)
    assert str(tmp_path / "file") in str(caught.value)
