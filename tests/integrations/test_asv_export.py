"""Stored runs written as asv results, seen with the asv commands themselves."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from asv_project import CONFIGURATION, asv, commit, git, results_of
from click.testing import CliRunner, Result
from foreign_runs import ENVIRONMENT, SUITE, VERSIONS, Runs, make_project

from bench.cli import main
from bench.environment import CudaDevice
from bench.integrations.asv_figures import Figures, merged
from bench.integrations.asv_place import asv_configuration, machine_of
from bench.journal.file import NAME
from bench.journal.records import CommitRecord, GatedRecord, GateRecord

MATRIX = {"req": {"torch": ["2.14.1", "2.15.0"], "ultralytics": ["8.4.120"], "pip+asv_runner": ["0.3.2"]}}
EPOCH = "benchmarks.Small.track_epoch"
LABELS = ["'baseline'", "'precision=bf16'", "'memory_format=channels_last'"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path / "project")


@pytest.fixture
def matrix(project: Path) -> Path:
    """A configuration by which asv makes environments of its own."""
    file = project / "matrix.conf.json"
    file.write_text(
        json.dumps(CONFIGURATION | {"environment_type": "virtualenv", "pythons": ["3.11"], "matrix": MATRIX})
    )
    return file


@pytest.fixture
def make_run(project: Path, monkeypatch: pytest.MonkeyPatch) -> Runs:
    return Runs(project, monkeypatch)


def export(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["asv-export", *map(str, arguments)])


def exported(configuration: Path, *arguments: str | Path) -> list[dict[str, Any]]:
    done = export(*arguments, "--config", configuration, "--json")
    assert done.exit_code == 0, done.output
    return list(json.loads(done.stdout))


def test_asv_shows_compares_and_publishes_what_it_did_not_measure(project: Path, make_run: Runs) -> None:
    configuration = project / "asv.conf.json"
    exported(configuration, make_run(1.0))
    (project / "notes.txt").write_text("Nothing.\n")
    commit(project, "The second")
    (written,) = exported(configuration, make_run(3.0))
    assert written["added"] == 1
    assert written["benchmarks"] == [EPOCH]

    # The median of 1.0, 1.5 and 2.0 s is 1.5 s; that of 3.0, 3.5 and 4.0 s is 3.5 s.
    result = results_of(project, "HEAD")[EPOCH]
    assert result["params"] == [LABELS]
    assert result["result"] == [3.5, None, None]
    assert result["samples"] == [[3.5], None, None]
    shown = asv(project, "show", "HEAD")
    assert f"{EPOCH} [0123456789ab/" in shown
    assert "3.50" in shown
    assert "failed" in shown
    table = asv(project, "compare", "--machine", "0123456789ab", "HEAD~1", "HEAD").splitlines()
    (row,) = (line for line in table if "track_epoch('baseline')" in line)
    assert [cell.strip() for cell in row.split("|")[2:5]] == ["1.50±0s", "3.50±0s", "2.33"]
    asv(project, "publish")
    (graph,) = (project / ".asv" / "html" / "graphs").rglob(f"machine-0123456789ab/**/{EPOCH}.json")
    assert [value for _, value in json.loads(graph.read_text())] == [[1.5, None, None], [3.5, None, None]]


def test_asv_finds_the_same_benchmarks_by_itself(project: Path, make_run: Runs) -> None:
    exported(project / "asv.conf.json", make_run())
    file = project / "results" / "asv" / "benchmarks.json"
    written = json.loads(file.read_text())
    file.unlink()
    asv(project, "run", "--python=same", "--set-commit-hash", "HEAD", "--bench", "just-discover")
    assert json.loads(file.read_text()) == written


def test_the_machine_is_the_runs(project: Path, make_run: Runs) -> None:
    exported(project / "asv.conf.json", make_run())
    assert json.loads((project / "results/asv/0123456789ab/machine.json").read_text()) == {
        "machine": "0123456789ab",
        "os": "Linux 6.1.2",
        "arch": "x86_64",
        "cpu": "Fast Processor, Fake GPU",
        "num_cpu": "16",
        "ram": str(64 * 1024**2),  # KiB
        "version": 1,
    }


def test_a_machine_that_asv_knows_keeps_its_description(project: Path, make_run: Runs) -> None:
    known = {**machine_of(ENVIRONMENT, "box"), "cpu": "as asv said", "version": 1}
    file = project / "results/asv/box/machine.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(known))
    (written,) = exported(project / "asv.conf.json", make_run(), "--machine", "box")
    assert json.loads(file.read_text()) == known
    assert json.loads(Path(written["file"]).read_text())["params"]["cpu"] == "as asv said"


@pytest.mark.parametrize("name", ["box", "../box"])
def test_another_machine_of_that_name_is_refused(project: Path, make_run: Runs, name: str) -> None:
    file = project / "results/asv/box/machine.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(machine_of(dataclasses.replace(ENVIRONMENT, cores_total=2), "box")))
    done = export(make_run(), "--config", project / "asv.conf.json", "--machine", name)
    assert done.exit_code == 2
    assert "--machine: found" in done.stderr
    assert [each.name for each in (project / "results/asv").iterdir()] == ["box"]


@pytest.mark.parametrize("text", ["{", "[]", "\xff"])
def test_a_description_of_the_machine_that_cannot_be_read_is_refused(project: Path, make_run: Runs, text: str) -> None:
    file = project / "results/asv/box/machine.json"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="latin-1")
    done = export(make_run(), "--config", project / "asv.conf.json", "--machine", "box")
    assert (done.exit_code, "results/asv/box/machine.json: found" in done.stderr) == (2, True)
    assert [each.name for each in file.parent.iterdir()] == ["machine.json"]


@pytest.mark.parametrize(
    ("torch", "ultralytics", "name"),
    [
        ("2.15.0+cpu", "8.4.120", "virtualenv-py3.11-torch2.15.0-ultralytics8.4.120"),
        ("2.14.1", "8.4.120", "virtualenv-py3.11-torch2.14.1-ultralytics8.4.120"),
        ("2.15.0", "8.4.190", "virtualenv-py3.11-torch2.15.0-ultralytics8.4.190"),
    ],
)
def test_the_environment_is_named_as_asv_names_its_own(
    matrix: Path, make_run: Runs, torch: str, ultralytics: str, name: str
) -> None:
    from asv.config import Config
    from asv.environment import get_environments

    versions = dataclasses.replace(VERSIONS, torch=torch, ultralytics=ultralytics)
    (written,) = exported(matrix, make_run(versions=versions))
    assert written["environment"] == name
    stored = json.loads(Path(written["file"]).read_text())
    public = torch.partition("+")[0]
    assert stored["requirements"] == {"torch": public, "ultralytics": ultralytics}
    assert (stored["python"], stored["params"]["torch"]) == ("3.11", public)
    names = [each.name for each in get_environments(Config.load(str(matrix)), None, verbose=False)]
    assert (name in names) == (ultralytics == "8.4.120")


def test_variables_of_the_matrix_are_stored_as_asv_stores_its_own(project: Path, make_run: Runs) -> None:
    from asv.environment import get_environments

    file = project / "variables.conf.json"
    matrix = {"req": {"torch": ["2.15.0"]}, "env": {"OMP_NUM_THREADS": ["4"]}, "env_nobuild": {"LANG": ["C"]}}
    file.write_text(
        json.dumps(CONFIGURATION | {"environment_type": "virtualenv", "pythons": ["3.11"], "matrix": matrix})
    )
    (written,) = exported(file, make_run())
    stored = json.loads(Path(written["file"]).read_text())
    assert stored["env_name"] == "virtualenv-py3.11-torch2.15.0-LANGC-OMP_NUM_THREADS4"
    assert stored["env_vars"] == {"OMP_NUM_THREADS": "4", "LANG": "C"}
    with asv_configuration(file) as conf:
        (own,) = get_environments(conf, None, verbose=False)
        assert (stored["env_name"], stored["env_vars"]) == (own.name, own.env_vars)


def test_samples_of_runs_add_up_and_none_is_lost_or_counted_twice(project: Path, make_run: Runs) -> None:
    configuration = project / "asv.conf.json"
    first, second = make_run(1.0), make_run(3.0)
    exported(configuration, first)
    again = exported(configuration, first, second, second)
    assert [each["added"] for each in again] == [0, 1, 0]
    result = results_of(project, "HEAD")[EPOCH]
    assert result["samples"][0] == [1.5, 3.5]
    assert result["result"][0] == 2.5


def version_of(file: Path) -> str:
    """The version of the epoch's figures in one of asv's result files."""
    stored = json.loads(file.read_text())
    return str(stored["results"][EPOCH][stored["result_columns"].index("version")])


def test_figures_of_another_device_are_another_series(project: Path, make_run: Runs) -> None:
    configuration = project / "asv.conf.json"
    (cpu,) = exported(configuration, make_run(1.0, gpus=()))  # behind CUDA_VISIBLE_DEVICES=
    (beside_a_gpu,) = exported(configuration, make_run(3.0))
    assert beside_a_gpu["added"] == 1
    assert results_of(project, "HEAD")[EPOCH]["samples"][0] == [1.5, 3.5]

    other = CudaDevice(0, "Other GPU", 8 * 1024**3, "550.1", (9, 0))
    first, second = make_run(0.1, device="cuda:0"), make_run(0.2, device="cuda:0", gpus=(other,))
    for run in (first, second):
        refused = export(run, "--config", configuration)
        assert (refused.exit_code, "of another device, in" in refused.stderr) == (2, True)
    assert results_of(project, "HEAD")[EPOCH]["samples"][0] == [1.5, 3.5]
    files = [Path(cpu["file"])]
    for run, machine in ((first, "box"), (second, "other")):
        (written,) = exported(configuration, run, "--machine", machine)
        assert written["shown"] is False
        files.append(Path(written["file"]))
    assert len({version_of(file) for file in files}) == 3


def test_samples_win_over_reasons_and_add_up_to_samples() -> None:
    nan = float("nan")
    old = Figures([2.0, None, nan, None], [[1.0, 3.0], None, None, None])
    new = Figures([True, True, None, nan], [[3.0], [5.0], None, None])
    found = merged(old, new)
    assert found.samples == [[1.0, 3.0, 3.0], [5.0], None, None]
    assert found.result[:3] == [True, True, None]
    assert not old.holds(new)
    assert found.holds(new)


def test_figures_of_asv_that_would_be_lost_are_refused(project: Path, make_run: Runs) -> None:
    configuration = project / "asv.conf.json"
    (written,) = exported(configuration, make_run())
    file = Path(written["file"])
    stored = json.loads(file.read_text())
    columns = stored["result_columns"]
    for column, value, expected in (("samples", None, "--record-samples"), ("version", "another", "edition")):
        changed = json.loads(json.dumps(stored))
        changed["results"][EPOCH][columns.index(column)] = value
        file.write_text(json.dumps(changed))
        done = export(make_run(5.0), "--config", configuration)
        assert done.exit_code == 2
        assert expected in done.stderr
        assert json.loads(file.read_text()) == changed


def test_benchmarks_that_asv_knows_in_another_edition_stay(project: Path, make_run: Runs) -> None:
    configuration = project / "asv.conf.json"
    exported(configuration, make_run())
    (project / "suites/small.yaml").write_text(SUITE.replace("rounds: 3", "rounds: 4"))
    commit(project, "Another edition")
    run = make_run(2.0)
    known = (project / "results/asv/benchmarks.json").read_text()
    (written,) = exported(configuration, run)
    assert written["shown"] is False
    assert (project / "results/asv/benchmarks.json").read_text() == known
    assert results_of(project, "HEAD")[EPOCH]["samples"][0] == [2.5]
    assert "another edition" in export(run, "--config", configuration).stdout


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"clean": False}, "with changes"),
        ({"clean": None}, "without knowing whether it was clean"),
        ({"commit": None}, "which does not know its commit"),
        ({"commit": "0a" * 20}, "made at commit '0a0a0a0a0a0a"),
    ],
)
def test_a_run_of_no_commit_of_the_repository_is_refused_until_told(
    project: Path, make_run: Runs, changes: dict[str, Any], found: str
) -> None:
    configuration = project / "asv.conf.json"
    run = make_run(**changes)
    done = export(run, "--config", configuration)
    assert done.exit_code == 2
    assert found in done.stderr
    assert not (project / "results/asv").exists()
    (written,) = exported(configuration, run, "--commit", "HEAD")
    assert written["commit"] == git(project, "rev-parse", "HEAD").strip()


@pytest.mark.parametrize("name", ["--output={}", "-n1", "^HEAD", "HEAD..HEAD", "HEAD\0", " nowhere"])
def test_what_cannot_name_a_commit_is_refused(project: Path, make_run: Runs, tmp_path: Path, name: str) -> None:
    commit_name = name.format(tmp_path / "written")
    configuration = project / "asv.conf.json"
    told = export(make_run(), "--config", configuration, f"--commit={commit_name}")
    recorded = export(make_run(commit=commit_name), "--config", configuration)
    for done, field in ((told, "--commit"), (recorded, "RUN")):
        assert done.exit_code == 2
        assert f"{field}: found" in done.stderr
        assert repr(commit_name) in done.stderr
    assert not (project / "results/asv").exists()
    assert list(tmp_path.glob("written*")) == []


def test_a_run_with_the_users_code_is_of_the_users_commit(project: Path, make_run: Runs) -> None:
    run = make_run(commit="0a" * 20)
    head, *rest = (run / NAME).read_text().splitlines()
    here = {"root": str(project), "commit": git(project, "rev-parse", "HEAD").strip(), "clean": True, "files": {}}
    (run / NAME).write_text("\n".join([json.dumps(json.loads(head) | {"project": here}), *rest]) + "\n")
    (written,) = exported(project / "asv.conf.json", run)
    assert written["commit"] == here["commit"]


def test_a_run_that_was_stopped_is_refused_and_nothing_of_the_others_is_written(project: Path, make_run: Runs) -> None:
    whole, stopped = make_run(), make_run(2.0)
    lines = (stopped / NAME).read_text().splitlines()
    (stopped / NAME).write_text("\n".join(lines[:-1]) + "\n")
    done = export(whole, stopped, "--config", project / "asv.conf.json")
    assert done.exit_code == 2
    assert "bench resume" in done.stderr
    assert not (project / "results/asv").exists()


def test_what_is_no_run_or_no_configuration_is_refused(project: Path, make_run: Runs, tmp_path: Path) -> None:
    assert export(tmp_path, "--config", project / "asv.conf.json").exit_code == 2
    done = export(make_run(), "--config", tmp_path / "none.json")
    assert done.exit_code == 2
    assert "--config: found" in done.stderr
    unread = tmp_path / "unread.json"
    unread.write_text("{")
    assert export(make_run(), "--config", unread).exit_code == 2


def test_a_gate_is_refused_since_it_is_of_two_commits(project: Path, make_run: Runs) -> None:
    run = make_run()
    side = CommitRecord(commit="0a" * 20, subject="One")
    gate = GateRecord(base=side, head=side, gated=(GatedRecord(label="baseline", base="b1", head="h1"),))
    head, *rest = (run / NAME).read_text().splitlines()
    (run / NAME).write_text("\n".join([head, gate.model_dump_json(), *rest]) + "\n")
    done = export(run, "--config", project / "asv.conf.json")
    assert (done.exit_code, "which compares two commits" in done.stderr) == (2, True)
    assert not (project / "results/asv").exists()


def test_figures_of_combinations_that_a_run_lacks_are_not_lost(project: Path, make_run: Runs) -> None:
    configuration = project / "asv.conf.json"
    (written,) = exported(configuration, make_run())
    file = Path(written["file"])
    stored = json.loads(file.read_text())
    values = dict(zip(stored["result_columns"], stored["results"][EPOCH], strict=False))
    values["params"][0][2] = "'amp=on'"
    file.write_text(json.dumps(stored))
    done = export(make_run(5.0), "--config", configuration)
    assert (done.exit_code, "figures of 'amp=on'" in done.stderr) == (2, True)
    assert json.loads(file.read_text()) == stored
