"""Every moment of an open window is put down to exactly one phase."""

from __future__ import annotations

import pytest
from fake_time import FakeTime

from bench.probes.phases import Phase, PhaseLedger


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def ledger(time: FakeTime) -> PhaseLedger:
    """A ledger whose window opened with the wait for the first batch."""
    ledger = PhaseLedger()
    ledger.open(time, Phase.FIRST_BATCH)
    return ledger


def test_inner_phase_takes_its_time_from_the_outer_one(time: FakeTime, ledger: PhaseLedger) -> None:
    ledger.switch(Phase.OTHER)
    time.advance(1)
    with ledger.inside(Phase.OPTIMIZER):
        time.advance(2)
        with ledger.inside(Phase.EMA):
            time.advance(4)
        time.advance(8)
    time.advance(16)
    assert ledger.close().seconds == {Phase.FIRST_BATCH: 0, Phase.OTHER: 17, Phase.OPTIMIZER: 10, Phase.EMA: 4}


def test_two_steps_worked_out_by_hand(time: FakeTime, ledger: PhaseLedger) -> None:
    # seconds:   wait 5 | pre 1, forward 3, loss 2, backward 4, rest 1 | wait 7 | forward 6, rest 2 | tail 9
    time.advance(5)
    ledger.begin_step()
    with ledger.inside(Phase.PREPROCESS):
        time.advance(1)
    ledger.switch(Phase.FORWARD)
    time.advance(3)
    with ledger.inside(Phase.LOSS):
        time.advance(2)
    ledger.switch(Phase.OTHER)
    with ledger.inside(Phase.BACKWARD):
        time.advance(4)
    time.advance(1)
    ledger.end_step()
    time.advance(7)
    ledger.begin_step()
    ledger.switch(Phase.FORWARD)
    time.advance(6)
    ledger.switch(Phase.OTHER)
    time.advance(2)
    ledger.end_step()
    ledger.switch(Phase.OTHER)
    time.advance(9)
    window = ledger.close()
    assert window.steps == (11, 8)
    assert window.waits == (5, 7)
    assert window.seconds == {
        Phase.FIRST_BATCH: 5,
        Phase.PREPROCESS: 1,
        Phase.FORWARD: 3 + 6,
        Phase.LOSS: 2,
        Phase.BACKWARD: 4,
        Phase.DATA_WAIT: 7,
        Phase.OTHER: 1 + 2 + 9,
    }
    assert sum(window.seconds.values()) == time.now == 40


def test_step_that_is_not_over_is_no_step(time: FakeTime, ledger: PhaseLedger) -> None:
    time.advance(1)
    ledger.begin_step()
    time.advance(2)
    ledger.end_step()
    time.advance(4)
    ledger.begin_step()
    time.advance(8)
    window = ledger.close()
    assert (window.steps, window.waits) == ((2,), (1,))
    assert sum(window.seconds.values()) == 15


def test_phase_before_goes_on_after_an_exception(time: FakeTime, ledger: PhaseLedger) -> None:
    def fail() -> None:
        with ledger.inside(Phase.LOSS):
            time.advance(1)
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        fail()
    assert ledger.phase is Phase.FIRST_BATCH
    time.advance(2)
    assert ledger.close().seconds == {Phase.FIRST_BATCH: 2, Phase.LOSS: 1}


def test_nothing_is_recorded_and_no_clock_is_read_while_closed(time: FakeTime, ledger: PhaseLedger) -> None:
    told: list[Phase] = []
    ledger.close()
    ledger.on_switch = lambda ended, begun: told.append(ended)
    ledger.clock = None  # type: ignore[assignment]
    ledger.begin_step()
    with ledger.inside(Phase.LOSS):
        time.advance(1)
    ledger.switch(Phase.FORWARD)
    ledger.end_step()
    assert ledger.phase is None
    assert told == []
    ledger.open(time, Phase.OTHER)
    time.advance(2)
    window = ledger.close()
    assert (window.seconds, window.steps, window.waits) == ({Phase.OTHER: 2}, (), ())


def test_window_knows_nothing_of_the_one_before(time: FakeTime, ledger: PhaseLedger) -> None:
    ledger.begin_step()
    time.advance(1)
    ledger.end_step()
    ledger.close()
    ledger.open(time, Phase.VALIDATION)
    time.advance(2)
    window = ledger.close()
    assert (window.seconds, window.steps) == ({Phase.VALIDATION: 2}, ())


def test_watcher_is_told_of_every_change(ledger: PhaseLedger) -> None:
    changes: list[tuple[Phase, Phase]] = []
    ledger.on_switch = lambda ended, begun: changes.append((ended, begun))
    ledger.begin_step()
    with ledger.inside(Phase.LOSS):
        pass
    ledger.close()
    assert changes == [
        (Phase.FIRST_BATCH, Phase.OTHER),
        (Phase.OTHER, Phase.LOSS),
        (Phase.LOSS, Phase.OTHER),
        (Phase.OTHER, Phase.OTHER),
    ]


def test_closing_what_is_not_open_is_an_error(ledger: PhaseLedger) -> None:
    ledger.close()
    with pytest.raises(RuntimeError, match="no window is open"):
        ledger.close()
