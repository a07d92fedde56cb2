"""In what two runs differ, apart from what is to be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import cast

from pydantic import JsonValue

from bench.errors import InputError, nearest_name
from bench.journal.head import head_of
from bench.journal.records import AnyRecord, EvidenceRecord, RowRecord, RunRecord
from bench.suite.combination import canonical, level_text

ASPECTS = ("workload", "machine", "device", "versions", "protocol", "levels")
"""What has to agree before a change can be put down to what was changed."""

Fields = Mapping[str, JsonValue]


def parse_across(text: str | None) -> frozenset[str]:
    """Return the aspects that a comma-separated list names.

    Raises:
        InputError: one of them is none.
    """
    named = [part.strip() for part in text.split(",")] if text else []
    for name in named:
        if name not in ASPECTS:
            raise InputError("--across", repr(name), "some of " + ",".join(ASPECTS), nearest_name(name, ASPECTS))
    return frozenset(named)


def differences(first: Sequence[AnyRecord], second: Sequence[AnyRecord]) -> dict[str, tuple[str, ...]]:
    """Return aspect to what differs in it, such as ``batch: 4 → 8``; aspects that agree are left out."""
    one, other = head_of(first), head_of(second)
    found = {
        "workload": _changed(_workload(one), _workload(other)),
        "machine": _changed(_machine(one), _machine(other)),
        "device": _changed(_device(one), _device(other)),
        "versions": _changed(_versions(one), _versions(other)),
        "protocol": _changed(_protocol(one), _protocol(other)),
        "levels": (*_changed(_baseline(first), _baseline(second)), *_meanings(first, second)),
    }
    return {aspect: texts for aspect, texts in found.items() if texts}


def _changed(first: Fields, second: Fields) -> tuple[str, ...]:
    """Return what differs between two mappings; a key that only one has is ``absent`` from the other."""
    keys = dict.fromkeys((*first, *second))
    return tuple(
        f"{key}: {_text(first.get(key))} → {_text(second.get(key))}"
        for key in keys
        if first.get(key) != second.get(key)
    )


def _text(value: JsonValue) -> str:
    return "absent" if value is None else level_text(value)


def _workload(head: RunRecord) -> Fields:
    """Return what is trained, and on what; files count by name and, where the journal has it, by content."""
    workload = dict(cast(Fields, head.suite["workload"]))
    workload["model"] = PurePath(str(workload["model"])).name
    if isinstance(workload["data"], dict) and "path" in workload["data"]:
        workload["data"] = {**workload["data"], "path": PurePath(str(workload["data"]["path"])).name}
    return {**workload, **{f"content of {PurePath(path).name}": digest[:8] for path, digest in head.files.items()}}


def _machine(head: RunRecord) -> Fields:
    return {"machine": head.environment.get("machine_id"), "cores used": head.environment.get("cores_used")}


def _device(head: RunRecord) -> Fields:
    """Return where training ran; a machine may have GPUs of several kinds."""
    device, gpus = head.environment.get("device"), head.environment.get("gpus")
    known = [gpu for gpu in gpus if isinstance(gpu, dict)] if isinstance(gpus, list) else []
    used: Fields = next((gpu for gpu in known if device == f"cuda:{gpu.get('index')}"), {})
    return {"device": device, "GPU": used.get("name")}


def _versions(head: RunRecord) -> Fields:
    """Return the versions of what trains; the harness's own is part of the protocol."""
    versions = head.environment.get("versions")
    return {name: at for name, at in versions.items() if name != "bench"} if isinstance(versions, dict) else {}


def _protocol(head: RunRecord) -> Fields:
    """Return what decides how figures were taken and judged; rounds and launches only decide how precise they are."""
    versions = head.environment.get("versions")
    bench = versions.get("bench") if isinstance(versions, dict) else None
    measured = cast(Sequence[str], head.suite["measure"])
    names = ("measure", "margin", *(("learning",) if "learning" in measured else ()))
    chosen = {name: head.suite.get(name) for name in names}
    return {"bench": bench, "protocol": head.protocol, **chosen}


def _baseline(records: Sequence[AnyRecord]) -> Fields:
    """Return the levels that a run's ratios are against."""
    levels = next((record.levels for record in records if isinstance(record, RowRecord)), {})
    return {f"baseline's {axis}": level for axis, level in levels.items()}


def _meanings(first: Sequence[AnyRecord], second: Sequence[AnyRecord]) -> tuple[str, ...]:
    """Return the levels whose evidence was not expected to show the same in both runs."""
    one, other = _expected(first), _expected(second)
    return tuple(
        f"{axis}={text} expected {one[axis, text]!r} → {other[axis, text]!r}"
        for axis, text in one
        if (axis, text) in other and one[axis, text] != other[axis, text]
    )


def _expected(records: Sequence[AnyRecord]) -> dict[tuple[str, str], str]:
    """Return what evidence was expected of each axis at each level, the first trial's word."""
    levels = {record.combination: record.levels for record in records if isinstance(record, RowRecord)}
    found: dict[tuple[str, str], str] = {}
    for record in records:
        if isinstance(record, EvidenceRecord) and record.axis in levels.get(record.combination, {}):
            level = canonical(levels[record.combination][record.axis])
            found.setdefault((record.axis, level), record.expected)
    return found
