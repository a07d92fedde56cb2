"""What reports may say of the user's folders: people commit reports, and a journal knows more than others need."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pydantic import JsonValue

from bench.journal.records import RECORD, AnyRecord, EvidenceRecord, FailureRecord, RowRecord, RunRecord


def shareable(records: Sequence[AnyRecord]) -> tuple[AnyRecord, ...]:
    """Return a journal's records with paths below the suite's folder relative to it, and the home folder as ``~``.

    A suite says paths relative to its own folder, so what is left of a path is what the suite needs to be run again
    elsewhere. Journals that do not name the two folders are returned as they are.
    """
    head = next((record for record in records if isinstance(record, RunRecord)), None)
    if head is None:
        return tuple(records)
    folders = [(head.suite_folder, "."), (head.home, "~")]
    # A folder such as / stands for nothing.
    known = [(folder, short) for folder, short in folders if folder and folder.strip("/")]
    return tuple(
        _without(record, known)
        if isinstance(record, RunRecord | RowRecord | EvidenceRecord | FailureRecord)
        else record
        for record in records
    )


def _without(record: AnyRecord, folders: Sequence[tuple[str, str]]) -> AnyRecord:
    kept = {"suite_folder", "home", "project", "files"}  # no report shows these
    fields = record.model_dump(mode="json")
    return RECORD.validate_python(
        {name: value if name in kept else _shortened(value, folders) for name, value in fields.items()}
    )


def _shortened(value: JsonValue, folders: Sequence[tuple[str, str]]) -> JsonValue:
    """Return a JSON value with the folders in its texts shortened, the first of ``folders`` first."""
    if isinstance(value, dict):
        return {key: _shortened(each, folders) for key, each in value.items()}
    if isinstance(value, list):
        return [_shortened(each, folders) for each in value]
    if not isinstance(value, str):
        return value
    for folder, short in folders:
        # Only whole names of folders: /home/ann is no part of /home/anna, nor of /mnt/home/ann.
        whole = rf"(?<![\w./~-]){re.escape(folder)}(?![\w.-])"
        if short == ".":
            value = re.sub(whole + "/", "", value)
        value = re.sub(whole, short, value)
    return value
