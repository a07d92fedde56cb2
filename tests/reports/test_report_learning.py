"""How a report says what was learnt: beside the speed, and in a table of its own."""

from __future__ import annotations

import dataclasses

from report_cases import BASELINE, FAILED, FASTER, analysis, ratio

from bench.analysis.result import Analysis, Difference, Figure, LearningFlag
from bench.reports.json_report import report_json
from bench.reports.learning_tables import learning_table
from bench.reports.main_table import main_table
from bench.reports.markdown import report_markdown
from bench.reports.numbers import NOT_AVAILABLE, difference_text
from bench.reports.summary import summary_sentences
from bench.reports.terminal import terminal_table
from bench.suite.model import Learning

LEARNT = dataclasses.replace(
    BASELINE,
    figures=BASELINE.figures
    | {
        "learning.training_loss": Figure(4.0, None, 3),
        "learning.validation_loss": Figure(5.0, None, 3),
        "learning.growth": Figure(0.5, None, 3),
        "learning.map50": Figure(0.8, None, 3),
        "learning.map50_95": Figure(0.5, None, 3),
    },
)
WORSE = dataclasses.replace(
    FASTER,
    ratios=FASTER.ratios | {"learning.training_loss": ratio(1.1, None), "learning.validation_loss": ratio(1.31, 0.1)},
    figures=FASTER.figures | {"learning.training_loss": Figure(4.4, None, 3)},
    differences={"learning.map50": Difference(-0.25, -0.3, -0.2, 3)},
    flag=LearningFlag.LEARNS_WORSE,
)


def learning(accuracy: bool = True) -> Analysis:
    made = analysis(LEARNT, WORSE, FAILED, measure=("epoch", "learning"))
    suite = made.suite.model_copy(update={"learning": Learning(images=2000, accuracy=accuracy)})
    return dataclasses.replace(made, suite=suite)


def test_the_main_table_flags_what_learns_worse_beside_its_speed() -> None:
    table = main_table(learning())
    assert table.headings[-4:-1] == (
        "validation loss after 2000 images, ratio [95 % interval]",
        "mAP50 difference [95 % interval]",
        "mAP50-95 difference [95 % interval]",
    )
    baseline, worse, failed = table.rows
    assert (baseline[2], baseline[-4:-1]) == ("baseline", ("1", "0", "0"))
    assert (worse[2], worse[-4:-1]) == (
        "faster ⚠ learns worse",
        ("1.3 [1.2, 1.4]", "-0.250 [-0.300, -0.200]", NOT_AVAILABLE),
    )
    assert (failed[2], failed[-4:-1]) == ("failed", (NOT_AVAILABLE, NOT_AVAILABLE, NOT_AVAILABLE))


def test_without_accuracy_there_are_losses_alone() -> None:
    headings = main_table(learning(accuracy=False)).headings
    assert not [each for each in headings if "mAP" in each]
    table = learning_table(learning(accuracy=False))
    assert table is not None
    assert table.headings == (
        "combination",
        "training loss",
        "training loss ratio",
        "validation loss",
        "validation loss ratio",
        "growth since the first epoch",
        "seeds",
    )
    assert table.rows[0] == ("baseline", "4.00", "1", "5.00", "1", "0.500", "3")


def test_a_suite_that_measures_no_learning_says_nothing_of_it() -> None:
    plain = analysis(BASELINE, FASTER)
    assert learning_table(plain) is None
    assert "Learning" not in report_markdown(plain)
    assert "loss" not in " ".join(main_table(plain).headings)


def test_terminal_summary_and_json_say_so_too() -> None:
    made = learning()
    assert "⚠ learns worse" in terminal_table(made, 200)
    assert summary_sentences(made)[1].endswith(" times the baseline's. It learns worse, though.")
    row = report_json(made)["rows"][1]
    assert row["flag"] == "learns worse"
    assert row["differences"] == {"learning.map50": {"value": -0.25, "low": -0.3, "high": -0.2, "launches": 3}}
    assert row["figures"]["learning.training_loss"]["unit"] == "1"
    assert "## Learning" in report_markdown(made)


def test_a_difference_has_its_sign() -> None:
    assert difference_text(Difference(0.0123, -0.01, 0.0346, 2)) == "+0.012 [-0.010, +0.035]"
    assert difference_text(Difference(0.5, None, None, 1)) == f"+0.500 [{NOT_AVAILABLE}]"
