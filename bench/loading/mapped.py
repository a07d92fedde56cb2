"""Decoded pictures one after the other in a file that is mapped into memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""A picture, height x width x channels."""


class MappedPictures:
    """Pictures by their file's name, out of files that hold them decoded."""

    def __init__(self) -> None:
        self._pictures: dict[str, Picture] = {}

    def add(self, file: Path, pictures: Sequence[str], read: Callable[[str], Picture]) -> None:
        """Decode ``pictures`` with ``read`` into ``file``, and map it.

        Args:
            file: written here.
            pictures: picture files.
            read: returns a picture, height x width x channels, 8 bits a value.

        Raises:
            OSError: there is not enough room.
        """
        shapes = []
        with file.open("wb") as stream:
            for picture in pictures:
                array = read(picture)
                stream.write(np.ascontiguousarray(array).data)
                shapes.append(array.shape)
        mapped = np.memmap(file, np.uint8, "r")
        ends = np.cumsum([np.prod(shape) for shape in shapes])
        for picture, shape, part in zip(pictures, shapes, np.split(mapped, ends[:-1]), strict=True):
            self._pictures[picture] = part.reshape(shape)

    def __contains__(self, picture: str) -> bool:
        return picture in self._pictures

    def read(self, picture: str) -> Picture:
        """Return a copy of a picture, which the caller may draw on."""
        return np.array(self._pictures[picture])
