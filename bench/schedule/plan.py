"""Which trials are alive together, on which cores, in which order; pure functions of a suite and a seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from bench.environment import Machine
from bench.optimizations.registry import Registry
from bench.suite.combination import Combination
from bench.suite.design import Row
from bench.suite.model import MeasurementName, Suite

LARGEST_BLOCK = 8
"""Trials in a block at most: a round has to be short for its bursts to share the machine's mood."""

HOST_BYTES_PER_TRIAL = 1_500_000_000
HOST_BYTES_PER_WORKER = 400_000_000
DEVICE_BYTES_PER_TRIAL = 6_000_000_000
SHARE_OF_MEMORY = 0.8

SHARES: dict[MeasurementName, float] = {"epoch": 3.0, "data_loading": 1.0, "forward_backward": 1.0, "memory": 0.0}
"""How the time of a block is divided; memory hardly varies and gets one round, whatever that takes."""


@dataclass(frozen=True)
class Block:
    """Trials that are alive together.

    Attributes:
        index: place in the plan.
        combinations: the baseline first.
        cores: processor cores that all of its trials run on.
    """

    index: int
    combinations: tuple[Combination, ...]
    cores: tuple[int, ...]


@dataclass(frozen=True)
class Plan:
    """Everything that is decided before a run.

    Attributes:
        rows: the whole design, rows that are not run included.
        blocks: in order; a partition of the combinations, once for every launch.
        device: cpu or cuda:N.
    """

    rows: tuple[Row, ...]
    blocks: tuple[Block, ...]
    device: str

    @property
    def baseline(self) -> Combination:
        """The combination that all others are compared with."""
        return self.rows[0].combination

    @property
    def trials(self) -> int:
        """Processes to be started."""
        return sum(len(block.combinations) for block in self.blocks)


def make_plan(suite: Suite, rows: tuple[Row, ...], machine: Machine, device: str, known: Registry) -> Plan:
    """Return the plan of a suite on a machine; the same arguments give the same plan."""
    running = [row.combination for row in rows if row.not_run is None]
    size = largest_block(running, suite, machine, device, known)
    blocks: list[Block] = []
    for launch in range(suite.launches):
        rng = random.Random(f"{suite.workload.seed}/{launch}")
        for members in partition(running, size, rng):
            cores = choose_cores(members, suite, machine, known, rng)
            blocks.append(Block(len(blocks), members, cores))
    return Plan(rows, tuple(blocks), device)


def partition(running: Sequence[Combination], size: int, rng: random.Random) -> tuple[tuple[Combination, ...], ...]:
    """Deal the combinations after the first into evenly filled blocks of at most ``size``, each led by the first.

    A new order for every launch lets each combination meet other neighbours.
    """
    baseline, others = running[0], list(running[1:])
    rng.shuffle(others)
    count = max(1, -(-len(others) // max(1, size - 1)))
    return tuple((baseline, *others[index::count]) for index in range(count))


def choose_cores(
    members: Sequence[Combination], suite: Suite, machine: Machine, known: Registry, rng: random.Random
) -> tuple[int, ...]:
    """Return as many of the machine's cores as the hungriest of ``members`` can keep busy, drawn at random."""
    wanted = max(cores_wanted(combination, suite, known) for combination in members)
    return tuple(sorted(rng.sample(machine.cores, min(wanted, len(machine.cores)))))


def cores_wanted(combination: Combination, suite: Suite, known: Registry) -> int:
    """Return how many cores a combination can keep busy."""
    levels = combination.levels
    threads = 1 if "threads" in levels else suite.workload.threads
    return threads + sum(known[axis].extra_cores(level) for axis, level in levels.items())


def largest_block(
    running: Sequence[Combination], suite: Suite, machine: Machine, device: str, known: Registry
) -> int:
    """Return how many trials may be alive at once, by memory; at least a pair."""
    extra = max(cores_wanted(combination, suite, known) for combination in running) - 1
    host = HOST_BYTES_PER_TRIAL + HOST_BYTES_PER_WORKER * extra
    size = int(SHARE_OF_MEMORY * machine.memory_bytes // host)
    if device != "cpu":
        memory = machine.cuda[int(device.removeprefix("cuda:"))].memory_bytes
        size = min(size, int(SHARE_OF_MEMORY * memory // DEVICE_BYTES_PER_TRIAL))
    return max(2, min(size, LARGEST_BLOCK))


def round_order(members: Sequence[Combination], key: str) -> tuple[Combination, ...]:
    """Return ``members`` in the random order of one round; ``key`` names the round."""
    order = list(members)
    random.Random(key).shuffle(order)
    return tuple(order)


def stage_seconds(measure: Sequence[MeasurementName], seconds: float) -> dict[MeasurementName, float]:
    """Divide a block's seconds among its measurements."""
    total = sum(SHARES[name] for name in measure) or 1.0
    return {name: seconds * SHARES[name] / total for name in measure}
