"""The pytest front with real training of a tiny detector."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import fmean

import pytest
from pytest_runs import (
    METRICS,
    SUITE,
    Finished,
    labels_in,
    measured_in,
    rows_of,
    run_pytest,
    runs_in,
    suite_folder,
)

MEASURED = ("baseline", "precision=bf16", "memory_format=channels_last")


@dataclass(frozen=True)
class Whole:
    """A run of the whole suite."""

    folder: Path
    finished: Finished


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """The suite run once, its figures saved both ways."""
    folder = suite_folder(tmp_path_factory.mktemp("whole"))
    saving = ("--benchmark-json=out.json", "--benchmark-save=first")
    finished = run_pytest(folder, "--benchmark-only", "-rs", *saving)
    assert finished.status == 0, finished.text
    return Whole(folder, finished)


def test_all_items_come_from_one_run(whole: Whole) -> None:
    assert "12 passed, 4 skipped" in whole.finished.text
    (run,) = runs_in(whole.folder)
    assert (run / "report.md").is_file()
    assert f"Report: {run.relative_to(whole.folder)}/report.md" in whole.finished.text


def test_rows_are_grouped_by_suite_and_metric(whole: Whole) -> None:
    for metric in METRICS:
        assert f"benchmark 'small {metric}': 3 tests" in whole.finished.text
    rows = rows_of(whole.folder / "out.json")
    assert {(name, row["group"]) for name, row in rows.items()} == {
        (f"small[{label}-{metric}]", f"small {metric}") for label in MEASURED for metric in METRICS
    }


@pytest.mark.parametrize("label", MEASURED)
@pytest.mark.parametrize(
    ("metric", "measurement", "value"),
    [
        ("epoch", "epoch", "seconds"),
        ("data_loading", "data_loading", "seconds_per_batch"),
        ("forward", "forward_backward", "forward"),
        ("backward", "forward_backward", "backward"),
    ],
)
def test_figures_are_those_of_the_journal(whole: Whole, label: str, metric: str, measurement: str, value: str) -> None:
    (run,) = runs_in(whole.folder)
    measured = measured_in(run, label, measurement, value)
    statistics = rows_of(whole.folder / "out.json")[f"small[{label}-{metric}]"]["stats"]
    assert len(measured) == 2
    assert statistics["data"] == measured
    assert statistics["mean"] == pytest.approx(fmean(measured))


def test_extra_info_tells_what_the_figures_are_of(whole: Whole) -> None:
    (run,) = runs_in(whole.folder)
    rows = rows_of(whole.folder / "out.json")
    info = rows["small[precision=bf16-epoch]"]["extra_info"]
    assert info["suite"] == "small"
    assert info["levels"] == {"precision": "bf16", "memory_format": "contiguous"}
    assert info["metric"] == "epoch.seconds"
    # One launch gives no interval, and so no verdict but this.
    assert (info["verdict"], info["ratio"]["low"], info["ratio"]["high"]) == ("undecided", None, None)
    assert info["ratio"]["value"] > 0
    assert info["ratio"]["rounds"] == 2
    assert info["memory_peak_bytes"] == measured_in(run, "precision=bf16", "memory", "peak")[0]
    assert info["run"] == str(run.relative_to(whole.folder))
    baseline = rows["small[baseline-epoch]"]["extra_info"]
    assert (baseline["verdict"], baseline["ratio"]) == ("baseline", None)


def test_machine_info_has_the_versions(whole: Whole) -> None:
    training = json.loads((whole.folder / "out.json").read_text())["machine_info"]["training"]
    assert training["versions"]["torch"] == version("torch")
    assert training["versions"]["ultralytics"] == version("ultralytics")
    assert training["machine_id"]


def test_selection_runs_no_more_than_it_names_and_compares_with_a_saved_run(whole: Whole) -> None:
    before = runs_in(whole.folder)
    finished = run_pytest(
        whole.folder,
        "--benchmark-only",
        "-k",
        "channels_last and epoch",
        "--benchmark-compare=0001",
        "--benchmark-compare-fail=mean:100000%",
        "--benchmark-autosave",
    )
    assert finished.status == 0, finished.text
    assert "1 passed, 15 deselected" in finished.text
    assert "small[memory_format=channels_last-epoch] (NOW)" in finished.text
    assert "small[memory_format=channels_last-epoch] (0001_first)" in finished.text
    assert "machine_info is different" not in finished.text
    (run,) = [each for each in runs_in(whole.folder) if each not in before]
    assert labels_in(run) == ["baseline", "memory_format=channels_last"]
    assert len(list((whole.folder / ".benchmarks").glob("*/*.json"))) == 2


def test_the_baseline_can_be_selected_alone(tmp_path: Path) -> None:
    folder = suite_folder(tmp_path, f"{SUITE}measure: [epoch]\n")
    finished = run_pytest(folder, "--benchmark-only", "-k", "baseline")
    assert "1 passed, 3 deselected" in finished.text
    (run,) = runs_in(folder)
    assert labels_in(run) == ["baseline"]


def test_a_baseline_that_fails_fails_every_item_with_the_reason(tmp_path: Path) -> None:
    folder = suite_folder(tmp_path, SUITE.replace("timeout: 120s", "timeout: 0.01s"))
    finished = run_pytest(folder, "--benchmark-only", "-k", "epoch")
    assert "3 failed, 1 skipped" in finished.text
    (run,) = runs_in(folder)
    reason = f"the baseline failed, so nothing could be compared; see {run.relative_to(folder)}/report.md"
    assert finished.text.splitlines().count(reason) == 3
    assert "Traceback" not in finished.text
