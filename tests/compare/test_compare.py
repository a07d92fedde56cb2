"""Two stored runs compared: formulas by hand, refusals, the page and the JSON."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from journals import SUITE, clear_run, evidence, failure, head, row

from bench.analysis.ratio import Estimate, as_ratio
from bench.analysis.result import Verdict
from bench.cli import main
from bench.compare.aspects import ASPECTS, differences, parse_across
from bench.compare.comparison import change_of, compare
from bench.environment import CudaDevice, Environment
from bench.environment.versions import Versions
from bench.errors import InputError
from bench.journal.file import NAME, Journal
from bench.journal.records import AnyRecord, CommitRecord, GatedRecord, GateRecord, RowRecord, RunRecord
from bench.suite.load import suite_json
from bench.suite.model import Learning

NOTHING: frozenset[str] = frozenset()
ENVIRONMENT = Environment(
    machine_id="0123456789ab",
    processor="Fast Processor",
    cores_used=2,
    cores_total=2,
    memory_bytes=8 * 1024**3,
    gpus=(),
    operating_system="Some Linux",
    kernel="Linux 6.1.2 x86_64",
    governor=None,
    load_average=0.1,
    device="cpu",
    threads=1,
    versions=Versions("0.1.0", "3.11.9", "2.15.0", None, "0.29.2", "8.4.190", "2.4.6", "5.0.0.93"),
    commit="0a" * 20,
    clean=True,
)


def run_of(ratio: float, name: str, environment: Environment = ENVIRONMENT, **suite: Any) -> list[AnyRecord]:
    """A run whose variant takes ``ratio`` times what its baseline takes."""
    changed = SUITE.model_copy(update=suite)
    first = head().model_copy(update={"run": name, "environment": environment.to_json(), "suite": suite_json(changed)})
    _, base, fast, *bursts = clear_run(ratio)
    assert isinstance(base, RowRecord)
    assert isinstance(fast, RowRecord)
    rows = [
        base.model_copy(update={"levels": {"precision": "fp32"}, "label": "baseline"}),
        fast.model_copy(update={"levels": {"precision": "bf16"}, "label": "precision=bf16"}),
    ]
    return [first, *rows, *bursts]


def test_the_change_of_two_independent_ratios_has_both_variances() -> None:
    first = Estimate(mean=0.1, variance=0.0004, degrees=6.0, rounds=12, launches=3, bounded=1)
    second = Estimate(mean=-0.1, variance=0.0005, degrees=4.0, rounds=8, launches=2, bounded=0)
    change = change_of(first, second)
    assert (change.mean, change.variance) == (pytest.approx(-0.2), pytest.approx(0.0009))
    assert (change.degrees, change.rounds, change.launches, change.bounded) == (4.0, 20, 5, 1)
    # Student's 97.5 % quantile with 4 degrees of freedom is 2.776445, and 2.776445 * sqrt(0.0009) is 0.0832934.
    ratio = as_ratio(change, 0.95)
    assert ratio.value == pytest.approx(0.818731, rel=1e-5)  # exp(-0.2)
    assert ratio.low == pytest.approx(0.753299, rel=1e-5)  # exp(-0.2832934)
    assert ratio.high == pytest.approx(0.889846, rel=1e-5)  # exp(-0.1167066)


def test_without_an_interval_of_both_there_is_none_of_the_change() -> None:
    known = Estimate(mean=0.1, variance=0.0004, degrees=6.0, rounds=12, launches=3, bounded=0)
    unknown = dataclasses.replace(known, variance=None, degrees=0.0)
    assert change_of(known, unknown).variance is None
    assert change_of(unknown, known).variance is None


def test_a_combination_that_gained_is_faster_in_the_second_run() -> None:
    found = compare(run_of(0.8, "aaaaaa"), run_of(0.4, "bbbbbb"), NOTHING)
    baseline, fast = found.rows
    assert (baseline.change, baseline.changes) == (None, {})
    # A round's log ratio is that of the run's ratio and a wobble that is the same in both runs: 0.4 / 0.8.
    assert fast.changes["epoch.seconds"].value == pytest.approx(0.5)
    assert fast.change is Verdict.FASTER
    assert compare(run_of(0.4, "aaaaaa"), run_of(0.8, "bbbbbb"), NOTHING).rows[1].change is Verdict.SLOWER


def test_the_same_ratio_is_not_called_another() -> None:
    found = compare(run_of(0.8, "aaaaaa"), run_of(0.8, "bbbbbb"), NOTHING)
    assert found.rows[1].changes["epoch.seconds"].value == pytest.approx(1.0)
    assert found.rows[1].change in {Verdict.EQUIVALENT, Verdict.UNDECIDED}


def test_rows_without_a_verdict_have_no_change() -> None:
    sound = run_of(0.8, "aaaaaa")
    for spoilt in (
        failure("fast"),
        evidence("fast", in_force=False),
        failure("base"),
        evidence("base", in_force=False),
    ):
        found = compare(sound, [*run_of(0.4, "bbbbbb"), spoilt], NOTHING)
        assert [each.change for each in found.rows] == [None, None]
        assert all(not each.changes for each in found.rows)


def test_rows_are_the_same_that_depart_from_the_baseline_alike() -> None:
    first, second = run_of(0.8, "aaaaaa"), run_of(0.8, "bbbbbb")
    extra = row("other", not_run="not wanted").model_copy(update={"levels": {"precision": "fp16"}})
    found = compare([*first[:3], extra, *first[3:]], second, NOTHING)
    assert [each.label for each in found.rows] == ["baseline", "precision=bf16"]
    assert [each.label for each in found.only_first] == ["other"]
    assert found.only_second == ()
    assert [each.label for each in compare(second, [*first, extra], NOTHING).only_second] == ["other"]


def differing(aspect: str) -> list[AnyRecord]:
    """A run that differs from ``run_of(0.8, …)`` in one aspect."""
    versions = dataclasses.replace(ENVIRONMENT.versions, torch="2.14.1")
    if aspect == "workload":
        return run_of(0.8, "bbbbbb", workload=SUITE.workload.model_copy(update={"batch": 16}))
    if aspect == "machine":
        return run_of(0.8, "bbbbbb", dataclasses.replace(ENVIRONMENT, machine_id="ba9876543210"))
    if aspect == "device":
        return run_of(0.8, "bbbbbb", dataclasses.replace(ENVIRONMENT, device="cuda:0"))
    if aspect == "versions":
        return run_of(0.8, "bbbbbb", dataclasses.replace(ENVIRONMENT, versions=versions))
    if aspect == "protocol":
        return run_of(0.8, "bbbbbb", margin=0.05)
    return [*run_of(0.8, "bbbbbb"), evidence("fast", in_force=True).model_copy(update={"expected": "8 bits"})]


@pytest.mark.parametrize("aspect", ASPECTS)
def test_runs_that_differ_are_refused_unless_told(aspect: str) -> None:
    first = [*run_of(0.8, "aaaaaa"), evidence("fast", in_force=True)]
    second = differing(aspect)
    assert list(differences(first, second)) == [aspect]
    with pytest.raises(InputError, match=f"differ in {aspect} .*--across {aspect} "):
        compare(first, second, NOTHING)
    with pytest.raises(InputError, match=f"differ in {aspect} "):
        compare(first, second, frozenset(ASPECTS) - {aspect})
    assert list(compare(first, second, frozenset({aspect})).across) == [aspect]


def test_learning_over_other_images_is_another_protocol() -> None:
    other = Learning(images=7)
    assert differences(run_of(0.8, "aaaaaa"), run_of(0.8, "bbbbbb", learning=other)) == {}, "nothing was learnt"
    measure = ("epoch", "learning")
    found = differences(run_of(0.8, "aaaaaa", measure=measure), run_of(0.8, "bbbbbb", measure=measure, learning=other))
    assert list(found) == ["protocol"]
    assert found["protocol"] == ("learning: (accuracy=false, images=2000) → (accuracy=false, images=7)",)


def on(device: str, *gpus: str) -> list[AnyRecord]:
    """A run on a device of the same machine, of which CUDA shows so many GPUs."""
    shown = tuple(CudaDevice(index, name, 80 * 1024**3, "550.1", (9, 0)) for index, name in enumerate(gpus))
    return run_of(0.8, "bbbbbb", dataclasses.replace(ENVIRONMENT, device=device, gpus=shown))


def test_another_gpu_of_one_machine_is_another_device() -> None:
    first, second = on("cuda:0", "NVIDIA H100"), on("cuda:0", "NVIDIA T4")
    assert differences(first, second) == {"device": ("GPU: NVIDIA H100 → NVIDIA T4",)}
    both = ("NVIDIA H100", "NVIDIA T4")
    changed = ("device: cuda:0 → cuda:1", "GPU: NVIDIA H100 → NVIDIA T4")
    assert differences(on("cuda:0", *both), on("cuda:1", *both)) == {"device": changed}
    # Those that lie idle do not count.
    assert differences(first, on("cuda:0", *both)) == {}
    assert differences(on("cpu"), on("cpu", *both)) == {}


def test_fewer_cores_are_another_machine() -> None:
    fewer = run_of(0.8, "bbbbbb", dataclasses.replace(ENVIRONMENT, cores_used=1))
    assert differences(run_of(0.8, "aaaaaa"), fewer) == {"machine": ("cores used: 2 → 1",)}


def gate_of(records: list[AnyRecord]) -> list[AnyRecord]:
    side = CommitRecord(commit="0a" * 20, subject="One")
    gate = GateRecord(base=side, head=side, gated=(GatedRecord(label="baseline", base="base", head="fast"),))
    return [*records[:3], gate, *records[3:]]


def test_a_gate_is_no_run(tmp_path: Path) -> None:
    first, second = run_of(0.8, "aaaaaa"), run_of(0.8, "bbbbbb")
    for one, other in ((gate_of(first), second), (first, gate_of(second))):
        with pytest.raises(InputError, match="the journal of a gate, which compares two commits; expected two runs"):
            compare(one, other, frozenset(ASPECTS))
    done = bench_compare(stored(tmp_path / "a", first), stored(tmp_path / "b", gate_of(second)))
    assert (done.exit_code, "which compares two commits" in done.stderr) == (2, True)


def test_ratios_to_another_baseline_are_not_compared() -> None:
    first, second = run_of(0.8, "aaaaaa"), run_of(0.8, "bbbbbb")
    swapped: list[AnyRecord] = [
        record.model_copy(update={"levels": {"precision": "fp16"}}) if isinstance(record, RowRecord) else record
        for record in second
    ]
    assert differences(first, swapped) == {"levels": ("baseline's precision: fp32 → fp16",)}


def test_files_count_by_content_and_not_by_place() -> None:
    def with_files(path: str, digest: str) -> list[AnyRecord]:
        first, *rest = run_of(0.8, "aaaaaa")
        assert isinstance(first, RunRecord)
        workload = {**dict(first.suite["workload"]), "model": path}  # type: ignore[arg-type]
        return [
            first.model_copy(update={"files": {path: digest}, "suite": first.suite | {"workload": workload}}),
            *rest,
        ]

    here = with_files("/here/own.yaml", "1" * 64)
    assert differences(here, with_files("/there/own.yaml", "1" * 64)) == {}
    assert differences(here, with_files("/there/own.yaml", "2" * 64)) == {
        "workload": ("content of own.yaml: 11111111 → 22222222",)
    }


def test_aspects_are_named_by_a_list() -> None:
    assert parse_across(None) == NOTHING
    assert parse_across("workload, machine") == {"workload", "machine"}
    with pytest.raises(InputError, match="did you mean 'machine'") as caught:
        parse_across("workload,machin")
    assert caught.value.exit_code == 2


def stored(folder: Path, records: list[AnyRecord]) -> Path:
    folder.mkdir()
    with Journal(folder / NAME) as journal:
        for record in records:
            journal.write(record)
    return folder


def bench_compare(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["compare", *map(str, arguments)])


def test_the_page_says_what_differed_and_that_machines_drift(tmp_path: Path) -> None:
    other = dataclasses.replace(ENVIRONMENT, machine_id="ba9876543210")
    first = stored(tmp_path / "a", run_of(0.8, "aaaaaa"))
    second = stored(tmp_path / "b", [*run_of(0.4, "bbbbbb", other), row("other", not_run="no | room")])
    done = bench_compare(first, second, "--across", "machine")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert "> - machine: machine: 0123456789ab → ba9876543210" in lines
    assert "| change [95 % interval], across machine " in done.stdout
    (change,) = (line for line in lines if line.startswith("| precision=bf16") and "0.50" in line)
    cells = [cell.strip() for cell in change.split("|")[1:-1]]
    assert cells[1].startswith("0.80")
    assert cells[2].startswith("0.40")
    assert cells[4:6] == ["faster", "faster"]
    assert "Machines drift" in done.stdout
    assert r"- second: other, not run (no \| room)" in lines


def test_the_json_has_the_rows_of_both_reports(tmp_path: Path) -> None:
    first = stored(tmp_path / "a", run_of(0.8, "aaaaaa"))
    second = stored(tmp_path / "b", run_of(0.4, "bbbbbb"))
    found = json.loads(bench_compare(first, second, "--json").stdout)
    assert (found["first"]["run"], found["second"]["run"]) == ("aaaaaa", "bbbbbb")
    assert found["across"] == {}
    fast = found["rows"][1]
    assert fast["change"] == "faster"
    assert fast["changes"]["epoch.seconds"]["value"] == pytest.approx(0.5)
    assert fast["second"]["ratios"]["epoch.seconds"]["value"] == pytest.approx(0.4, rel=0.02)


def test_what_cannot_be_compared_is_refused_by_the_command(tmp_path: Path) -> None:
    first = stored(tmp_path / "a", run_of(0.8, "aaaaaa"))
    assert "twice" in bench_compare(first, first).stderr
    for arguments in ((first, first), (first, tmp_path), (first, first, "--across", "nothing")):
        done = bench_compare(*arguments)
        assert done.exit_code == 2
        assert done.stderr.startswith("bench: ")
