"""WHAT it means: ratios with intervals, verdicts, evidence; pure functions of a journal."""
