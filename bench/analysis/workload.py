"""Which runs trained the same thing, and measured it in the same way."""

from __future__ import annotations

import hashlib
import json

from pydantic import JsonValue

from bench.journal.records import RunRecord
from bench.journal.shareable import shareable


def workload_digest(run: RunRecord) -> str:
    """Return eight digits that are the same for runs of the same workload and protocol on the same kind of device."""
    # As reports show it, so that a floor that was taken from a report's records is told to be of the same workload.
    (shown,) = shareable([run])
    assert isinstance(shown, RunRecord)
    workload: JsonValue = shown.suite["workload"]
    if isinstance(workload, dict):
        # A key that is null says what its absence did in journals from before there was such a key.
        workload = {key: value for key, value in workload.items() if value is not None}
    text = json.dumps([workload, run.environment.get("device"), run.protocol], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:8]
