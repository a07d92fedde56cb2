from __future__ import annotations

from pathlib import Path

import pytest

from bench.environment.cgroup import ControlGroups

VERSION_2 = "0::/batch/job\n"
VERSION_1 = "5:cpuset:/\n4:memory:/batch/job\n2:cpu,cpuacct:/batch/job\n0::/\n"


def write(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


def groups(tmp_path: Path, text: str) -> ControlGroups:
    file = tmp_path / "self_cgroup"
    file.write_text(text)
    return ControlGroups.here(file, tmp_path / "mount")


def test_version_2_counts_the_tightest_of_the_groups_above(tmp_path: Path) -> None:
    mount = tmp_path / "mount"
    write(mount / "batch" / "job", memory__max="max\n", memory__current="700\n", cpu__max="max 100000\n")
    statistics = "anon 500\ninactive_file 300\nactive_file 50\n"
    write(mount / "batch", memory__max="1000\n", memory__current="900\n", memory__stat=statistics)
    write(mount / "batch", cpu__max="150000 100000\n")
    found = groups(tmp_path, VERSION_2)
    assert found.memory_limit() == 1000
    assert found.memory_left() == 1000 - (900 - 300)
    assert found.core_quota() == 1.5


def test_the_tightest_may_be_the_innermost(tmp_path: Path) -> None:
    mount = tmp_path / "mount"
    write(mount / "batch" / "job", memory__max="400\n", memory__current="100\n", cpu__max="50000 100000\n")
    write(mount / "batch", memory__max="1000\n", memory__current="900\n", cpu__max="400000 100000\n")
    found = groups(tmp_path, VERSION_2)
    assert (found.memory_limit(), found.memory_left(), found.core_quota()) == (400, 100, 0.5)


def test_version_1_is_read_from_the_folders_of_its_controllers(tmp_path: Path) -> None:
    mount = tmp_path / "mount"
    memory = {"memory__limit_in_bytes": "2000\n", "memory__usage_in_bytes": "1500\n"}
    write(
        mount / "memory" / "batch" / "job",
        **memory,
        memory__stat="inactive_file 1\ntotal_inactive_file 250\n",
    )
    write(mount / "cpu" / "batch", cpu__cfs_quota_us="300000\n", cpu__cfs_period_us="100000\n")
    write(mount / "cpu" / "batch" / "job", cpu__cfs_quota_us="-1\n", cpu__cfs_period_us="100000\n")
    found = groups(tmp_path, VERSION_1)
    assert (found.memory_limit(), found.memory_left(), found.core_quota()) == (2000, 2000 - (1500 - 250), 3.0)


def test_use_beyond_the_limit_leaves_nothing(tmp_path: Path) -> None:
    write(tmp_path / "mount" / "batch", memory__max="1000\n", memory__current="1001\n")
    assert groups(tmp_path, VERSION_2).memory_left() == 0


def test_a_path_from_outside_the_container_falls_back_on_the_mounted_group(tmp_path: Path) -> None:
    write(tmp_path / "mount", memory__max="1000\n", memory__current="600\n")
    for text in ("0::/unseen/path\n", "0::/../../elsewhere\n"):
        assert groups(tmp_path, text).memory_left() == 400


@pytest.mark.parametrize("text", ["", VERSION_1, VERSION_2])
def test_without_limits_everything_is_none(tmp_path: Path, text: str) -> None:
    found = groups(tmp_path, text)
    assert (found.memory_limit(), found.memory_left(), found.core_quota()) == (None, None, None)


def test_a_system_without_control_groups_has_no_limits(tmp_path: Path) -> None:
    assert ControlGroups.here(tmp_path / "none", tmp_path) == ControlGroups(memory=(), cpu=())
