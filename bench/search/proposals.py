"""What to measure next: Optuna's tree-structured Parzen estimator over combinations, each proposed once."""

from __future__ import annotations

import importlib.util
import random
from collections.abc import Mapping
from typing import Any

from bench.errors import BenchError
from bench.search.space import Space
from bench.suite.combination import Combination

Values = tuple[float, float]
"""Ratio of time and ratio of loss to the baseline's."""

AT_RANDOM = 4
"""Values that are known before proposals follow from them: the baseline's and those of one generation."""

SUGGESTIONS = 20
"""Suggestions that are taken in for one generation; then it is filled at random from what was not measured yet. In a
space of few combinations Optuna suggests those that it likes again and again."""


class SearchUnavailableError(BenchError):
    """Optuna is not installed."""

    exit_code = 2


def check_optuna() -> None:
    """Refuse to search without Optuna.

    Raises:
        SearchUnavailableError: it is not installed.
    """
    if importlib.util.find_spec("optuna") is None:
        raise SearchUnavailableError("bench search needs the extra search: pip install 'yolo-train-bench[search]'")


class Proposer:
    """Proposes combinations that make two ratios small, and learns from what they came to.

    The method is multi-objective TPE: Ozaki et al. 2022, Multiobjective Tree-Structured Parzen Estimator, Journal of
    Artificial Intelligence Research 73. The baseline's ratios, 1 and 1, are known to it from the beginning.

    Attributes:
        study: Optuna's study.
    """

    def __init__(self, space: Space, seed: int) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._space = space
        self._random = random.Random(seed)
        self._known: dict[Combination, Values | None] = {space.baseline: (1.0, 1.0)}
        self._waiting: list[tuple[Any, Combination]] = []
        self._distributions = {
            axis: optuna.distributions.CategoricalDistribution(texts) for axis, texts in space.axes.items()
        }
        sampler = optuna.samplers.TPESampler(seed=seed % 2**32, n_startup_trials=AT_RANDOM)
        self.study: Any = optuna.create_study(directions=["minimize", "minimize"], sampler=sampler)
        self.study.add_trial(
            optuna.trial.create_trial(
                params=dict(space.baseline.items), distributions=self._distributions, values=[1.0, 1.0]
            )
        )

    def propose(self, count: int) -> tuple[Combination, ...]:
        """Return ``count`` combinations that can run and were not proposed before; fewer where fewer are left."""
        chosen: list[Combination] = []
        for _ in range(SUGGESTIONS):
            if len(chosen) < count:
                self._suggest(chosen)
        unseen = [each for each in self._space.possible if each not in self._known and each not in chosen]
        for combination in self._random.sample(unseen, min(count - len(chosen), len(unseen))):
            self.study.enqueue_trial(dict(combination.items))
            self._suggest(chosen)
        return tuple(chosen)

    def tell(self, measured: Mapping[Combination, Values | None]) -> None:
        """Take in what all that was proposed last came to; None for what failed or was not in force."""
        self._known.update(measured)
        for trial, combination in self._waiting:
            self._tell(trial, self._known[combination])
        self._waiting.clear()

    def _suggest(self, chosen: list[Combination]) -> None:
        """Take one suggestion: a new combination joins ``chosen``, and what is known of any other is told at once."""
        trial = self.study.ask(self._distributions)
        combination = self._space.combination(trial.params)
        if combination in self._known:
            self._tell(trial, self._known[combination])
        elif combination not in self._space.possible:
            self._tell(trial, None)
        else:
            self._waiting.append((trial, combination))
            if combination not in chosen:
                chosen.append(combination)

    def _tell(self, trial: Any, values: Values | None) -> None:
        from optuna.trial import TrialState

        if values is None:
            self.study.tell(trial, state=TrialState.FAIL)
        else:
            self.study.tell(trial, list(values))
