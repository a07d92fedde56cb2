"""Suites as pytest sees them: a file with one item for every combination and timed metric."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bench.engines.progress import Progress, Silent
from bench.errors import BenchError
from bench.integrations.measured import TIMED_METRICS, Measured, extra_info, measure, obstacle, samples
from bench.integrations.outcomes import Metric
from bench.integrations.pytest_plugin import OPTION
from bench.integrations.replay import ReplayTimer, replay
from bench.progress import Lines
from bench.run import Prepared, prepare
from bench.suite.combination import Combination, level_text
from bench.suite.design import Row

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture


class SuiteFile(pytest.File):
    """One suite; the first of its items that is run has all that were selected measured, in one run."""

    def collect(self) -> Iterator[SuiteItem]:
        """Yield the items, in the design's order.

        Raises:
            CollectError: the suite cannot be used.
        """
        try:
            prepared = self.prepared
        except BenchError as error:
            raise self.CollectError(f"bench: {error}") from None
        suite, baseline = prepared.suite, prepared.plan.baseline
        metrics = [metric for metric in TIMED_METRICS if metric.measurement in suite.measure]
        if not metrics:
            message = f"{suite.name} measures nothing that is timed, and pytest-benchmark knows no other figures"
            self.warn(pytest.PytestCollectionWarning(message))
        for row in prepared.plan.rows:
            for metric in metrics:
                yield self._item(f"{suite.name}[{item_label(row.combination, baseline)}-{metric.name}]", row, metric)

    @cached_property
    def prepared(self) -> Prepared:
        """The whole suite, planned for this machine.

        Raises:
            InputError: the suite cannot be used.
        """
        return prepare(self.path, {})

    @cached_property
    def outcome(self) -> Measured | Exception:
        """The run of all that was selected, made the first time it is asked for.

        Whatever ended a run is kept too, so that the next item does not begin it again; a BenchError says that the
        data cannot be had, or that the baseline failed.
        """
        items = [item for item in self.session.items if isinstance(item, SuiteItem) and item.parent is self]
        selected = {item.combination for item in items}
        results = Path(self.config.getoption(OPTION))
        command = shlex.join(["pytest", *map(str, self.config.invocation_params.args)])
        with _watching(self.config) as progress:
            try:
                measured = measure(self.prepared, selected, results, command, progress)
            except Exception as error:
                return error
            progress.note(f"Report: {measured.run / 'report.md'}")
        return measured

    def _item(self, name: str, row: Row, metric: Metric) -> SuiteItem:
        timer = ReplayTimer()

        def replayed(benchmark: BenchmarkFixture) -> None:
            measured = self.outcome
            if isinstance(measured, BenchError):
                pytest.fail(str(measured), pytrace=False)
            if isinstance(measured, Exception):
                raise measured
            figures = samples(measured.records, row.combination, metric)
            reason = obstacle(measured.row(row.combination), figures)
            if reason is not None:
                pytest.fail(reason, pytrace=False)
            benchmark.extra_info.update(extra_info(measured, row.combination, metric))
            replay(benchmark, timer, figures)

        item: SuiteItem = SuiteItem.from_parent(self, name=name, callobj=replayed, combination=row.combination)
        group = f"{self.prepared.suite.name} {metric.name}"
        item.add_marker(pytest.mark.benchmark(group=group, timer=timer))
        # An item that fails says why; that it then has no figures goes without saying.
        item.add_marker(pytest.mark.filterwarnings("ignore:Benchmark fixture was not used"))
        if row.not_run is not None:
            label = row.combination.label(self.prepared.plan.baseline)
            item.add_marker(pytest.mark.skip(reason=f"{label}: {row.not_run}"))
        return item


class SuiteItem(pytest.Function):
    """One combination and timed metric; a function, since only functions are given fixtures."""

    def __init__(self, *, combination: Combination, callobj: Callable[..., object], **parts: Any) -> None:
        super().__init__(callobj=callobj, **parts)
        self.combination = combination

    def reportinfo(self) -> tuple[Path, int, str]:
        """Say that the item is in the suite's file, not where its function is."""
        return self.path, 0, self.name


def item_label(combination: Combination, baseline: Combination) -> str:
    """Return how an item's name tells its combination: as tables do, in a spelling without spaces."""
    changed = combination.difference(baseline)
    levels = [f"{axis}={level_text(level)}" for axis, level in changed.items()]
    return "-".join(levels).replace(" ", "") or "baseline"


@contextmanager
def _watching(config: pytest.Config) -> Iterator[Progress]:
    """Yield somebody who shows progress in plain lines, past pytest's capture, unless pytest is to be quiet."""
    if config.get_verbosity() < 0:
        yield Silent()
        return
    capture = config.pluginmanager.get_plugin("capturemanager")
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    with capture.global_and_fixture_disabled() if capture is not None else nullcontext():
        if reporter is not None:
            reporter.ensure_newline()
        sys.stdout.flush()
        yield Lines()
