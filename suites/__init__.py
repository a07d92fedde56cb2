"""The benchmark folder of asv."""
