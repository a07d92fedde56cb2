"""Mapped arrays give back the pictures that were put in."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bench.loading.mapped import MappedPictures


def test_pictures_of_different_sizes_come_back(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    shapes = {"a": (4, 6, 3), "b": (5, 2, 3), "c": (3, 3, 1)}
    pictures = {name: generator.integers(0, 256, shape, np.uint8) for name, shape in shapes.items()}
    mapped = MappedPictures()
    mapped.add(tmp_path / "first", ["a", "b"], pictures.__getitem__)
    mapped.add(tmp_path / "second", ["c"], pictures.__getitem__)
    # 4 * 6 * 3 + 5 * 2 * 3 = 102 bytes
    assert (tmp_path / "first").stat().st_size == 102
    assert "d" not in mapped
    for name in ("c", "a", "b"):
        assert (mapped.read(name) == pictures[name]).all()


def test_what_is_drawn_on_a_picture_stays_out_of_the_file(tmp_path: Path) -> None:
    mapped = MappedPictures()
    mapped.add(tmp_path / "file", ["a"], lambda _: np.zeros((2, 2, 3), np.uint8))
    mapped.read("a")[:] = 9
    assert (mapped.read("a") == 0).all()
    assert (tmp_path / "file").read_bytes() == bytes(12)
