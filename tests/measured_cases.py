"""What was last measured of a level, made by hand."""

from __future__ import annotations

from bench.analysis.result import Ratio
from bench.catalogue.measured import Measured

MEASURED = Measured(
    axis="precision",
    level="bf16",
    against="fp32",
    ratio=Ratio(0.8, 0.79, 0.81, 12, 3, 0.004),
    metric="epoch.seconds",
    verdict="faster",
    suite="small",
    run="run1",
    machine="Fake Processor 9, 2 cores",
    device="cpu",
    date="2026-01-02",
)
"""bf16 against fp32, in a suite called small."""
