"""Benchmarks of the harness itself: what it costs, what it finds, and how it compares with the usual way."""
