"""What a journal holds of each combination: its last facts, and the bursts of its rounds."""

from __future__ import annotations

from journals import burst, head, launched, row

from bench.analysis.gathered import Gathered, gather
from bench.journal.records import AnyRecord


def test_the_last_facts_and_the_bursts_of_rounds_are_gathered_by_combination() -> None:
    part = burst("a", 0, 1, 2.0).model_copy(update={"partial_because": "epochs repeat after 50, and a burst had 1"})
    warm, first, later, other = (
        burst("a", 0, -1, 9.0),
        burst("a", 0, 0, 1.0),
        burst("a", 1, 0, 3.0),
        burst("b", 0, 0, 4.0),
    )
    records: list[AnyRecord] = [
        *(head(), row("a"), row("b"), row("c")),
        launched("a", 0).model_copy(update={"facts": {"images": 8}}),
        launched("b", 0).model_copy(update={"facts": {"images": 16}}),
        *(warm, first, other, part),
        launched("a", 1).model_copy(update={"facts": {"images": 9}}),
        later,
    ]
    assert gather(records) == {
        "a": Gathered({"images": 9}, (first, part, later)),
        "b": Gathered({"images": 16}, (other,)),
        "c": Gathered({}, ()),
    }
