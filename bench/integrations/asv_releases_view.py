"""Releases against releases as people and as programs read them."""

from __future__ import annotations

import dataclasses
from typing import Any

from tabulate import tabulate

from bench.integrations.asv_releases import Releases, Step, Upgrade
from bench.integrations.outcomes import Metric
from bench.reports.escape import escaped
from bench.reports.numbers import bytes_text, percentage_text, ratio_text, seconds_text

_NOTE = (
    "Figures are the medians of samples of one launch each, and the ratio is the newer release's over the older's, "
    "below 1 where the newer takes less; what is said of it is adjusted for the number of all rows. Launches of two "
    "releases are no pairs: what the machine did between them is in the ratio. `asv run --interleave-rounds` spreads "
    "that over both releases, and without it a ratio says nothing of the releases."
)


def releases_markdown(releases: Releases) -> str:
    """Return a Markdown page with one table an upgrade."""
    head = f"# {escaped(releases.suite)}: what releases did\n\nMachine {escaped(releases.machine)}, commit "
    parts = [f"{head}{releases.commit[:12]}.", _NOTE, *(_section(each, releases) for each in releases.upgrades)]
    return "\n\n".join(parts)


def releases_json(releases: Releases) -> dict[str, Any]:
    """Return plain JSON values; figures are in the metric's ``unit``, and ``null`` is "not available"."""
    plain = dataclasses.asdict(releases)
    for upgrade in plain["upgrades"]:
        for step in upgrade["steps"]:
            step["unit"] = step["metric"]["unit"]
            step["metric"] = step["metric"]["name"]
    return plain


def _section(upgrade: Upgrade, releases: Releases) -> str:
    beside = "".join(f", {package} {version}" for package, version in upgrade.beside.items())
    title = f"## {upgrade.package} {upgrade.older} → {upgrade.newer}{f' (with{beside[1:]})' if beside else ''}"
    headings = [
        "figure",
        "combination",
        upgrade.older,
        upgrade.newer,
        f"ratio [{percentage_text(releases.confidence)} interval]",
        "verdict",
        "samples",
    ]
    rows = [list(map(escaped, _cells(step))) for step in upgrade.steps]
    return f"{title}\n\n" + tabulate(rows, headings, tablefmt="github", disable_numparse=True)


def _cells(step: Step) -> tuple[str, ...]:
    name = step.metric.name.replace("_", " ")
    figures = (_figure(step.metric, step.before), _figure(step.metric, step.after))
    samples = " and ".join(map(str, step.samples))
    return name, step.label, *figures, ratio_text(step.ratio), step.verdict.value, samples


def _figure(metric: Metric, value: float) -> str:
    return bytes_text(value) if metric.unit == "bytes" else seconds_text(value)
