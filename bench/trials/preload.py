"""What the fork server imports once, so that every trial starts with it; runs nothing and touches no device."""

import torch  # noqa: F401
import torchvision  # noqa: F401
import ultralytics.models.yolo.detect  # noqa: F401

import bench.optimizations.registry
import bench.trials.child
import bench.workloads.trainer  # noqa: F401
