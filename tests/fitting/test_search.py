"""The search for the largest batch, on memory that follows a known line."""

from __future__ import annotations

import pytest

from bench.fitting.search import Attempt, largest_of, predicted_need, ruled_out, search


def fits_up_to(limit: int, tried: list[int] | None = None) -> object:
    def attempt(batch: int) -> Attempt:
        if tried is not None:
            tried.append(batch)
        return Attempt(batch, batch <= limit, True, 100 + 10 * batch if batch <= limit else None)

    return attempt


def test_doubles_then_bisects() -> None:
    tried: list[int] = []
    attempts = search(fits_up_to(21, tried), 4, 1000)  # type: ignore[arg-type]
    assert tried == [4, 8, 16, 32, 24, 20, 22, 21]
    assert largest_of(attempts) == 21


@pytest.mark.parametrize(
    ("limit", "first", "most", "tried"),
    [
        (1000, 4, 10, [4, 8, 10]),
        (10, 4, 10, [4, 8, 10]),
        (1000, 16, 10, [10]),
        (3, 8, 100, [8, 4, 2, 3]),
        (1, 8, 100, [8, 4, 2, 1]),
        (0, 8, 100, [8, 4, 2, 1]),
        (0, 1, 1, [1]),
        (9, 8, 9, [8, 9]),
    ],
)
def test_ends(limit: int, first: int, most: int, tried: list[int]) -> None:
    seen: list[int] = []
    attempts = search(fits_up_to(limit, seen), first, most)  # type: ignore[arg-type]
    assert seen == tried
    assert largest_of(attempts) == (min(limit, most) or None)


def test_large_batches_are_found_to_within_a_32nd() -> None:
    attempts = search(fits_up_to(1500), 8, 100_000)  # type: ignore[arg-type]
    largest = largest_of(attempts)
    refused = min(each.batch for each in attempts if not each.fits)
    # 8, 16, … 1024 fit and 2048 does not; then 1536 no, 1280 yes, 1408 yes, 1472 yes, 1504 no: 32 apart.
    assert (largest, refused) == (1472, 1504)


def test_prediction_is_the_line_through_the_two_largest() -> None:
    attempts = (Attempt(2, True, True, 999), Attempt(4, True, True, 140), Attempt(8, True, True, 180))
    assert predicted_need(attempts, 16) == 260
    assert predicted_need(attempts[:1], 16) is None


def test_memory_that_shrinks_is_taken_as_constant() -> None:
    attempts = (Attempt(4, True, True, 200), Attempt(8, True, True, 180))
    assert predicted_need(attempts, 16) == 180


def test_only_what_is_far_too_large_is_not_tried() -> None:
    attempts = (Attempt(4, True, True, 140), Attempt(8, True, True, 180))
    # Batch 16 should need 260, which is 1.3 times 200 and 1.24 times 210.
    refused = ruled_out(attempts, 16, 200)
    assert refused == Attempt(16, False, False, 260, "predicted to need 260 of 200 bytes granted")
    assert ruled_out(attempts, 16, 210) is None
