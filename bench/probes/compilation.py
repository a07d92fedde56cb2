"""How long torch's compiler has worked in this process."""

from __future__ import annotations

import sys

COMPILER_ENTRIES = ("_compile.compile_inner", "backward._backward_impl")
"""The compiler's own timers that hold all others: of forward graphs, and of backward graphs compiled when first run."""


def compiled_seconds() -> float:
    """Return the seconds that torch.compile has spent compiling so far; 0.0 where it was never used."""
    utils = sys.modules.get("torch._dynamo.utils")
    if utils is None:
        return 0.0
    return float(sum(sum(utils.compilation_time_metrics.get(entry, ())) for entry in COMPILER_ENTRIES))
