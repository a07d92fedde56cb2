"""Reading a YOLO data YAML and finding its pictures, by Ultralytics' rules but without its downloads."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.errors import InputError, nearest_name

REQUIRED_SPLITS = ("train", "val")
OPTIONAL_SPLITS = ("test", "minival")

_ABOUT_PLACES = {"path", "download", "validation", *REQUIRED_SPLITS, *OPTIONAL_SPLITS}


@dataclass(frozen=True)
class DataYaml:
    """What a YOLO data YAML says.

    Attributes:
        file: the YAML itself.
        splits: split to the absolute folders and picture lists that it names; not checked to be there.
        entries: everything that is not about where pictures are or come from: names, nc, channels, ….
    """

    file: Path
    splits: dict[str, tuple[Path, ...]]
    entries: dict[str, Any]


def read_data_yaml(file: Path) -> DataYaml:
    """Read a YOLO data YAML; its ``download`` entry is neither followed nor kept.

    Raises:
        InputError: the file cannot be read, or lacks train, val, or both of names and nc.
    """
    # Ultralytics' own reader, because YAML 1.1 and 1.2 do not agree on names such as "no".
    from ultralytics.utils import DATASETS_DIR, YAML

    try:
        raw: dict[str, Any] = YAML.load(file)
    except (OSError, ValueError, AssertionError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError("", reason, "a YOLO data YAML", file=file) from error
    if "val" not in raw and "validation" in raw:
        raw["val"] = raw["validation"]
    if raw.get("names") is None and raw.get("nc") is None:
        raise InputError("names", "neither names nor nc", "the names of the classes", file=file)
    _check_is_text(file, "path", raw.get("path"))
    root = Path(raw.get("path") or file.parent)
    if not root.exists() and not root.is_absolute():
        root = Path(DATASETS_DIR) / root
    splits = {}
    for split in (*REQUIRED_SPLITS, *OPTIONAL_SPLITS):
        named = raw.get(split)
        if named:
            splits[split] = _places(file, split, named, root)
        elif split in REQUIRED_SPLITS:
            expected = f"{split}: a folder of pictures or a list of them"
            misspelt = nearest_name(split, {str(key) for key in raw} - _ABOUT_PLACES)
            if misspelt:
                raise InputError(misspelt, misspelt, expected, nearest=split, file=file)
            raise InputError(split, "nothing", expected, file=file)
    entries = {key: value for key, value in raw.items() if key not in _ABOUT_PLACES}
    return DataYaml(file, splits, entries)


def _check_is_text(file: Path, field: str, value: object) -> None:
    """Refuse anything but text, or nothing, where a path belongs."""
    if value is not None and not isinstance(value, str):
        raise InputError(field, f"{value!r} ({type(value).__name__})", "a path", file=file)


def _places(file: Path, split: str, named: object, root: Path) -> tuple[Path, ...]:
    """Return the absolute places that one split names."""
    if isinstance(named, list):
        for index, place in enumerate(named):
            _check_is_text(file, f"{split}.{index}", place)
        return tuple((root / place).resolve() for place in named)
    _check_is_text(file, split, named)
    place = (root / str(named)).resolve()
    if not place.exists() and str(named).startswith("../"):
        # Exported datasets often say ../train/images for a folder that is beside the YAML.
        place = (root / str(named)[3:]).resolve()
    return (place,)


def list_pictures(places: Sequence[Path]) -> list[str]:
    """Return the pictures that Ultralytics would find in ``places``, spelled and sorted as it does.

    A folder gives every picture in it and below; a file lists one path a line, ``./`` being its own folder.
    A picture named more than once is returned as often. That a listed picture exists is not checked.

    Raises:
        FileNotFoundError: one of ``places`` is not there.
        UnicodeDecodeError: a list is not UTF-8 text.
    """
    from ultralytics.data.utils import IMG_FORMATS

    found: list[str] = []
    for place in places:
        if place.is_dir():
            # Not Path.rglob: Ultralytics' glob follows symbolic links to folders and skips hidden files.
            found += glob.glob(str(Path(glob.escape(str(place))) / "**" / "*.*"), recursive=True)  # noqa: PTH207
        elif place.is_file():
            lines = place.read_text(encoding="utf-8-sig").strip().splitlines()
            beside = f"{place.parent}{os.sep}"
            found += [beside + line[2:] if line.startswith("./") else line for line in lines]
        else:
            raise FileNotFoundError(place)
    return sorted(name for name in found if name.rpartition(".")[-1].lower() in IMG_FORMATS)
