"""The shipped suite, cut down to a few steps, gives a report with what came out of training."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest
from runs import lines_of, only_run, run_bench
from starting import TINY

SUITE = Path(__file__).parents[2] / "suites" / "after_training.yaml"
SHORT = {
    "workload.model": str(TINY),
    "workload.device": "cpu",
    "workload.image_size": "64",
    "workload.data": "{kind: shapes, images: 16, validation_images: 4, size: 64}",
    "launches": "1",
    "budget": "{rounds: 1}",
    "design": json.dumps([{"export": "torchscript"}, {"export": "onnx", "quantization": {"method": "ptq-int8"}}]),
}


@pytest.mark.skipif(find_spec("onnxruntime") is None, reason="needs the extra export")
def test_a_run_weighs_times_and_judges_every_combination(tmp_path: Path) -> None:
    done = run_bench(
        "run", SUITE, *(part for each in SHORT.items() for part in ("--set", "=".join(each))), folder=tmp_path
    )
    assert done.returncode == 0, done.stderr
    run = only_run(tmp_path / "results")
    assert not lines_of(run, "failure")
    assert all(line["in_force"] for line in lines_of(run, "evidence"))
    # Once a launch, when training is over.
    bursts = [line for line in lines_of(run, "burst") if line["round"] >= 0]
    assert [line["measurement"] for line in bursts] == ["epoch"] * 3 + ["after"] * 3
    report = json.loads((run / "report.json").read_text())
    assert report["deciding"] == "after.latency_p50"
    baseline, scripted, integers = report["rows"]
    assert scripted["ratios"]["after.latency_p50"]["rounds"] == 1
    assert integers["ratios"]["after.size"]["value"] < 0.5
    assert baseline["figures"]["after.map50"]["unit"] == "1"
    assert "## After training" in (run / "report.md").read_text()
