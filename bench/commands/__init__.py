"""One module a command, found by being there: each defines ``command``."""
