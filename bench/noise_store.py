"""Where machines' noise floors are kept: one JSON file a machine, beside the runs they were taken from."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import JsonValue

from bench.analysis.noise import NoiseFloor

FOLDER = "noise"


def store_floor(folder: Path, floor: NoiseFloor) -> Path:
    """Keep a machine's newest noise floor in ``folder``, where its run lies; return its file."""
    file = folder / f"{floor.machine_id}.json"
    if not file.is_file() or _taken(file) <= floor.taken:
        file.write_text(floor.model_dump_json(indent=2) + "\n")
    return file


def stored_floor(results: Path, machine_id: str) -> dict[str, JsonValue] | None:
    """Return the noise floor of a machine, else the newest of any other, else None."""
    own = results / FOLDER / f"{machine_id}.json"
    files = [own] if own.is_file() else sorted((results / FOLDER).glob("*.json"), key=_taken)
    floor: dict[str, JsonValue] | None = json.loads(files[-1].read_text()) if files else None
    return floor


def _taken(file: Path) -> str:
    return str(json.loads(file.read_text()).get("taken", ""))
