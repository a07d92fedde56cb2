"""What tests that start trials of the tiny detector name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bench.trials.trial import Trial

TINY = Path(__file__).parent / "data" / "tiny.yaml"
"""A detector of 159 thousand parameters."""

StartTrial = Callable[..., Trial]
"""The fixture ``start_trial``: levels, workload and timeout to a trial that is ended with the test."""
