"""Where the harness's own benchmarks leave their figures."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.command_options import command_as_typed


def keep_figures(out: Path, name: str, figures: dict[str, Any], device: str = "cpu", threads: int = 1) -> None:
    """Leave a benchmark's figures, its command and its environment in ``out/benchmarks``.

    Args:
        out: the folder of all results.
        name: of the benchmark.
        figures: what it found.
        device: what it trained on, cpu or cuda:N; cpu where it only simulates.
        threads: threads that torch computed with; 1 where it only simulates.
    """
    from bench.environment import Environment
    from bench.run import REPOSITORY

    now = datetime.now(UTC)
    folder = out / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    record = {
        "benchmark": name,
        "taken": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "command": command_as_typed(),
        "environment": Environment.collect(device, threads, REPOSITORY).to_json(),
        "figures": figures,
    }
    (folder / f"{name}-{now:%Y%m%dT%H%M%SZ}.json").write_text(json.dumps(record, indent=2) + "\n")
