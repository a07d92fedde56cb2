"""Time that passes only when a test says so, on the host and on a device."""

from __future__ import annotations

from typing import Any, ClassVar


class FakeTime:
    """Stands in for the module ``time``; also a clock of phases, whose stamps are seconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def advance(self, seconds: float) -> None:
        self.now += seconds

    def perf_counter(self) -> float:
        return self.now

    def perf_counter_ns(self) -> int:
        return round(self.now * 1e9)

    def stamp(self) -> float:
        return self.now

    def seconds(self, earlier: float, later: float) -> float:
        return later - earlier


class FakeEvent:
    """A CUDA event of a device whose time is ``FakeEvent.time``."""

    time: ClassVar[FakeTime]
    made: ClassVar[list[FakeEvent]]

    def __init__(self, enable_timing: bool) -> None:
        assert enable_timing
        self.calls: list[str] = []
        self.at = 0.0
        FakeEvent.made.append(self)

    def record(self) -> None:
        self.calls.append("record")
        self.at = FakeEvent.time.now

    def synchronize(self) -> None:
        self.calls.append("synchronize")

    def elapsed_time(self, later: Any) -> float:
        """Milliseconds, as CUDA gives them."""
        return float((later.at - self.at) * 1e3)
