"""The thresholds that verdicts are made with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """Error rates; the equivalence margin is the suite's.

    Attributes:
        confidence: of the intervals that tables show, each on its own.
        alpha_difference: chance to call any combination of a report faster or slower when none is (Holm-adjusted).
            Stricter than the intervals, because a wrong "faster" is the worst thing a report can print.
        alpha_equivalence: chance to call any combination equivalent when it is not (Holm-adjusted).
        alpha_interim: the same two chances at each look before the last. So small a value hardly adds to the error
            of the last look (Haybittle 1971, British Journal of Radiology 44; Peto et al. 1976, British Journal
            of Cancer 34).
    """

    confidence: float = 0.95
    alpha_difference: float = 0.01
    alpha_equivalence: float = 0.05
    alpha_interim: float = 0.001


POLICY = Policy()
