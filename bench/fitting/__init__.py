"""WHICH batch fits: a search that survives running out of memory."""
