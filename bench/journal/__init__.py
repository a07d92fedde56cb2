"""WHAT was seen: the append-only record of a run."""
