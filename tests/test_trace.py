"""A traced epoch: operators and phases in a file that TensorBoard's plugin and Perfetto open."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from runs import TINY_SUITE, write_suite
from starting import StartTrial

from bench.cli import main
from bench.errors import InputError
from bench.run import prepare
from bench.trace import choose


def test_trace_holds_operators_inside_phases(start_trial: StartTrial, tmp_path: Path) -> None:
    trial = start_trial()
    trial.ready()
    trial.measure("epoch")
    trial.trace(tmp_path / "traces", "tiny")
    (file,) = (tmp_path / "traces").glob("tiny.*.pt.trace.json")
    events = json.loads(file.read_text())["traceEvents"]
    spans = {event["name"]: event for event in events if event.get("cat") == "user_annotation"}
    assert {"forward", "backward", "optimizer", "ema", "validation", "checkpoint"} <= set(spans)
    convolutions = [event for event in events if event["name"] == "aten::conv2d"]
    forward = [event for event in events if event["name"] == "forward" and event.get("cat") == "user_annotation"]
    assert any(
        span["ts"] <= op["ts"] <= op["ts"] + op["dur"] <= span["ts"] + span["dur"]
        for op in convolutions
        for span in forward
    )
    assert trial.measure("epoch").values["seconds"] > 0


def test_a_label_that_is_not_in_the_plan_names_the_nearest() -> None:
    prepared = prepare(Path(__file__).parent.parent / "suites" / "quickstart.yaml", {})
    assert choose(prepared, ()) == (prepared.plan.baseline,)
    with pytest.raises(InputError, match="did you mean 'precision=bf16'"):
        choose(prepared, ("precision=bf61",))


def test_a_trial_that_fails_is_one_line(tmp_path: Path) -> None:
    suite = write_suite(tmp_path, workload={**TINY_SUITE["workload"], "settings": {"optimizer": "none such"}})
    result = CliRunner().invoke(main, ["trace", str(suite), "--out", str(tmp_path / "traces")])
    assert result.exit_code == 1
    last = result.stderr.splitlines()[-1]
    assert last.startswith("bench: a trial failed: exception: ")
    assert "none such" in last
    assert "Traceback" not in result.output
