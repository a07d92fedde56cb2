"""asv on two commits of a project with a tiny suite: real training, in the environment of the tests."""

from __future__ import annotations

import json
from pathlib import Path

from asv_project import CONFIGURATION, asv, commit, git, make_repository, results_of

from bench.integrations.asv_export import export_runs
from bench.journal.file import read_journal
from bench.journal.records import LaunchRecord

TOP = Path(__file__).parents[2]
SUITE = f"""\
workload:
  model: {TOP / "tests" / "data" / "tiny.yaml"}
  data: {{kind: shapes, images: 16, validation_images: 4, size: 64}}
  image_size: 64
  batch: 4
  device: cpu
  settings: {{nbs: 4}}
axes:
  precision: [fp32, bf16]
budget: {{rounds: 1}}
launches: 1
"""
METRICS = ("backward", "data_loading", "epoch", "forward", "memory")


def test_two_commits_are_run_compared_and_published(tmp_path: Path) -> None:
    files = {f"suites/{name}": (TOP / "suites" / name).read_text() for name in ("__init__.py", "benchmarks.py")}
    unwanted = SUITE.replace("rounds: 1", "rounds: 5000")
    folder = make_repository(tmp_path / "project", {**files, "suites/tiny.yaml": SUITE, "suites/long.yaml": unwanted})
    run = ("run", "--python=same", "--record-samples", "--set-commit-hash", "HEAD", "--bench", "Tiny")
    asv(folder, *run, "--launch-method", "spawn")
    (folder / "notes.txt").write_text("Nothing that matters.\n")
    commit(folder, "The second")
    asv(folder, *run, "--launch-method", "forkserver")

    for revision in ("HEAD~1", "HEAD"):
        results = results_of(folder, revision)
        assert list(results) == [f"benchmarks.Tiny.track_{name}" for name in METRICS]
        for result in results.values():
            assert result["params"] == [["'baseline'", "'precision=bf16'"]]
            assert [len(samples) for samples in result["samples"]] == [1, 1]
            assert all(value > 0 for value in result["result"])
        commit_hash = git(folder, "rev-parse", revision).strip()
        (kept,) = (folder / ".asv" / "bench-runs" / commit_hash).glob("*/*")
        launches = [record for record in read_journal(kept) if isinstance(record, LaunchRecord)]
        assert len(launches) == 2
        assert (kept / "report.md").is_file()

    check_that_exported_runs_look_the_same(folder, kept)
    table = asv(folder, "compare", "HEAD~1", "HEAD").splitlines()
    for name in METRICS:
        for label in ("baseline", "precision=bf16"):
            (row,) = (line for line in table if f"benchmarks.Tiny.track_{name}('{label}')" in line)
            assert row.split("|")[1].strip() != "x"  # asv's mark for what cannot be compared
    asv(folder, "publish")
    assert (folder / ".asv" / "html" / "index.html").is_file()
    assert len(list((folder / ".asv" / "html" / "graphs").rglob("benchmarks.Tiny.track_epoch.json"))) > 0


def check_that_exported_runs_look_the_same(folder: Path, kept: Path) -> None:
    """Write the run that asv asked for last as results of another folder, and hold them against asv's own."""
    measured = results_of(folder, "HEAD")
    elsewhere = folder / "exported.conf.json"
    elsewhere.write_text(json.dumps(CONFIGURATION | {"results_dir": ".asv/exported"}))
    written = export_runs([kept], elsewhere, "HEAD", None)[0]
    stored = json.loads(written.file.read_text())
    exported = {name: dict(zip(stored["result_columns"], row, strict=False)) for name, row in stored["results"].items()}
    assert exported.keys() == measured.keys()
    for name, result in exported.items():
        apart = {"started_at", "duration"}
        assert {k: v for k, v in result.items() if k not in apart} == {
            k: v for k, v in measured[name].items() if k not in apart
        }
