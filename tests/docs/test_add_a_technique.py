"""docs/add-a-technique.md, done as it says in an empty folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from documented import commands_of, write_files
from runs import lines_of, only_run, run_bench
from starting import TINY

DOCUMENT = "add-a-technique.md"
SHORT = (f"workload.model={TINY}", "workload.image_size=64", "workload.data={kind: shapes, images: 16, size: 64}")
SHORT += ("budget={rounds: 1}", "launches=1", "measure=[epoch]", "axes.precision=[fp32]", "workload.device=cpu")
SETTINGS = [part for each in SHORT for part in ("--set", each)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert write_files(DOCUMENT, tmp_path) == ["my_relu.py", "pyproject.toml", "suites/activation.yaml"]
    return tmp_path


def test_what_it_says_of_plan_list_and_show(folder: Path) -> None:
    plan, run = commands_of(DOCUMENT)
    assert run == "bench run suites/activation.yaml"
    done = run_bench(*plan.split()[1:], "--json", folder=folder)
    assert done.returncode == 0, done.stderr
    labels = [each["label"] for each in json.loads(done.stdout)["combinations"]]
    relu = "my_activation=relu"
    assert labels == ["baseline", "precision=bf16", relu, f"{relu}, precision=bf16"]
    names = [each["name"] for each in json.loads(run_bench("list", "--json", folder=folder).stdout)]
    assert {"my_activation", "precision"} <= set(names)
    assert "activates with ReLU" in run_bench("show", "my_activation", folder=folder).stdout
    assert "my_activation" in json.loads(run_bench("schema", folder=folder).stdout)["properties"]["axes"]["properties"]
    assert sorted(each.name for each in folder.iterdir() if each.name != "__pycache__") == [
        "my_relu.py",
        "pyproject.toml",
        "suites",
    ]


def evidence_of(folder: Path) -> dict[str, tuple[bool, str]]:
    """What a short run in ``folder`` shows of the technique, by level."""
    done = run_bench("run", "suites/activation.yaml", *SETTINGS, folder=folder)
    assert done.returncode == 0, done.stderr
    run = only_run(folder / "results")
    levels = {line["combination"]: line["levels"]["my_activation"] for line in lines_of(run, "row")}
    return {
        levels[line["combination"]]: (line["in_force"], line["observed"])
        for line in lines_of(run, "evidence")
        if line["axis"] == "my_activation"
    }


def test_a_run_finds_it_in_force(folder: Path) -> None:
    shown = evidence_of(folder)
    assert shown["silu"][0]
    assert shown["relu"][0]
    silu, none = shown["silu"][1].removesuffix(" ReLU").split(" SiLU and ")
    assert int(silu) > 0
    assert none == "0"
    assert shown["relu"][1] == f"0 SiLU and {silu} ReLU"


def test_a_run_finds_that_a_hook_did_nothing(folder: Path) -> None:
    file = folder / "my_relu.py"
    text = file.read_text()
    assert text.count("def prepare_model") == 1
    file.write_text(text.replace("def prepare_model", "def prepare_modle"))
    shown = evidence_of(folder)
    assert shown["silu"][0]
    assert not shown["relu"][0]
