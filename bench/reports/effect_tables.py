"""The tables of a report about levels and pairs of levels, averaged over what else is switched on."""

from __future__ import annotations

from bench.analysis.effect_result import Effects, Interaction
from bench.analysis.result import Analysis
from bench.reports.metrics import metric_name
from bench.reports.numbers import percentage_text, ratio_text
from bench.reports.tables import Table
from bench.suite.combination import level_text


def main_effects_table(analysis: Analysis, effects: Effects) -> Table:
    """Return one row a level whose main effect can be told."""
    heading = f"{metric_name(analysis.deciding)} ratio [{percentage_text(analysis.confidence)} interval]"
    rows = (
        (f"{each.axis}={level_text(each.level)}", ratio_text(each.ratio), each.verdict.value) for each in effects.main
    )
    return Table(("level", f"{heading}, averaged over the other axes", "verdict"), tuple(rows))


def interactions_table(analysis: Analysis, effects: Effects) -> Table:
    """Return one row for each two levels whose interaction can be told."""
    heading = f"both over the product of each alone [{percentage_text(analysis.confidence)} interval]"
    return Table(
        ("first level", "second level", "first alone", "second alone", "both", heading, "verdict"),
        tuple(map(_interaction_row, effects.interactions)),
    )


def _interaction_row(pair: Interaction) -> tuple[str, ...]:
    levels = (f"{axis}={level_text(level)}" for axis, level in pair.levels.items())
    alone = (ratio_text(pair.alone.get(axis)) for axis in pair.levels)
    return (*levels, *alone, ratio_text(pair.both), ratio_text(pair.ratio), pair.verdict.value)


def effects_note(analysis: Analysis, effects: Effects) -> str:
    """Return what stands above the tables."""
    metric, margin = metric_name(analysis.deciding), percentage_text(analysis.suite.margin)
    return (
        f"What levels and pairs of levels do to {metric}, from {effects.trials} trials of all combinations that could "
        f"be compared ({effects.degrees} degrees of freedom). A main effect is the ratio of {metric} with a level to "
        "that with its axis' baseline level, averaged over the levels of all other axes that it was measured with; it "
        "is not that of the level alone. For pairs: either level with the other axis at its baseline level, both "
        "together, and both over the product of each alone, all averaged over the levels of the remaining axes. That "
        "last ratio, the interaction, is 1 where the two multiply; below 1 they take less together than that, and the "
        "verdict is faster. Verdicts are adjusted for the number of main effects, and for the number of interactions "
        f"by themselves; equivalent is within ±{margin}. What three axes do together beyond their pairs is taken to "
        "be nothing."
    )


def left_out_lines(effects: Effects) -> tuple[str, ...]:
    """Return what nothing is said of, each with the reason."""
    return tuple(f"{name}: {reason}" for name, reason in effects.left_out.items())
