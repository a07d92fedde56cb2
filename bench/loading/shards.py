"""Pictures in WebDataset tar shards, read in any order through an index of where each begins."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PICTURES_IN_A_SHARD = 1000
"""As in the examples of WebDataset's documentation."""


@dataclass(frozen=True)
class Entry:
    """Where a picture's bytes are.

    Attributes:
        shard: the tar file.
        offset: bytes before the picture's first.
        size: bytes of the picture.
    """

    shard: Path
    offset: int
    size: int


def write_shards(folder: Path, pictures: Sequence[str], labels: Sequence[str]) -> list[Path]:
    """Write pictures and their label files, as they are, into WebDataset shards.

    A sample's key is its number with nine digits; it holds the picture under its own suffix, and ``txt``.

    Args:
        folder: made here; the shards are ``000000.tar``, ``000001.tar``, …
        pictures: picture files.
        labels: the label file of each picture; one that is not there counts as empty.

    Returns:
        The shards, in order.
    """
    from webdataset import ShardWriter

    folder.mkdir(parents=True)
    with ShardWriter(
        str(folder / "%06d.tar"), maxcount=PICTURES_IN_A_SHARD, encoder=False, mtime=0, verbose=0
    ) as writer:
        for number, (picture, label) in enumerate(zip(map(Path, pictures), map(Path, labels), strict=True)):
            suffix = picture.suffix.removeprefix(".").lower()
            text = label.read_bytes() if label.is_file() else b""
            writer.write({"__key__": f"{number:09d}", suffix: picture.read_bytes(), "txt": text})
    return sorted(folder.glob("*.tar"))


def index_shards(shards: Iterable[Path]) -> list[Entry]:
    """Return where the pictures of ``shards`` are, in the order they were written."""
    entries = []
    for shard in shards:
        with tarfile.open(shard) as archive:
            files = [member for member in archive if member.isfile() and not member.name.endswith(".txt")]
        entries += [Entry(shard, member.offset_data, member.size) for member in files]
    return entries


class ShardedPictures:
    """The bytes of pictures by their file's name, out of shards that stay open."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._open: dict[Path, int] = {}

    def add(self, pictures: Sequence[str], entries: Sequence[Entry]) -> None:
        """Let the picture files ``pictures`` be found at ``entries``."""
        self._entries |= zip(pictures, entries, strict=True)

    def __contains__(self, picture: str) -> bool:
        return picture in self._entries

    def read(self, picture: str) -> NDArray[np.uint8]:
        """Return a picture file's bytes as a vector.

        Reading at an offset leaves the file's position alone, so forked processes may share what is open.
        """
        entry = self._entries[picture]
        if entry.shard not in self._open:
            self._open[entry.shard] = os.open(entry.shard, os.O_RDONLY)
        data = bytearray(entry.size)
        if os.preadv(self._open[entry.shard], [data], entry.offset) != entry.size:
            raise OSError(f"{entry.shard} ends before the {entry.size} bytes at {entry.offset}")
        return np.frombuffer(data, np.uint8)
