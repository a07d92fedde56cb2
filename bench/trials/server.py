"""Where trials are started from: a fork server with everything imported, or a new interpreter."""

from __future__ import annotations

import multiprocessing
import os
from multiprocessing.context import ForkServerContext, SpawnContext

from bench.workloads.cache import cache_root

PRELOAD = "bench.trials.preload"


def trial_environment() -> dict[str, str]:
    """Return the environment variables that every trial needs; those the user has set stay as they are.

    Trials of a run keep what they compile elsewhere: see ``TrialSpec.compiler_caches``.
    """
    cache = cache_root()
    return {
        "YOLO_OFFLINE": "true",
        "YOLO_CONFIG_DIR": str(cache / "ultralytics"),
        "MPLCONFIGDIR": str(cache / "matplotlib"),
        "TORCHINDUCTOR_CACHE_DIR": str(cache / "inductor"),
        "NO_ALBUMENTATIONS_UPDATE": "1",
        "PYTHONHASHSEED": "0",
    }


def trial_context(device: str) -> ForkServerContext | SpawnContext:
    """Return the way trials are started for ``device``.

    A CUDA context does not survive a fork, and merely asking for devices may make one, so trials on CUDA get an
    interpreter of their own. Must be called before the first trial: the server keeps the environment it started with.
    """
    for name, value in trial_environment().items():
        os.environ.setdefault(name, value)
    if device != "cpu":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([PRELOAD])
    return context
