"""The techniques that the harness offers, by what they are about; a test holds them to be there."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

SECTIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Data": (
            "image_decoder",
            "image_resize",
            "normalization",
            "augmentation",
            "mosaic",
            "mixup",
            "loader_workers",
            "persistent_workers",
            "prefetch_factor",
            "pin_memory",
            "image_cache",
            "rect",
            "image_size",
            "multi_scale",
            "progressive_resize",
            "dataset_format",
            "coco_dataset",
        ),
        "Precision and compute": (
            "precision",
            "memory_format",
            "compile",
            "threads",
            "cudnn_benchmark",
            "deterministic",
            "cuda_graphs",
            "freeze",
            "optimizer",
            "optimizer_kernel",
            "ema",
            "validation",
            "plots",
        ),
        "Memory": (
            "batch",
            "gradient_accumulation",
            "activation_checkpointing",
            "optimizer_state",
            "zero_grad",
        ),
        "Compression": ("pruning", "quantization", "distillation", "convolution"),
        "Architecture": ("model", "width", "depth"),
        "Training schedule": ("learning_rate_schedule", "regularization", "early_stopping"),
        "After training": ("export",),
    }
)
"""Section to the axes in it."""

SUITES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"Memory": ("memory",), "Architecture": ("architectures", "architectures_large", "width_depth")}
)
"""Section to the suites that belong to it beside its axes, by the names of their files."""
