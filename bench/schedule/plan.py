"""Which trials are alive together, on which cores, in which order; pure functions of a suite and a seed."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.environment import Machine
from bench.errors import InputError
from bench.optimizations.registry import Registry
from bench.suite.combination import Combination
from bench.suite.design import Row
from bench.suite.model import Budget, MeasurementName, Suite, Workload

LARGEST_BLOCK = 8
"""Trials in a block at most: a round has to be short for its bursts to share the machine's mood."""

HOST_BYTES_PER_TRIAL = 1_500_000_000
HOST_BYTES_PER_WORKER = 400_000_000
DEVICE_BYTES_PER_TRIAL = 6_000_000_000
SHARE_OF_MEMORY = 0.8

SHARES: dict[MeasurementName, float] = {
    "epoch": 3.0,
    "learning": 0.0,
    "data_loading": 1.0,
    "forward_backward": 1.0,
    "memory": 0.0,
    "memory_parts": 0.0,
    "after": 1.0,
}
"""How the time of a block is divided; memory, learning and what comes out of training get their rounds whatever they
take. Epochs that are timed are trained as well, so learning would take no less for having time kept back."""

MEMORY_LAUNCHES = 2


@dataclass(frozen=True)
class Block:
    """Trials that are alive together.

    Attributes:
        index: number within the run; the same in a resumed run.
        launch: how many times its combinations have been started before.
        combinations: the baseline first.
        cores: numbers of the processor cores that all of its trials run on.
    """

    index: int
    launch: int
    combinations: tuple[Combination, ...]
    cores: tuple[int, ...]


@dataclass(frozen=True)
class Plan:
    """Everything that is decided before a run.

    Attributes:
        rows: the whole design, rows that are not run included; the first is the baseline.
        device: cpu or cuda:N.
        launches: times every combination is started, unless it is decided before.
        block_size: trials alive at once, at most.
        cores: numbers of the processor cores there are.
        cores_wanted: how many cores each combination can keep busy.
        seed: of every random choice.
    """

    rows: tuple[Row, ...]
    device: str
    launches: int
    block_size: int
    cores: tuple[int, ...]
    cores_wanted: Mapping[Combination, int]
    seed: int

    @property
    def baseline(self) -> Combination:
        """The combination that all others are compared with."""
        return self.rows[0].combination

    @property
    def running(self) -> tuple[Combination, ...]:
        """The combinations that are run, the baseline first."""
        return tuple(row.combination for row in self.rows if row.not_run is None)

    @property
    def blocks_per_launch(self) -> int:
        """Blocks that all combinations take."""
        return max(1, -(-(len(self.running) - 1) // (self.block_size - 1)))

    @property
    def trials(self) -> int:
        """Processes to be started when no combination is decided early; the baseline is in every block."""
        return self.launches * (len(self.running) - 1 + self.blocks_per_launch)

    def blocks(self, launch: int, members: Sequence[Combination]) -> tuple[Block, ...]:
        """Return the blocks in which ``members`` (the baseline first) are started for the ``launch``-th time.

        Every launch deals them anew and draws its cores anew, so that neighbours and places even out.
        """
        rng = random.Random(f"{self.seed}/{launch}")
        return tuple(
            Block(launch * self.blocks_per_launch + number, launch, group, self.choose_cores(group, rng))
            for number, group in enumerate(deal(members, self.block_size, rng))
        )

    def choose_cores(self, members: Sequence[Combination], rng: random.Random) -> tuple[int, ...]:
        """Return as many cores as the hungriest of ``members`` can keep busy, drawn at random."""
        wanted = max(self.cores_wanted[member] for member in members)
        return tuple(sorted(rng.sample(self.cores, min(wanted, len(self.cores)))))


def make_plan(
    suite: Suite,
    rows: tuple[Row, ...],
    machine: Machine,
    cores: tuple[int, ...],
    device: str,
    known: Registry,
    block_size: int | None = None,
) -> Plan:
    """Return the plan of a suite; the same arguments give the same plan.

    Args:
        suite: what is compared.
        rows: its design, expanded.
        machine: decides how many trials its memory holds.
        cores: numbers of the processor cores this process may use.
        device: cpu or cuda:N.
        known: the optimizations that the axes name.
        block_size: trials alive at once, at most, where that was decided before: a resumed run keeps its blocks.
    """
    wanted = {row.combination: cores_wanted(row.combination, suite, known) for row in rows}
    # A trial with the largest batch leaves room for one other.
    pairs = any(row.combination.levels.get("batch") == "largest" for row in rows)
    size = block_size or (2 if pairs else largest_block(max(wanted.values()), machine, device))
    return Plan(rows, device, suite.launches, size, cores, wanted, suite.workload.seed)


def check_comparison(suite: Suite, plan: Plan) -> None:
    """Refuse a design that leaves nothing to compare the baseline with.

    Raises:
        InputError: it does.
    """
    if len(plan.running) > 1:
        return
    found = "nothing but the baseline"
    if len(plan.rows) > 1:
        first = plan.rows[1]
        found += f" that can run; {first.combination.label(plan.baseline)} is not run: {first.not_run}"
    field = "axes" if isinstance(suite.design, str) else "design"
    raise InputError(field, found, "at least one combination to compare the baseline with")


def deal(members: Sequence[Combination], size: int, rng: random.Random) -> tuple[tuple[Combination, ...], ...]:
    """Deal ``members`` after the first into evenly filled groups of at most ``size``, each led by the first."""
    baseline, others = members[0], list(members[1:])
    rng.shuffle(others)
    count = max(1, -(-len(others) // (size - 1)))
    return tuple((baseline, *others[number::count]) for number in range(count))


def cores_wanted(combination: Combination, suite: Suite, known: Registry) -> int:
    """Return how many cores a combination can keep busy."""
    levels = combination.levels
    threads = 1 if "threads" in levels else suite.workload.threads
    return threads + sum(known[axis].extra_cores(level) for axis, level in levels.items())


def largest_block(cores_wanted: int, machine: Machine, device: str) -> int:
    """Return how many trials may be alive at once by memory, guessed; at least a pair."""
    size = SHARE_OF_MEMORY * machine.memory_bytes / (HOST_BYTES_PER_TRIAL + HOST_BYTES_PER_WORKER * (cores_wanted - 1))
    if device != "cpu":
        memory = machine.cuda[int(device.removeprefix("cuda:"))].memory_bytes
        size = min(size, SHARE_OF_MEMORY * (memory or 0) / DEVICE_BYTES_PER_TRIAL)
    return max(2, min(int(size), LARGEST_BLOCK))


def round_order(members: Sequence[Combination], key: str, number: int) -> tuple[Combination, ...]:
    """Return ``members`` in the order of one round: drawn for every even one, and turned round for the odd one after.

    Of any two of them each goes first equally often.

    Args:
        members: who takes part.
        key: names the measurement of a launch.
        number: of the round.
    """
    order = list(members)
    random.Random(f"{key}/{number // 2}").shuffle(order)
    return tuple(order if number % 2 == 0 else reversed(order))


def seeded(workload: Workload, launch: int) -> Workload:
    """Return the workload that all trials of the ``launch``-th launch train: from a seed of that launch's own."""
    return workload.model_copy(update={"seed": workload.seed + launch})


def stage_seconds(ahead: Sequence[MeasurementName], seconds: float) -> float:
    """Return the share of a block's remaining seconds that the first of the measurements still ``ahead`` gets."""
    return seconds * SHARES[ahead[0]] / (sum(SHARES[name] for name in ahead) or 1.0)


def rounds_wanted(
    measurement: MeasurementName, launch: int, budget: Budget, memory_launches: int = MEMORY_LAUNCHES
) -> int | None:
    """Return the rounds a measurement gets in the ``launch``-th launch; None for as many as its time holds.

    Memory hardly varies: one round in each of ``memory_launches`` says what it is and whether launches differ. What
    comes out of training is there once it is over, which is once a launch, and a launch learns once.
    """
    if measurement in {"learning", "after"}:
        return 1
    if measurement in {"memory", "memory_parts"}:
        return 1 if launch < memory_launches else 0
    return budget.rounds
