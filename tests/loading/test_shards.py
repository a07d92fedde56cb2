"""Shards hold pictures byte for byte, are WebDataset's, and are read in any order."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from bench.loading import shards
from bench.loading.shards import Entry, ShardedPictures, index_shards, write_shards

pytest.importorskip("webdataset")


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """Seven files of different length, some with labels."""
    files = [tmp_path / f"picture.{number}.{'JPG' if number % 2 else 'png'}" for number in range(7)]
    for number, file in enumerate(files):
        file.write_bytes(bytes([number]) * (600 * number + 1))
        if number != 3:
            file.with_suffix(".txt").write_text(f"{number} 0.5 0.5 0.1 0.1\n")
    return files


@pytest.fixture
def written(pictures: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    monkeypatch.setattr(shards, "PICTURES_IN_A_SHARD", 3)
    labels = [str(file.with_suffix(".txt")) for file in pictures]
    return write_shards(tmp_path / "shards", list(map(str, pictures)), labels)


def test_index_finds_every_picture(pictures: list[Path], written: list[Path]) -> None:
    assert [file.name for file in written] == ["000000.tar", "000001.tar", "000002.tar"]
    entries = index_shards(written)
    # A tar file's header takes 512 bytes and content is padded to as much, so the first picture begins at 512 and,
    # after one picture byte and a label of less than 512 bytes, the second begins at 512 * 5.
    assert [entry.offset for entry in entries[:2]] == [512, 512 * 5]
    assert [entry.size for entry in entries] == [1, 601, 1201, 1801, 2401, 3001, 3601]
    for file, entry in zip(pictures, entries, strict=True):
        assert entry.shard.read_bytes()[entry.offset : entry.offset + entry.size] == file.read_bytes()
    assert [entry.shard.name for entry in entries] == ["000000.tar"] * 3 + ["000001.tar"] * 3 + ["000002.tar"]


def test_pictures_are_read_in_any_order_and_from_forked_processes(pictures: list[Path], written: list[Path]) -> None:
    source = ShardedPictures()
    names = list(map(str, pictures))
    source.add(names, index_shards(written))
    assert names[0] in source
    assert "other.jpg" not in source
    for number in (5, 0, 6, 2):
        assert source.read(names[number]).tobytes() == pictures[number].read_bytes()
    child = os.fork()
    if child == 0:
        same = all(source.read(name).tobytes() == Path(name).read_bytes() for name in names)
        os._exit(0 if same else 1)
    assert all(source.read(name).dtype == np.uint8 for name in names)
    assert os.waitpid(child, 0)[1] == 0


def test_webdataset_reads_the_shards(pictures: list[Path], written: list[Path]) -> None:
    import webdataset

    samples = list(webdataset.WebDataset(list(map(str, written)), shardshuffle=False))
    assert [sample["__key__"] for sample in samples] == [f"{number:09d}" for number in range(7)]
    assert [sample.get("jpg", sample.get("png")) for sample in samples] == [file.read_bytes() for file in pictures]
    assert [sample["txt"] for sample in samples][2:5] == [b"2 0.5 0.5 0.1 0.1\n", b"", b"4 0.5 0.5 0.1 0.1\n"]


def test_a_shard_cut_short_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "short.tar").write_bytes(b"12345")
    source = ShardedPictures()
    source.add(["a.jpg"], [Entry(tmp_path / "short.tar", 3, 10)])
    with pytest.raises(OSError, match=r"short\.tar ends before the 10 bytes at 3"):
        source.read("a.jpg")
