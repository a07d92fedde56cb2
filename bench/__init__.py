"""A benchmarking and profiling harness for YOLO training."""

__version__ = "0.1.0"
