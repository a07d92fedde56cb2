"""What ``bench asv-export`` says of what it wrote."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.integrations.asv_export import Exported


def export_json(exported: Sequence[Exported]) -> list[dict[str, Any]]:
    """Return one JSON object a run; the fields are those of ``Exported``."""
    return [
        {name: str(value) if isinstance(value, Path) else value for name, value in dataclasses.asdict(each).items()}
        for each in exported
    ]


def export_text(exported: Sequence[Exported]) -> str:
    """Return one paragraph a run."""
    return "\n".join(map(_paragraph, exported))


def _paragraph(each: Exported) -> str:
    figures = f"{each.added} samples" if each.added else "nothing new"
    lines = [
        f"{each.run}: {figures}, {len(each.benchmarks)} benchmarks; "
        f"commit {each.commit[:8]}, machine {each.machine}, environment {each.environment[:60]}",
        f"  {each.file}",
    ]
    if not each.shown:
        known = "another edition of this suite, or its figures of another device,"
        lines.append(f"  asv knows {known} and shows those; the run's are kept for its commit.")
    return "\n".join(lines)
