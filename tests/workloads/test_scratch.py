"""Where trials' folders lie, and who removes them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bench.workloads.cache import CacheUnusableError
from bench.workloads.scratch import scratch_folder

HOLD = """
from bench.workloads.scratch import scratch_folder
with scratch_folder() as folder:
    (folder / "trial").mkdir()
    (folder / "trial" / "output.txt").write_text("half")
    print(folder, flush=True)
    input()
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def left(cache: Path) -> set[str]:
    return {each.name for each in (cache / "scratch").iterdir()} - {".lock"}


def test_a_folder_lies_in_the_cache_and_goes_with_its_block(cache: Path) -> None:
    with scratch_folder() as folder:
        assert folder.parent == cache / "scratch"
        assert list(folder.iterdir()) == []
        (folder / "trial").mkdir()
        with scratch_folder() as other:
            assert other != folder
        assert (folder / "trial").is_dir()
    assert left(cache) == set()


def test_what_a_killed_process_left_goes_and_what_a_live_one_holds_stays(cache: Path) -> None:
    command = [sys.executable, "-c", HOLD]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as killed,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as alive,
    ):
        assert killed.stdout is not None
        assert alive.stdout is not None
        ended, held = Path(killed.stdout.readline().strip()), Path(alive.stdout.readline().strip())
        assert ended.name.startswith(f"{killed.pid}-")
        killed.kill()
        killed.wait()
        assert (ended / "trial" / "output.txt").is_file()
        with scratch_folder() as folder:
            assert left(cache) == {held.name, f"{held.name}.lock", folder.name, f"{folder.name}.lock"}
            assert (held / "trial" / "output.txt").read_text() == "half"
        alive.communicate("")
    assert left(cache) == set() or left(cache) == {held.name, f"{held.name}.lock"}
    with scratch_folder():
        pass
    assert left(cache) == set()


def test_a_cache_that_cannot_be_written_is_named(cache: Path) -> None:
    cache.write_text("")
    with pytest.raises(CacheUnusableError, match="set BENCH_CACHE"), scratch_folder():
        pass
