"""A whole run in which one combination diverges: its speed stands, and the flag beside it."""

from __future__ import annotations

import json
from pathlib import Path

from runs import lines_of, only_run, run_bench, write_suite

TECHNIQUE = '''
from typing import Any, Literal

from bench.optimizations.base import Card, Evidence, Optimization


class LearningRate(Optimization):
    """The learning rate that training starts with."""

    name = "learning_rate"
    card = Card(
        summary="sets the learning rate", acts_on=("epoch",), evidence="the rate of the optimizer", source="none"
    )
    level_type = Literal["sane", "absurd"]
    usual_levels = ("sane", "absurd")

    def configure(self, settings: dict[str, Any]) -> None:
        settings["lr0"] = 0.001 if self.level == "sane" else 1.0

    def evidence(self, trainer: Any) -> Evidence:
        rate = trainer.optimizer.param_groups[0]["initial_lr"]
        return Evidence(in_force=(rate > 0.1) == (self.level == "absurd"), observed=f"rate {rate}", expected=self.level)
'''
PROJECT = """
[tool.yolo-train-bench]
optimizations = ["techniques.py"]
"""


def test_a_combination_that_diverges_is_flagged_beside_its_speed(tmp_path: Path) -> None:
    (tmp_path / "techniques.py").write_text(TECHNIQUE)
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    write_suite(
        tmp_path,
        axes={"learning_rate": ["sane", "absurd"]},
        measure=["epoch", "learning"],
        learning={"images": 64, "accuracy": True},
        budget={"rounds": 1},
    )
    suite = json.loads((tmp_path / "tiny.yaml").read_text())
    suite["workload"]["settings"] |= {"optimizer": "AdamW"}
    (tmp_path / "tiny.yaml").write_text(json.dumps(suite))
    done = run_bench("run", "tiny.yaml", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    run = only_run(tmp_path / "results")

    learnt = [line for line in lines_of(run, "burst") if line["measurement"] == "learning"]
    assert [line["values"]["images"] for line in learnt] == [64.0] * 4, "two combinations, two launches"
    baselines = [line["values"]["training_loss"] for line in learnt if line["combination"] == learnt_baseline(run)]
    assert len(set(baselines)) == 2, "every launch has another seed"

    sane, absurd = json.loads((run / "report.json").read_text())["rows"]
    assert (sane["flag"], absurd["flag"]) == (None, "diverges")
    assert absurd["verdict"] in {"faster", "slower", "equivalent", "undecided"}
    assert absurd["ratios"]["learning.validation_loss"]["value"] > 3
    assert absurd["differences"]["learning.map50"]["launches"] == 2
    assert f"{absurd['verdict']} ⚠ diverges" in (run / "report.md").read_text()
    assert "⚠ diverges" in done.stdout


def learnt_baseline(run: Path) -> str:
    return str(lines_of(run, "row")[0]["combination"])
