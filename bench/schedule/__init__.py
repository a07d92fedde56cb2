"""WHEN each trial runs: blocks, rounds, budgets."""
