"""One module a benchmark of the harness itself, found by being there: each defines ``command``."""
