"""The largest batch as a level of a suite, and by its command."""

from __future__ import annotations

import json
from pathlib import Path

from runs import lines_of, only_run, run_bench, write_suite

SHORT = {"axes": {"batch": [4, "largest"]}, "measure": ["epoch"], "budget": {"rounds": 1}, "launches": 1}


def test_a_run_finds_it_once_and_trains_with_it(tmp_path: Path) -> None:
    suite = write_suite(tmp_path, **SHORT)
    done = run_bench("run", suite, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    run = only_run(tmp_path / "results")
    baseline, largest = (line["combination"] for line in lines_of(run, "row"))
    (found,) = lines_of(run, "largest_batch")
    assert found["combination"] == largest
    # Sixteen pictures fit into any memory that runs this test.
    assert found["largest"] == 16
    assert [attempt["batch"] for attempt in found["attempts"]] == [4, 8, 16]
    batches = {line["combination"]: line["facts"]["batch"] for line in lines_of(run, "launch")}
    assert batches == {baseline: 4, largest: 16}
    evidence = [line for line in lines_of(run, "evidence") if line["combination"] == largest]
    assert [(line["in_force"], line["observed"]) for line in evidence] == [(True, "batches of 16 images")]


def test_the_command_tells_what_it_tried(tmp_path: Path) -> None:
    suite = write_suite(tmp_path, axes={"precision": ["fp32", "bf16"]})
    done = run_bench("largest-batch", suite, "--combination", "precision=bf16", "--json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["combination"] == "precision=bf16"
    assert told["largest"] == 16
    assert [(each["batch"], each["fits"], each["need"] > 0) for each in told["attempts"]] == [
        (4, True, True),
        (8, True, True),
        (16, True, True),
    ]


def test_the_command_says_when_nothing_fits(tmp_path: Path) -> None:
    done = run_bench("largest-batch", write_suite(tmp_path), "--memory", "0.001", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "No batch fits."
    assert "does not fit" in done.stdout
