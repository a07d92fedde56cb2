"""A journal gives back what was written, survives being torn, and says what is wrong with it."""

from __future__ import annotations

import math
import os
from pathlib import Path

import pytest

from bench.errors import InputError
from bench.journal.file import NAME, Journal, read_journal
from bench.journal.records import (
    AnyRecord,
    AttemptRecord,
    BlockEndRecord,
    BurstRecord,
    CommitRecord,
    CrowdedOutRecord,
    EndRecord,
    EvidenceRecord,
    FailureRecord,
    GatedRecord,
    GateRecord,
    LargestBatchRecord,
    LaunchRecord,
    RowRecord,
    RunRecord,
    SetAsideRecord,
)
from bench.trials.outcome import Failure

HEAD = RunRecord(
    run="a1b2c3",
    started="2026-01-02T03:04:05Z",
    command="bench run suite.yaml",
    suite={"name": "suite", "axes": {"precision": ["fp32", "bf16"]}, "budget": None},
    suite_file="suite.yaml",
    environment={"device": "cpu", "threads": 1},
    block_size=4,
    noise_floor={"epoch": 0.01},
)
BURST = BurstRecord(
    launch=1,
    block=2,
    round=-1,
    position=3,
    measurement="epoch",
    combination="0123abcd",
    at=12.25,
    took=0.5,
    values={"seconds": 0.1 + 0.2, "steps": 6.0},
    series={"step": (0.5, 0.25), "wait": ()},
)
RECORDS: tuple[AnyRecord, ...] = (
    HEAD,
    RowRecord(combination="0123abcd", levels={"precision": "fp32", "workers": 0}, label="baseline", not_run=None),
    RowRecord(combination="89ab0123", levels={"precision": "fp32"}, copy_of_baseline=2, label="copy"),
    RowRecord(combination="4567cdef", levels={"precision": "fp16"}, label="precision=fp16", not_run="needs CUDA"),
    LaunchRecord(
        launch=0, block=1, combination="0123abcd", cores=(0, 2), setup={"ready": 1.5}, facts={"optimizer": "SGD"}
    ),
    BURST,
    EvidenceRecord(
        launch=0,
        block=1,
        combination="0123abcd",
        axis="precision",
        in_force=False,
        observed="float32",
        expected="bfloat16",
    ),
    LargestBatchRecord(
        combination="11111111",
        granted=8_000_000_000,
        largest=16,
        attempts=(
            AttemptRecord(batch=16, fits=True, tried=True, need=5_000_000_000, reason=""),
            AttemptRecord(batch=32, fits=False, tried=True, need=None, reason="out of memory"),
        ),
    ),
    FailureRecord(
        launch=0,
        block=1,
        combination="4567cdef",
        failure=Failure.OUT_OF_MEMORY,
        message="did not fit",
        detail="Traceback …\n\tgrüße \x85 \u2028 \r end\n",
    ),
    GateRecord(
        base=CommitRecord(commit="1a2b3c4d", subject="First"),
        head=CommitRecord(commit="5e6f7a8b", subject="Second"),
        gated=(GatedRecord(label="baseline", base="0123abcd", head="89ab0123"),),
        remarks=("the baseline alone",),
    ),
    CrowdedOutRecord(launch=1, block=0, combination="0000000b", message="MemoryError"),
    SetAsideRecord(combination="a1b2c3d4", before=1, reason="others are nearer"),
    BlockEndRecord(launch=0, block=1),
    EndRecord(at=99.5, reason="budget spent"),
)


def write(run: Path, *records: AnyRecord) -> Path:
    with Journal(run / NAME) as journal:
        for record in records:
            journal.write(record)
    return run / NAME


def test_every_kind_of_record_comes_back_as_it_was(tmp_path: Path) -> None:
    file = write(tmp_path, *RECORDS)
    assert {type(record) for record in RECORDS} == set(AnyRecord.__origin__.__args__)  # type: ignore[attr-defined]
    assert file.read_bytes().count(b"\n") == len(RECORDS)
    assert read_journal(tmp_path) == RECORDS


def test_figures_that_are_not_finite_come_back(tmp_path: Path) -> None:
    burst = BURST.model_copy(update={"values": {"training_loss": math.inf, "low": -math.inf, "step": math.nan}})
    write(tmp_path, HEAD, burst)
    back = read_journal(tmp_path)[1]
    assert isinstance(back, BurstRecord)
    assert (back.values["training_loss"], back.values["low"]) == (math.inf, -math.inf)
    assert math.isnan(back.values["step"])


def test_torn_last_line_does_not_count(tmp_path: Path) -> None:
    file = write(tmp_path, HEAD, BURST, BURST)
    whole = file.read_bytes()
    for torn in (whole[:-1], whole[: whole.rfind(b"{") + 1]):
        file.write_bytes(torn)
        assert read_journal(tmp_path) == (HEAD, BURST)


def test_torn_last_line_is_cut_off_before_the_next_record(tmp_path: Path) -> None:
    file = write(tmp_path, HEAD, BURST)
    file.write_bytes(file.read_bytes() + b'{"type":"burst","la')
    write(tmp_path, RECORDS[-1])
    assert read_journal(tmp_path) == (HEAD, BURST, RECORDS[-1])


def test_reopening_a_whole_journal_keeps_all_of_it(tmp_path: Path) -> None:
    write(tmp_path, HEAD)
    write(tmp_path, BURST)
    assert read_journal(tmp_path) == (HEAD, BURST)


def test_every_record_is_on_disk_before_write_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[bytes] = []
    fsync = os.fsync

    def counted(descriptor: int) -> None:
        fsync(descriptor)
        synced.append((tmp_path / NAME).read_bytes())

    monkeypatch.setattr(os, "fsync", counted)
    with Journal(tmp_path / NAME) as journal:
        for written, record in enumerate(RECORDS, start=1):
            journal.write(record)
            assert len(synced) == written
            assert synced[-1].count(b"\n") == written
    assert synced[-1] == (tmp_path / NAME).read_bytes()


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        ('{"type":"burst","launch":0}', "burst.block", "Field required"),
        ('{"type":"block_end","launch":0,"block":"one"}', "block_end.block", "valid integer"),
        ('{"type":"block_end","launch":0,"block":1,"extra":2}', "block_end.extra", "Extra inputs"),
        ('{"type":"rumour"}', "", "'run', 'row', 'largest_batch', 'launch'"),
        ("no JSON", "", "Invalid JSON"),
    ],
)
def test_bad_line_is_named(tmp_path: Path, line: str, field: str, reason: str) -> None:
    file = write(tmp_path, HEAD, BURST)
    file.write_text(file.read_text() + line + "\n")
    write(tmp_path, BURST)
    with pytest.raises(InputError) as caught:
        read_journal(tmp_path)
    error = caught.value
    assert (error.file, error.line, error.field, error.found) == (file, 3, field, line)
    assert error.expected.startswith("a journal line of format 1: ")
    assert reason in error.expected


def test_other_format_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path, HEAD.model_copy(update={"format": 2}), BURST)
    with pytest.raises(InputError) as caught:
        read_journal(tmp_path)
    assert str(caught.value) == f"{file}:1: format: found format 2; expected a journal of format 1"


@pytest.mark.parametrize(("records", "found"), [((BURST,), "another first line"), ((), "no whole line")])
def test_journal_without_its_head_is_refused(tmp_path: Path, records: tuple[AnyRecord, ...], found: str) -> None:
    write(tmp_path, *records)
    with pytest.raises(InputError) as caught:
        read_journal(tmp_path)
    assert (caught.value.found, caught.value.line) == (found, 1)


@pytest.mark.parametrize("make", [False, True], ids=["no folder", "no journal"])
def test_folder_without_a_journal_is_no_run(tmp_path: Path, make: bool) -> None:
    run = tmp_path / "run"
    if make:
        run.mkdir()
    with pytest.raises(InputError, match=NAME) as caught:
        read_journal(run)
    assert caught.value.found == str(run)
