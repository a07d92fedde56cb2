from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from bench.errors import InputError
from bench.workloads.data_yaml import list_pictures, read_data_yaml


def written(folder: Path, text: str) -> Path:
    file = folder / "data.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_places_are_those_that_ultralytics_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ultralytics.data import utils

    for folder in ("root/a", "root/b", "root/v", "train/images"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.setattr(utils, "check_font", lambda font: None)
    monkeypatch.chdir(tmp_path)
    for text in (
        f"path: {tmp_path}/root\ntrain: [a, b]\nval: v\nnames: [x]",
        "path: root\ntrain: a\nvalidation: v\nnc: 2",
        f"train: {tmp_path}/root/a\nval: root/v\ntest: root/gone\nnames: {{0: x}}",
        "train: ../train/images\nval: ../root/v\nnames: [x]",
        "train: root/../root/b\nval: ./root/v\nnames: [x]\npath:\n",
    ):
        file = written(tmp_path, text)
        expected = utils.check_det_dataset(file, autodownload=False)
        data = read_data_yaml(file)
        for split, places in data.splits.items():
            named = expected[split]
            assert [str(place) for place in places] == (named if isinstance(named, list) else [named])
        assert set(data.splits) == {split for split in ("train", "val", "test") if expected.get(split)}


def test_a_relative_path_that_is_not_here_is_looked_for_among_ultralytics_datasets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ultralytics.utils

    monkeypatch.setattr(ultralytics.utils, "DATASETS_DIR", tmp_path / "datasets")
    data = read_data_yaml(written(tmp_path, "path: nowhere\ntrain: t\nval: v\nnames: [x]"))
    assert data.splits == {
        "train": (tmp_path / "datasets" / "nowhere" / "t",),
        "val": (tmp_path / "datasets" / "nowhere" / "v",),
    }


def test_entries_are_kept_but_where_pictures_come_from_is_not(tmp_path: Path) -> None:
    text = "path: .\ntrain: t\nval: v\nnames: [no, b]\nnc: 2\nchannels: 1\nkpt_shape: [17, 3]\ndownload: print('hi')\n"
    data = read_data_yaml(written(tmp_path, text))
    # YAML 1.1, which Ultralytics reads, takes a bare "no" for false.
    assert data.entries == {"names": [False, "b"], "nc": 2, "channels": 1, "kpt_shape": [17, 3]}


@pytest.mark.parametrize(
    ("text", "field", "found", "nearest"),
    [
        ("val: v\nnames: [x]", "train", "nothing", None),
        ("trian: t\nval: v\nnames: [x]", "trian", "trian", "train"),
        ("train: t\nnames: [x]", "val", "nothing", None),
        ("train: t\nval:\nnames: [x]", "val", "nothing", None),
        ("train: t\nval: v", "names", "neither names nor nc", None),
        ("train: 3\nval: v\nnames: [x]", "train", "3 (int)", None),
        ("train: [a, {b: c}]\nval: v\nnames: [x]", "train.1", "{'b': 'c'} (dict)", None),
        ("path: [a]\ntrain: t\nval: v\nnames: [x]", "path", "['a'] (list)", None),
        ("- a\n- b", "", "is not a valid YAML mapping", None),
        ("a: [", "", "YAML syntax error", None),
    ],
)
def test_bad_yaml_is_named(tmp_path: Path, text: str, field: str, found: str, nearest: str | None) -> None:
    file = written(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_data_yaml(file)
    assert (caught.value.file, caught.value.field, caught.value.nearest) == (file, field, nearest)
    assert found in caught.value.found


def ultralytics_finds(places: list[Path]) -> list[str]:
    from ultralytics.data.base import BaseDataset

    stand_in = SimpleNamespace(prefix="", fraction=1.0)
    return list(BaseDataset.get_img_files(stand_in, [str(place) for place in places]))


def test_pictures_are_those_that_ultralytics_finds_in_its_order(tmp_path: Path) -> None:
    for name in (
        *("b/2.jpg", "b/10.JPG", "b/sub/1.png", "b/.hidden.jpg", "b/note.txt", "b/2.npy", "b/x[1].bmp", "a/9.jpeg"),
        *("elsewhere/far.jpg", "lists/near.jpg"),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).touch()
    (tmp_path / "b" / "linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "lists" / "list.txt").write_text(
        f"./near.jpg\n{tmp_path}/a/9.jpeg\n{tmp_path}/a/9.jpeg\n./gone.jpg\n./no.gif\n", encoding="utf-8-sig"
    )
    for places in (
        [tmp_path / "b"],
        [tmp_path / "b", tmp_path / "a"],
        [tmp_path / "lists" / "list.txt"],
        [tmp_path / "lists" / "list.txt", tmp_path / "a"],
    ):
        assert list_pictures(places) == ultralytics_finds(places)
    assert [Path(name).relative_to(tmp_path / "b").as_posix() for name in list_pictures([tmp_path / "b"])] == [
        *("10.JPG", "2.jpg", "linked/far.jpg", "sub/1.png", "x[1].bmp")
    ]


def test_a_place_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="gone"):
        list_pictures([tmp_path, tmp_path / "gone"])
