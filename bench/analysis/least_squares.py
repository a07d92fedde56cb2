"""Ordinary least squares within blocks, and which sums of its terms a design tells.

Each trial gives one response. Taking its block's mean off every response, and off every term, fits an effect for each
block (Frisch & Waugh 1933, Econometrica 1). The baseline is one of a block's trials, so what its launch lends to all
ratios to it goes with the block, and what is left of two trials of a block is independent but for the mean.

A sum of terms is estimable where it lies in the row space of the design (Searle 1971, Linear Models, chapter 5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEGLIGIBLE = 1e-9
"""Singular values below this share of the largest are rounding errors."""


@dataclass(frozen=True)
class Fit:
    """Fitted terms.

    Attributes:
        coefficients: of the terms, shape (terms,); the shortest of all that fit equally well.
        row_space: orthonormal directions among the terms that the design tells, shape (directions, terms).
        singular_values: singular value of each direction, shape (directions,).
        variance: of a trial's response about what was fitted; None where no degrees of freedom are left.
        degrees: trials less blocks less directions.
        trials: responses that were fitted.
    """

    coefficients: NDArray[Any]
    row_space: NDArray[Any]
    singular_values: NDArray[Any]
    variance: float | None
    degrees: int
    trials: int

    def value(self, weights: Sequence[float]) -> float:
        """Return the sum of the terms, each with its weight."""
        import numpy as np

        return float(np.asarray(weights) @ self.coefficients)

    def variance_of(self, weights: Sequence[float]) -> float | None:
        """Return the variance of such a sum; None where no degrees of freedom are left."""
        import numpy as np

        if self.variance is None:
            return None
        scaled = (self.row_space @ np.asarray(weights)) / self.singular_values
        return self.variance * float(scaled @ scaled)

    def beyond_row_space(self, weights: Sequence[float]) -> list[float]:
        """Return the part of such a sum that the design does not tell, one weight a term; all 0 if it is estimable."""
        import numpy as np

        asked = np.asarray(weights)
        return [float(part) for part in asked - self.row_space.T @ (self.row_space @ asked)]


def fit_within_blocks(blocks: Sequence[tuple[Sequence[Sequence[float]], Sequence[float]]]) -> Fit:
    """Fit terms to responses, with an effect for each block.

    Args:
        blocks: for each block the design, one row of terms a trial, and the trials' responses. Some term has to
            differ within some block.
    """
    import numpy as np

    designs = [np.asarray(rows) for rows, _ in blocks]
    answers = [np.asarray(responses) for _, responses in blocks]
    design = np.vstack([each - each.mean(axis=0) for each in designs])
    response = np.concatenate([each - each.mean() for each in answers])
    left, singular_values, right = np.linalg.svd(design, full_matrices=False)
    kept = singular_values > NEGLIGIBLE * singular_values.max()
    left, singular_values, row_space = left[:, kept], singular_values[kept], right[kept]
    scores = left.T @ response
    residuals = response - left @ scores
    degrees = len(response) - len(blocks) - len(singular_values)
    return Fit(
        coefficients=row_space.T @ (scores / singular_values),
        row_space=row_space,
        singular_values=singular_values,
        variance=float(residuals @ residuals) / degrees if degrees > 0 else None,
        degrees=degrees,
        trials=len(response),
    )
