"""Find change points with Apache Otava: run as a script by the Python of Otava's own environment.

Reads ``{"max_p_value": …, "min_magnitude": …, "series": [[number, …], …]}`` on the standard input and prints, for each
series, the list of its change points. Imports nothing of ``bench``, which that environment does not have.
"""

from __future__ import annotations

import json
import sys

from otava.series import AnalysisOptions, Metric, Series

METRIC = "value"


def change_points(values: list[float], options: AnalysisOptions) -> list[dict[str, float]]:
    """Return where the level of one series changes, in its order.

    Args:
        values: one figure a commit, without gaps.
        options: Otava's; its default window is 50 points.
    """
    series = Series(
        test_name="series",
        branch=None,
        time=list(range(len(values))),  # the order is all that counts
        metrics={METRIC: Metric(direction=-1)},
        data={METRIC: values},
        attributes={},
    )
    return [
        {
            "index": int(point.index),
            "before": float(point.mean_before()),
            "after": float(point.mean_after()),
            "p_value": float(point.pvalue()),
        }
        for point in series.analyze(options).change_points[METRIC]
    ]


if __name__ == "__main__":
    request = json.load(sys.stdin)
    chosen = AnalysisOptions()
    chosen.max_pvalue = request["max_p_value"]
    chosen.min_magnitude = request["min_magnitude"]
    json.dump([change_points(values, chosen) for values in request["series"]], sys.stdout)
