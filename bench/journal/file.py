"""Reading and writing a journal: one JSON object a line, on disk before the next burst begins."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

from pydantic import ValidationError

from bench.errors import InputError
from bench.journal.records import FORMAT, RECORD, AnyRecord, Record, RunRecord

NAME = "journal.jsonl"


class Journal:
    """An open journal that records are appended to; each is synced to disk before ``write`` returns."""

    def __init__(self, file: Path) -> None:
        """Open ``file`` for appending; a line torn by a kill is cut off first."""
        self._stream = file.open("ab")
        whole = _whole_lines(file.read_bytes())
        self._stream.truncate(len(whole))

    def write(self, record: Record) -> None:
        """Append one record."""
        self._stream.write(record.model_dump_json().encode() + b"\n")
        self._stream.flush()
        os.fsync(self._stream.fileno())

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stream.close()


def read_journal(run: Path) -> tuple[AnyRecord, ...]:
    """Return the records of the run in folder ``run``; a torn last line does not count.

    Raises:
        InputError: there is no journal, or a line of it is not a record of this format.
    """
    file = run / NAME
    if not file.is_file():
        raise InputError(field="RUN", found=str(run), expected=f"the folder of a run, with {NAME} in it")
    records: list[AnyRecord] = []
    for number, line in enumerate(_whole_lines(file.read_bytes()).splitlines(), start=1):
        try:
            records.append(RECORD.validate_json(line))
        except ValidationError as error:
            raise InputError(
                field=".".join(map(str, error.errors()[0]["loc"])),
                found=line[:80].decode(errors="replace"),
                expected=f"a journal line of format {FORMAT}: {error.errors()[0]['msg']}",
                file=file,
                line=number,
            ) from None
    head = records[0] if records else None
    if not isinstance(head, RunRecord) or head.format != FORMAT:
        first_line = "another first line" if records else "no whole line"
        found = f"format {head.format}" if isinstance(head, RunRecord) else first_line
        raise InputError(field="format", found=found, expected=f"a journal of format {FORMAT}", file=file, line=1)
    return tuple(records)


def _whole_lines(content: bytes) -> bytes:
    """Return ``content`` up to and including its last line break."""
    return content[: content.rfind(b"\n") + 1]
