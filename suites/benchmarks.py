"""What asv finds here: one benchmark class for each suite in this folder."""

from pathlib import Path

from bench.integrations.asv import benchmark_classes

globals().update(benchmark_classes(Path(__file__).parent, __name__))
