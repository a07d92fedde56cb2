"""Trainers found by reading source that is never run."""

from __future__ import annotations

from pathlib import Path

from bench.init.trainers import find_trainers

SOURCES = {
    "a.py": "import os; os._exit(3)\nfrom ultralytics.models.yolo.detect import DetectionTrainer\n"
    "class MyTrainer(DetectionTrainer): pass\nclass Other(object): pass\n",
    "b.py": "from ultralytics.models.yolo.detect import DetectionTrainer as Theirs\n"
    "from a import MyTrainer as Base\n\nclass Finer(Base): pass\nclass HTTPTrainer2(Theirs): pass\n",
    "c.py": "from ultralytics.models import yolo\nclass MyTrainer(yolo.detect.DetectionTrainer): pass\n",
    "d.py": "class Broken(:\n",
    "e.py": "def make():\n    class Hidden(DetectionTrainer): pass\n",
    "f.py": "class Detection_Trainer(DetectionTrainer[int]): pass\nclass Segmenter(SegmentationTrainer): pass\n",
}


def test_subclasses_are_found_through_aliases_and_files(tmp_path: Path) -> None:
    for name, text in SOURCES.items():
        (tmp_path / name).write_text(text)
    found = find_trainers(tmp_path, reversed(SOURCES))
    assert [(each.target, each.line, each.name, each.final) for each in found] == [
        ("a.py:MyTrainer", 3, "my_trainer", False),
        ("b.py:Finer", 4, "finer", True),
        ("b.py:HTTPTrainer2", 5, "http_trainer2", True),
        ("c.py:MyTrainer", 2, "my_trainer_2", False),
    ]


def test_a_repository_without_trainers_has_none(tmp_path: Path) -> None:
    assert find_trainers(tmp_path, ["gone.py"]) == ()
