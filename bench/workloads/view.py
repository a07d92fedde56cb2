"""A private view of a dataset for one trial, so that nothing is ever written beside the user's pictures.

Ultralytics leaves label caches beside labels and ``.npy`` files beside pictures, and every later run reads
them. A view has folders of its own with symbolic links to the pictures and labels, so these land in the view
alone, and a ``.npy`` file that already lies beside a picture is not seen.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from bench.errors import InputError
from bench.workloads.data_yaml import REQUIRED_SPLITS, DataYaml, list_pictures, read_data_yaml


def make_view(data_yaml: Path, folder: Path) -> Path:
    """Mirror a dataset into ``folder`` and return the absolute path of the view's own ``data.yaml``.

    Pictures appear as ``images/<split>/…``, and labels where Ultralytics looks for the labels of those; a
    picture without a label file stays without. The order in which Ultralytics sorts the pictures is kept, so
    training on the view draws the same batches. An optional split (test) whose pictures are not there is left
    out.

    Args:
        data_yaml: any YOLO data YAML; it and what it names are only read.
        folder: made if it is not there; must not hold a view already.

    Raises:
        InputError: the YAML is not valid, or pictures to train or validate on are missing; nothing is made.
    """
    from ultralytics.utils import YAML

    data = read_data_yaml(data_yaml)
    found = find_pictures(data)
    folder = folder.absolute()
    for split, pictures in found.items():
        _mirror(pictures, folder / "images" / split)
        (folder / "labels" / split).mkdir(parents=True, exist_ok=True)
    file = folder / "data.yaml"
    YAML.save(file, data.entries | {split: f"images/{split}" for split in found})
    return file


def check_pictures(data_yaml: Path) -> None:
    """Check that a view can be made; only reads.

    Raises:
        InputError: the YAML is not valid, or pictures to train or validate on are missing.
    """
    find_pictures(read_data_yaml(data_yaml))


def find_pictures(data: DataYaml) -> dict[str, list[str]]:
    """Return the pictures of each split that has any.

    Raises:
        InputError: pictures to train or validate on are missing.
    """
    found = {split: _pictures(data, split) for split in data.splits}
    return {split: pictures for split, pictures in found.items() if pictures}


def _pictures(data: DataYaml, split: str) -> list[str]:
    """Return a split's pictures; none when an optional split is not there."""
    places = data.splits[split]
    text = ", ".join(map(str, places))
    try:
        pictures = list_pictures(places)
        reason = "no picture in it"
    except FileNotFoundError as error:
        pictures, reason = [], f"{error} is not there"
    except UnicodeDecodeError:
        pictures, reason = [], "neither a folder nor a text file"
    if pictures and not any(map(os.path.isfile, pictures)):
        pictures, reason = [], f"none of the {len(pictures)} listed pictures is there, such as {pictures[0]}"
    if not pictures and split in REQUIRED_SPLITS:
        expected = "a folder with pictures in it or a list of pictures (nothing is downloaded)"
        raise InputError(split, f"{text} ({reason})", expected, file=data.file)
    return pictures


def view_names(pictures: Sequence[str]) -> list[str]:
    """Return a distinct relative path for every picture, sorted as the pictures are.

    These are the paths below the pictures' deepest common folder. Where a picture is given twice, or paths
    are spelled so that the order would change, each path gets its number as a folder before it.
    """
    absolute = [os.path.abspath(picture) for picture in pictures]  # noqa: PTH100
    common = os.path.join(os.path.commonpath(map(os.path.dirname, absolute)), "")  # noqa: PTH118
    names = [path.removeprefix(common) for path in absolute]
    if all(before < after for before, after in pairwise(names)):
        return names
    digits = len(str(len(names)))
    return [f"{number:0{digits}d}{os.sep}{name}" for number, name in enumerate(names)]


def _mirror(pictures: Sequence[str], images: Path) -> None:
    """Link every picture into ``images``, and its label file, if it has one, to where it is looked for."""
    from ultralytics.data.utils import img2label_paths

    mirrored = [str(images / name) for name in view_names(pictures)]
    for picture, link in zip(pictures, mirrored, strict=True):
        _link(picture, Path(link))
    # a.jpg and a.png share a.txt; the same rule made both paths, so a link that is there is the right one.
    labels = dict(zip(img2label_paths(mirrored), img2label_paths(pictures), strict=True))
    for link, label in labels.items():
        if os.path.isfile(label):  # noqa: PTH113
            _link(label, Path(link))


def _link(target: str, link: Path) -> None:
    """Make ``link`` a symbolic link to the real file behind ``target``."""
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(os.path.realpath(target))
