"""The starts that a block takes: one, and one more for each combination that memory was too small for in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bench.journal.records import AnyRecord, BlockEndRecord, CrowdedOutRecord
from bench.schedule.plan import Block


def parts_of(block: Block, records: Sequence[AnyRecord]) -> tuple[Block, ...]:
    """Return what is started of a block, one after the other, as far as ``records`` tell.

    First all of its combinations that no earlier block had too little memory for, then each of the others beside the
    baseline alone, and at last those that turned out to be such in the first part. All have the block's own number.
    """
    crowded = {r.combination: r.block for r in reversed(records) if isinstance(r, CrowdedOutRecord)}
    baseline, *others = block.combinations
    # A baseline that memory was too small for takes all of its block with it, and none of the blocks after it.
    before = [each for each in others if crowded.get(each.id, block.index) < block.index]
    during = [each for each in others if crowded.get(each.id) == block.index]
    together = (baseline, *(each for each in others if each not in before))
    pairs = tuple(replace(block, combinations=(baseline, each)) for each in (*before, *during))
    return pairs if before and len(together) == 1 else (replace(block, combinations=together), *pairs)


def parts_done(block: Block, records: Sequence[AnyRecord]) -> int:
    """Return how many parts of a block have had all their rounds."""
    return sum(isinstance(record, BlockEndRecord) and record.block == block.index for record in records)
