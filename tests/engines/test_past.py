"""What was done before a run is resumed, worked out by hand from small journals."""

from __future__ import annotations

from bench.engines.past import Past, past_of
from bench.journal.records import (
    AnyRecord,
    BlockEndRecord,
    BurstRecord,
    CrowdedOutRecord,
    EndRecord,
    FailureRecord,
    LaunchRecord,
    RowRecord,
    RunRecord,
)
from bench.suite.model import MeasurementName
from bench.trials.outcome import Failure

ROWS: list[AnyRecord] = [
    RowRecord(combination=each, levels={}, label=each, not_run=None) for each in ("base", "a", "b")
]


def ready(launch: int, block: int, *combinations: str) -> list[AnyRecord]:
    return [
        LaunchRecord(launch=launch, block=block, combination=each, cores=(0,), setup={}, facts={})
        for each in combinations
    ]


def failed(launch: int, block: int, combination: str) -> list[AnyRecord]:
    failure = Failure.CRASHED
    return [FailureRecord(launch=launch, block=block, combination=combination, failure=failure, message="")]


def bursts(
    launch: int, block: int, number: int, *combinations: str, at: float = 0, of: MeasurementName = "epoch"
) -> list[AnyRecord]:
    return [
        BurstRecord(
            launch=launch,
            block=block,
            round=number,
            position=position,
            measurement=of,
            combination=each,
            at=at,
            took=0.5,
            values={},
        )
        for position, each in enumerate(combinations)
    ]


def test_new_run_has_no_past() -> None:
    head = RunRecord(
        run="", started="", command="", suite={}, suite_file="", environment={}, block_size=2, noise_floor=None
    )
    expected = Past(seconds=0, launches=0, lived=False, rounds={}, bursts=0)
    assert past_of([]) == past_of([head, *ROWS]) == expected


def test_only_complete_rounds_count() -> None:
    records = [
        *ready(0, 0, "base", "a", "b"),
        *bursts(0, 0, -1, "b", "base", "a", at=1),
        *bursts(0, 0, 0, "a", "base", "b", at=2),
        *bursts(0, 0, 1, "base", "b", "a", at=3),
        *bursts(0, 0, 2, "b", "base", at=4.5),
    ]
    past = past_of(records)
    assert (past.seconds, past.launches) == (4.5, 1)
    assert (past.rounds, past.bursts) == ({(0, "epoch"): 2}, 2 * 3)


def test_warm_up_is_no_round() -> None:
    past = past_of([*ready(0, 0, "base"), *bursts(0, 0, -1, "base", at=1), *bursts(0, 0, -2, "base", at=2)])
    assert (past.seconds, past.launches, past.rounds, past.bursts) == (2, 1, {}, 0)


def test_round_that_was_begun_only_counts_nothing() -> None:
    past = past_of([*ready(0, 0, "base", "a"), *bursts(0, 0, 0, "a")])
    assert (past.rounds, past.bursts) == ({}, 0)


def test_trial_that_failed_is_not_waited_for() -> None:
    records = [
        *ready(0, 0, "base", "a", "b"),
        *bursts(0, 0, 0, "base", "a", "b"),
        *bursts(0, 0, 1, "a"),
        *failed(0, 0, "b"),
        *bursts(0, 0, 1, "base"),
        *bursts(0, 0, 2, "base", "a"),
    ]
    past = past_of(records)
    assert (past.rounds, past.bursts) == ({(0, "epoch"): 3}, 3 + 2 + 2)


def test_trial_that_memory_was_too_small_for_is_not_waited_for() -> None:
    records = [
        *ready(0, 0, "base", "a", "b"),
        *bursts(0, 0, 0, "a"),
        CrowdedOutRecord(launch=0, block=0, combination="b", message=""),
        *bursts(0, 0, 0, "base"),
    ]
    assert past_of(records).rounds == {(0, "epoch"): 1}


def test_failure_in_one_launch_says_nothing_of_another() -> None:
    records = [
        *ready(0, 0, "base", "a"),
        *failed(0, 0, "a"),
        *bursts(0, 0, 0, "base"),
        *ready(1, 1, "base", "a"),
        *bursts(1, 1, 0, "base"),
    ]
    assert past_of(records).rounds == {(0, "epoch"): 1}


def test_trial_that_never_got_ready_is_a_launch_all_the_same() -> None:
    assert past_of(failed(0, 0, "base")).launches == 1


def test_rounds_are_counted_by_block_and_measurement() -> None:
    records = [
        *ready(0, 0, "base", "a"),
        *bursts(0, 0, 0, "base", "a"),
        *bursts(0, 0, 0, "base", "a", of="memory"),
        *ready(1, 1, "base", "b"),
        *bursts(1, 1, 0, "base", "b"),
        *bursts(1, 1, 1, "base", "b"),
    ]
    assert past_of(records).rounds == {(0, "epoch"): 1, (0, "memory"): 1, (1, "epoch"): 2}


def test_block_that_was_started_anew_adds_up() -> None:
    # Killed in round 1 of launch 0; the resumed run starts the block again as launch 1, and its rounds with 1.
    records = [
        *ready(0, 0, "base", "a"),
        *bursts(0, 0, 0, "base", "a", at=10),
        *bursts(0, 0, 1, "base", at=11),
        *ready(1, 0, "base", "a"),
        *bursts(1, 0, 1, "a", "base", at=30),
        BlockEndRecord(launch=1, block=0),
    ]
    past = past_of(records)
    assert (past.seconds, past.launches) == (30, 2)
    assert (past.rounds, past.bursts) == ({(0, "epoch"): 2}, 4)


def test_finished_blocks_and_the_end() -> None:
    records = [
        *ROWS,
        *ready(0, 0, "base", "a"),
        *bursts(0, 0, 0, "base", "a", at=10),
        BlockEndRecord(launch=0, block=0),
        *ready(1, 1, "base", "b"),
        BlockEndRecord(launch=1, block=1),
        EndRecord(at=60, reason="rounds done"),
    ]
    assert past_of(records) == Past(seconds=60, launches=2, lived=True, rounds={(0, "epoch"): 1}, bursts=2)


def test_baseline_lived_when_a_block_ended_without_its_failure() -> None:
    lost = [*ROWS, *ready(0, 0, "base", "a"), *failed(0, 0, "base"), BlockEndRecord(launch=0, block=0)]
    kept = [*ready(1, 1, "base", "b"), *failed(1, 1, "b")]
    assert not past_of(lost).lived
    assert not past_of([*lost, *kept]).lived
    assert past_of([*lost, *kept, BlockEndRecord(launch=1, block=1)]).lived
