"""The report that programs read; docs/report-json.md lists the same fields."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, JsonValue

from bench.analysis.result import Analysis, LearningFlag, RowResult, Verdict
from bench.reports.json_effects import EffectsPart
from bench.reports.json_parts import DifferencePart, EvidencePart, FigurePart, OneOffPart, Part, RatioPart

FORMAT = 2
"""Version of the report; raised when a field changes its meaning or goes."""


class RowPart(Part):
    """One combination."""

    combination: str = Field(description="eight hexadecimal digits that name the combination")
    label: str = Field(description="how tables name the combination")
    levels: dict[str, JsonValue] = Field(description="axis to level")
    verdict: Verdict = Field(description="what is said of the combination in the deciding metric")
    reason: str | None = Field(
        description="why it was not run, failed, is not in force, was set aside or is not comparable, or what of it is "
        "not compared; else null"
    )
    ratios: dict[str, RatioPart] = Field(
        description="metric to ratio; empty for the baseline, and not to be used of what failed or was not in force"
    )
    differences: dict[str, DifferencePart] = Field(
        description="metric to difference, for mAP, which may be 0; empty where it was not measured"
    )
    flag: LearningFlag | None = Field(
        description="diverges or learns worse, beside whatever speed; null where nothing of it was seen"
    )
    figures: dict[str, FigurePart] = Field(description="metric to absolute figure")
    setup: dict[str, float] = Field(
        description="one-off part before the first epoch to seconds, the median over launches"
    )
    one_off: dict[str, OneOffPart] = Field(
        description="first to what the first launch cost once, later to the medians of launches that found what "
        "compilers had kept of those before; without what is not known"
    )
    pays_off_after: float | None = Field(
        description="epochs after which a faster combination has made up for the one-off cost of its first launch; "
        "null unless faster"
    )
    pays_off_after_later: float | None = Field(
        description="the same with the one-off cost of later launches; null unless less than half of the first's"
    )
    facts: dict[str, JsonValue] = Field(
        description="what the last launch built, in counts; gflops: 10^9 operations of one image's forward pass"
    )
    evidence: tuple[EvidencePart, ...] = Field(description="what was shown of each axis, contradictions first")


class Report(Part):
    """Everything said of a run."""

    format: Literal[2] = Field(description="version of this format")
    run: str = Field(description="the run's short id")
    started: str = Field(description="when the run started: UTC, ISO 8601")
    command: str = Field(description="the command as typed")
    suite_file: str = Field(description="name of the suite's file")
    suite: dict[str, JsonValue] = Field(description="the resolved suite; its schema is what bench schema prints")
    environment: dict[str, JsonValue] = Field(description="where the run happened; null in it is not available")
    deciding: str = Field(description="the metric that verdicts are about, such as epoch.seconds")
    confidence: float = Field(description="confidence of every interval, as a fraction of 1")
    margin: float = Field(description="difference that counts as equivalent, as a fraction of 1")
    noise_floor: dict[str, JsonValue] | None = Field(
        description="what identical trials differ by, and on which machine; null when it was not known"
    )
    complete: bool = Field(description="whether the run came to its end")
    seconds: float = Field(description="how long the run took, in seconds")
    warnings: tuple[str, ...] = Field(description="what to know before believing the rows, most important first")
    rows: tuple[RowPart, ...] = Field(description="in the design's order, the baseline first")
    effects: EffectsPart = Field(description="what levels and pairs of levels do in the deciding metric")


def report_json(analysis: Analysis) -> dict[str, Any]:
    """Return the report as plain JSON values, numbers with all their digits."""
    run = analysis.run
    report = Report(
        format=FORMAT,
        run=run.run,
        started=run.started,
        command=run.command,
        suite_file=run.suite_file,
        suite=run.suite,
        environment=run.environment,
        deciding=analysis.deciding,
        confidence=analysis.confidence,
        margin=analysis.suite.margin,
        noise_floor=run.noise_floor,
        complete=analysis.complete,
        seconds=analysis.seconds,
        warnings=analysis.warnings,
        rows=tuple(map(_row, analysis.rows)),
        effects=EffectsPart.of(analysis.effects),
    )
    return report.model_dump(mode="json")


def report_json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the report."""
    return Report.model_json_schema()


def _row(row: RowResult) -> RowPart:
    return RowPart(
        combination=row.combination,
        label=row.label,
        levels=row.levels,
        verdict=row.verdict,
        reason=row.reason or None,
        ratios={metric: RatioPart.of(ratio) for metric, ratio in row.ratios.items()},
        differences={metric: DifferencePart.of(difference) for metric, difference in row.differences.items()},
        flag=row.flag,
        figures={metric: FigurePart.of(metric, figure) for metric, figure in row.figures.items()},
        setup=row.setup,
        one_off=_one_off(row),
        pays_off_after=row.pays_off_after,
        pays_off_after_later=row.pays_off_after_later,
        facts=row.facts,
        evidence=tuple(map(EvidencePart.of, row.evidence)),
    )


def _one_off(row: RowResult) -> dict[str, OneOffPart]:
    costs = {"first": row.one_off, "later": row.one_off_later}
    return {launch: OneOffPart.of(cost) for launch, cost in costs.items() if cost is not None}
