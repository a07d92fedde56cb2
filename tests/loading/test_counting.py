"""Counts come back from forked processes, and calls are counted whole."""

from __future__ import annotations

import os
import threading

from bench.loading.counting import SharedCount, Tally, counted


def in_a_fork(work: object) -> None:
    child = os.fork()
    if child == 0:
        assert callable(work)
        work()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0


def test_shared_count_adds_up_over_processes() -> None:
    count = SharedCount()
    double = counted(lambda number: 2 * number, count, lambda number: number > 0)
    assert [double(number) for number in (-1, 0, 4)] == [-2, 0, 8]
    in_a_fork(lambda: double(5))
    assert count.value == 2


def test_tally_counts_what_happens_inside_only() -> None:
    tally = Tally("read", "decoded")
    read = tally.noting(lambda name: name, "read")
    decode = tally.noting(lambda data: data.upper(), "decoded", lambda data: data != "raw")
    load = tally.around(lambda name: decode(read(name)))
    read("outside")
    assert load("a") == "A"
    assert load("raw") == "RAW"
    in_a_fork(lambda: load("b"))
    assert tally.totals() == {"read": 3, "decoded": 2}


def test_tally_shows_no_half_of_a_call() -> None:
    tally, halfway, go_on = Tally("read"), threading.Event(), threading.Event()

    def load() -> None:
        tally.note("read")
        halfway.set()
        go_on.wait(10)

    thread = threading.Thread(target=tally.around(load))
    thread.start()
    assert halfway.wait(10)
    tally.note("read")
    assert tally.totals() == {"read": 0}
    go_on.set()
    thread.join()
    assert tally.totals() == {"read": 1}


def test_a_call_that_fails_counts_what_it_did() -> None:
    tally = Tally("read")
    fail = tally.around(tally.noting(lambda: 1 // 0, "read"))
    try:
        fail()
    except ZeroDivisionError:
        assert tally.totals() == {"read": 1}
    else:
        raise AssertionError("the error was swallowed")
