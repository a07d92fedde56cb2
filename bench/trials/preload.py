"""What the fork server imports once, so that every trial starts with it; runs nothing and touches no device."""

import os
import time
from importlib.util import find_spec

_BEGAN = time.perf_counter()
# The server has the run's standard output, which programs may be reading; what is printed here is no part of it.
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

import torch  # noqa: E402, F401
import torchvision  # noqa: E402, F401
import ultralytics.models.yolo.detect  # noqa: E402, F401

if find_spec("albumentations"):
    # Where it is installed Ultralytics imports it for every data set, whatever its augmentation.
    import albumentations  # noqa: F401

import bench.optimizations.registry  # noqa: E402
import bench.trials.child  # noqa: E402
import bench.workloads.trainer  # noqa: E402, F401

SECONDS = time.perf_counter() - _BEGAN
"""What these imports took, once for all trials."""
