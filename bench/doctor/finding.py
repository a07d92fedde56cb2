"""One thing about a machine, and how a list of them is shown."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How a finding bears on measuring."""

    OK = "ok"
    WARNING = "warning"
    MISSING = "missing"


@dataclass(frozen=True)
class Finding:
    """One thing about this machine.

    Attributes:
        topic: what was looked at; an optimization's name for what it can run.
        status: nothing to do, something makes figures doubtful, or something is not there.
        text: what was found, with its unit.
        consequence: what follows and what helps; "" for nothing.
    """

    topic: str
    status: Status
    text: str
    consequence: str = ""


def findings_table(found: Iterable[Finding]) -> str:
    """Return findings as a text table, one row each, long texts wrapped."""
    from tabulate import tabulate

    rows = [[each.topic, each.status.value, each.text, each.consequence] for each in found]
    headers = ["topic", "status", "found", "consequence"]
    return tabulate(rows, headers, tablefmt="simple", maxcolwidths=[None, None, 48, 48], disable_numparse=True)


def findings_json(found: Iterable[Finding]) -> str:
    """Return findings as a JSON array of objects with topic, status, text and consequence."""
    return json.dumps([dataclasses.asdict(each) for each in found], indent=2, ensure_ascii=False)
