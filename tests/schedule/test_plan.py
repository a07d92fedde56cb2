"""Plans, against what was worked out by hand."""

from __future__ import annotations

import random
from collections import Counter
from itertools import combinations

import pytest
from plan_cases import BASELINE, GB, machine_of, numbered, plan_of, planned, suite_of

from bench.environment import resolve_device
from bench.errors import InputError
from bench.optimizations.registry import registry
from bench.schedule.plan import (
    check_comparison,
    cores_wanted,
    deal,
    largest_block,
    make_plan,
    round_order,
    rounds_wanted,
    seeded,
    stage_seconds,
)
from bench.suite.combination import Combination
from bench.suite.design import expand
from bench.suite.model import Budget, Workload


@pytest.mark.parametrize(
    ("others", "size", "sizes"),
    [
        (1, 2, [2]),
        (3, 8, [4]),
        (7, 8, [8]),
        (8, 8, [5, 5]),  # two groups, and 4 + 4 rather than 7 + 1
        (5, 3, [3, 3, 2]),
        (7, 4, [4, 3, 3]),
        (3, 2, [2, 2, 2]),
        (0, 4, [1]),
    ],
)
def test_deal_fills_groups_evenly_with_the_baseline_first_in_each(others: int, size: int, sizes: list[int]) -> None:
    members = numbered(others)
    groups = deal(members, size, random.Random(1))
    assert [len(group) for group in groups] == sizes
    assert [group[0] for group in groups] == [BASELINE] * len(sizes)
    assert Counter(each for group in groups for each in group[1:]) == Counter(members[1:])


def test_deal_shuffles_by_its_random_numbers_alone() -> None:
    members = numbered(6)
    assert deal(members, 4, random.Random(5)) == deal(members, 4, random.Random(5))
    assert len({deal(members, 4, random.Random(seed)) for seed in range(20)}) > 10


def test_trials_are_counted() -> None:
    plan = plan_of(numbered(5), block_size=3, launches=2, not_run=4)
    assert plan.running == numbered(5)
    assert plan.baseline == BASELINE
    assert plan.blocks_per_launch == 3  # five others, two beside each baseline
    assert plan.trials == 16  # two launches of five others and three baselines


def test_the_baseline_alone_is_one_block() -> None:
    plan = plan_of(numbered(0), block_size=4, launches=3)
    assert plan.blocks_per_launch == 1
    assert plan.trials == 3
    assert [block.combinations for block in plan.blocks(0, plan.running)] == [(BASELINE,)]


def test_every_launch_starts_every_combination_once_in_blocks_of_its_own() -> None:
    plan = plan_of(numbered(5), block_size=3, launches=4)
    launches = [plan.blocks(launch, plan.running) for launch in range(4)]
    assert [block.index for blocks in launches for block in blocks] == list(range(12))
    for blocks in launches:
        others = [each for block in blocks for each in block.combinations[1:]]
        assert sorted(others, key=str) == sorted(plan.running[1:], key=str)
        assert all(block.combinations[0] == BASELINE for block in blocks)
    assert len({tuple(block.combinations for block in blocks) for blocks in launches}) > 1, "dealt anew each time"


def test_blocks_are_the_same_when_asked_for_again() -> None:
    first, again = (plan_of(numbered(5), block_size=3) for _ in range(2))
    assert first.blocks(1, first.running) == again.blocks(1, again.running)


def test_block_numbers_stay_apart_when_members_are_decided() -> None:
    plan = plan_of(numbered(5), block_size=3, launches=3)
    fewer = plan.running[:3]
    assert [block.index for block in plan.blocks(1, plan.running)] == [3, 4, 5]
    assert [block.index for block in plan.blocks(1, fewer)] == [3]
    assert [block.index for block in plan.blocks(2, plan.running)] == [6, 7, 8]


def test_a_block_gets_as_many_cores_as_its_hungriest_member_can_keep_busy() -> None:
    members = numbered(3)
    wanted = dict(zip(members, (1, 1, 3, 9), strict=True))
    plan = plan_of(members, block_size=2, cores=(2, 3, 5, 7), wanted=wanted)
    cores = {block.combinations[1]: block.cores for block in plan.blocks(0, members)}
    assert [len(cores[each]) for each in members[1:]] == [1, 3, 4]  # 9 are wanted, 4 are there
    assert cores[members[3]] == (2, 3, 5, 7)
    assert set(cores[members[2]]) < {2, 3, 5, 7}
    assert list(cores[members[2]]) == sorted(cores[members[2]])


def test_cores_are_drawn_anew_for_every_launch() -> None:
    plan = plan_of(numbered(1), block_size=2, launches=20)
    drawn = {block.cores for launch in range(20) for block in plan.blocks(launch, plan.running)}
    assert drawn == {(0,), (1,), (2,), (3,)}


def test_cores_wanted_are_threads_and_workers() -> None:
    suite = suite_of(workload=Workload(model="yolo26n.yaml", threads=4))
    known = registry()
    assert cores_wanted(Combination.of({"precision": "bf16"}), suite, known) == 4
    assert cores_wanted(Combination.of({"loader_workers": 2}), suite, known) == 6
    # The axis says how many threads there are, so the workload's do not count.
    assert cores_wanted(Combination.of({"threads": 2}), suite, known) == 2
    assert cores_wanted(Combination.of({"threads": 2, "loader_workers": 2}), suite, known) == 4


@pytest.mark.parametrize(
    ("memory", "wanted", "size"),
    [
        (15 * GB, 1, 8),  # 0.8 * 15 / 1.5 = 8
        (14_900_000_000, 1, 7),  # 7.9
        (15 * GB, 3, 5),  # 0.8 * 15 / (1.5 + 2 * 0.4) = 5.2
        (500 * GB, 1, 8),  # the most there may be
        (1 * GB, 1, 2),  # no comparison without a pair
    ],
)
def test_the_largest_block_on_a_processor(memory: int, wanted: int, size: int) -> None:
    assert largest_block(wanted, machine_of(memory), "cpu") == size


@pytest.mark.parametrize(
    ("gpus", "device", "size"),
    [
        ((24 * GB,), "cuda:0", 3),  # 0.8 * 24 / 6 = 3.2
        ((80 * GB,), "cuda:0", 8),  # 10.7, cut
        ((80 * GB, 40 * GB), "cuda:1", 5),  # 5.3, of the second
        ((None,), "cuda:0", 2),  # not known
        ((24 * GB,), "cpu", 8),
    ],
)
def test_the_largest_block_on_a_gpu(gpus: tuple[int | None, ...], device: str, size: int) -> None:
    assert largest_block(1, machine_of(gpus=gpus), device) == size


def test_a_plan_for_a_machine_with_one_gpu() -> None:
    suite, machine = suite_of(launches=3), machine_of(gpus=(24 * GB,))
    device = resolve_device(suite.workload.device, machine)
    plan = planned(suite, machine, device)
    assert device == plan.device == "cuda:0"
    assert len(plan.running) == 4
    assert plan.block_size == 3
    assert plan.blocks_per_launch == 2  # three others, two beside each baseline
    assert plan.trials == 15  # three launches of three others and two baselines
    assert plan.launches == 3
    assert set(plan.cores_wanted.values()) == {1}


def test_a_resumed_plan_keeps_its_blocks_when_memory_has_become_short() -> None:
    suite, known = suite_of(), registry()
    machine = machine_of(memory_bytes=4 * GB)
    plan = make_plan(suite, expand(suite, machine), machine, (0, 1), "cpu", known, block_size=4)
    assert plan.block_size == 4


def test_a_round_has_a_random_order_of_its_own() -> None:
    members = numbered(4)
    orders = [round_order(members, "ab12cd/0/epoch", number) for number in range(20)]
    assert all(sorted(order, key=str) == sorted(members, key=str) for order in orders)
    assert len(set(orders)) > 10
    assert {order.index(BASELINE) for order in orders} == {0, 1, 2, 3, 4}
    assert round_order(members, "ab12cd/0/epoch", 3) == orders[3]
    assert [round_order(members, "ef34ab/0/epoch", number) for number in range(20)] != orders


def test_of_two_trials_each_goes_first_in_every_other_round() -> None:
    members = numbered(4)
    orders = [round_order(members, "ab12cd/0/epoch", number) for number in range(20)]
    for first, second in combinations(members, 2):
        assert sum(order.index(first) < order.index(second) for order in orders) == 10


def test_the_next_measurement_gets_its_share_of_what_is_left() -> None:
    # Shares: epoch 3, data loading 1, forward and backward 1, memory 0.
    assert stage_seconds(("memory", "epoch", "data_loading", "forward_backward"), 50.0) == 0.0
    assert stage_seconds(("epoch", "data_loading", "forward_backward"), 50.0) == 30.0
    assert stage_seconds(("data_loading", "forward_backward"), 30.0) == 15.0
    assert stage_seconds(("forward_backward",), 10.0) == 10.0
    assert stage_seconds(("memory",), 10.0) == 0.0


def test_memory_is_taken_in_two_launches_and_the_rest_in_all() -> None:
    budget = Budget(rounds=5, time=None)
    assert [rounds_wanted("memory", launch, budget) for launch in range(4)] == [1, 1, 0, 0]
    assert [rounds_wanted("epoch", launch, budget) for launch in range(4)] == [5, 5, 5, 5]
    assert rounds_wanted("epoch", 3, Budget(time=60.0, rounds=None)) is None


def test_a_launch_learns_once_and_from_a_seed_of_its_own() -> None:
    assert [rounds_wanted("learning", launch, Budget(rounds=5, time=None)) for launch in range(3)] == [1, 1, 1]
    workload = suite_of(workload=Workload(model="yolo26n.yaml", seed=7, batch=4)).workload
    assert [seeded(workload, launch).seed for launch in range(3)] == [7, 8, 9]
    assert seeded(workload, 0) == workload


def test_a_design_of_the_baseline_alone_is_refused() -> None:
    check_comparison(suite_of(), plan_of(numbered(1), block_size=2))
    with pytest.raises(InputError) as caught:
        check_comparison(suite_of(), plan_of(numbered(0), block_size=2))
    assert (caught.value.field, caught.value.found) == ("axes", "nothing but the baseline")
    assert caught.value.expected == "at least one combination to compare the baseline with"


def test_a_design_of_which_nothing_can_run_names_the_first_reason() -> None:
    suite = suite_of(design=({"precision": "bf16"},))
    with pytest.raises(InputError) as caught:
        check_comparison(suite, plan_of(numbered(0), block_size=2, not_run=2))
    assert caught.value.field == "design"
    assert caught.value.found == "nothing but the baseline that can run; axis=-1 is not run: excluded"
