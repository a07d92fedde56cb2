"""Analyses made by hand."""

from __future__ import annotations

from bench.analysis.result import Analysis, Figure, OneOff, Ratio, RowResult, Verdict
from bench.environment import Environment
from bench.environment.versions import Versions
from bench.journal.records import EvidenceRecord, RunRecord
from bench.suite.model import MeasurementName, Suite

MEBIBYTE = 1024**2
ENVIRONMENT = Environment(
    machine_id="0123456789ab",
    processor="Fake Processor 9",
    cores_used=2,
    cores_total=2,
    memory_bytes=8 * 1024**3,
    gpus=(),
    operating_system="Fakian 12",
    kernel="Linux 6.1 x86_64",
    governor=None,
    load_average=None,
    device="cpu",
    threads=1,
    versions=Versions("0.1.0", "3.11.7", "2.15.0", None, None, "8.4.190", None, None),
    commit=None,
    clean=None,
)
PHASES = {
    "first_batch": 0.1,
    "data_wait": 0.2,
    "preprocess": 0.05,
    "forward": 0.5,
    "loss": 0.1,
    "backward": 0.6,
    "optimizer": 0.1,
    "ema": 0.05,
    "validation": 0.2,
    "checkpoint": 0.05,
    "other": 0.05,
}


def suite(measure: tuple[MeasurementName, ...] = ("epoch", "data_loading", "forward_backward", "memory")) -> Suite:
    return Suite.model_validate(
        {
            "name": "small",
            "description": "Two axes | by hand.",
            "workload": {"model": "yolo26n.yaml", "batch": 4, "settings": {"mosaic": 0.0}},
            "axes": {"precision": ["fp32", "bf16"], "image_cache": ["none", "ram"]},
            "measure": list(measure),
        }
    )


def ratio(value: float, half_width: float | None) -> Ratio:
    if half_width is None:
        return Ratio(value, None, None, rounds=3, launches=1)
    return Ratio(value, value - half_width, value + half_width, rounds=12, launches=2, p_value=0.004)


def figures(seconds: float, parts_share: float = 1.0) -> dict[str, Figure]:
    """Figures of a row whose epoch takes ``seconds`` and whose phases sum to ``parts_share`` of theirs."""
    return {
        "epoch.seconds": Figure(seconds, 0.03, 12),
        "epoch.parts_share": Figure(parts_share, 0.0, 12),
        **{f"epoch.{phase}": Figure(value, None, 3) for phase, value in PHASES.items()},
        "data_loading.seconds_per_image": Figure(0.010, 0.001, 12),
        "forward_backward.forward_per_image": Figure(0.12, 0.01, 12),
        "forward_backward.backward_per_image": Figure(0.2, 0.01, 12),
        "forward_backward.seconds_per_image": Figure(0.35, 0.01, 12),
        "memory.peak": Figure(600.0 * MEBIBYTE, None, 2),
    }


def ratios(epoch: Ratio) -> dict[str, Ratio]:
    return {
        "epoch.seconds": epoch,
        "data_loading.seconds_per_image": ratio(1.01, 0.04),
        "forward_backward.forward_per_image": ratio(0.755, 0.012),
        "forward_backward.backward_per_image": ratio(0.8, 0.1),
        "forward_backward.seconds_per_image": ratio(0.79, 0.02),
        "memory.peak": ratio(1.25, 0.0),
    }


def evidence(combination: str, axis: str, observed: str, expected: str, in_force: bool = True) -> EvidenceRecord:
    return EvidenceRecord(
        launch=1,
        block=1,
        combination=combination,
        axis=axis,
        in_force=in_force,
        observed=observed,
        expected=expected,
    )


BASELINE = RowResult(
    "00000000",
    "baseline",
    {"precision": "fp32", "image_cache": "none"},
    Verdict.BASELINE,
    figures=figures(2.01),
    setup={"ready": 1.5, "start": 0.4, "model": 0.25},
    one_off=OneOff(1.5, 0.0, 1.0, fresh_caches=True),
    one_off_later=OneOff(1.4, 0.0, 0.9, fresh_caches=False),
    evidence=(evidence("00000000", "precision", "float32 in forward", "float32 in forward"),),
)
FASTER = RowResult(
    "11111111",
    "precision=bf16",
    {"precision": "bf16", "image_cache": "none"},
    Verdict.FASTER,
    ratios=ratios(ratio(0.82, 0.03)),
    figures=figures(1.65),
    setup={"ready": 1.6, "start": 0.4, "model": 0.3, "zeal": 0.0},
    one_off=OneOff(1.6, 17.4, 1.5, fresh_caches=True),
    one_off_later=OneOff(1.5, 0.5, 0.9, fresh_caches=False),
    pays_off_after=49.75,
    pays_off_after_later=1.66,
    evidence=(evidence("11111111", "precision", "bfloat16 in forward", "bfloat16 in forward"),),
)
SLOWER = RowResult(
    "22222222",
    "image_cache=ram",
    {"precision": "fp32", "image_cache": "ram"},
    Verdict.SLOWER,
    ratios=ratios(ratio(1.3, 0.2)),
    figures=figures(2.6, parts_share=0.95),
)
EQUIVALENT = RowResult(
    "33333333", "threads=1", {"threads": 1}, Verdict.EQUIVALENT, ratios=ratios(ratio(1.0, 0.004)), figures=figures(2.0)
)
UNDECIDED = RowResult(
    "44444444", "threads=2", {"threads": 2}, Verdict.UNDECIDED, ratios=ratios(ratio(0.973, None)), figures=figures(1.9)
)
NOT_IN_FORCE = RowResult(
    "55555555",
    "precision=bf16, image_cache=ram",
    {"precision": "bf16", "image_cache": "ram"},
    Verdict.NOT_IN_FORCE,
    reason="image_cache: 0 of 64 pictures in memory; expected 64 of 64",
    ratios=ratios(ratio(0.5, 0.03)),
    figures=figures(1.0),
    setup={"ready": 9.0},
    evidence=(
        evidence("55555555", "image_cache", "0 of 64 pictures in memory", "64 of 64", in_force=False),
        evidence("55555555", "precision", "bfloat16 in forward", "bfloat16 in forward"),
    ),
)
FAILED = RowResult(
    "66666666",
    "compile=default",
    {"compile": "default"},
    Verdict.FAILED,
    reason="exception: RuntimeError: a | b <tag>\nTraceback (most recent call last):\n  ```\nRuntimeError",
)
NOT_RUN = RowResult(
    "77777777", "memory_format=channels_last", {"memory_format": "channels_last"}, Verdict.NOT_RUN, reason="needs CUDA"
)


def analysis(
    *rows: RowResult,
    deciding: str = "epoch.seconds",
    measure: tuple[MeasurementName, ...] = ("epoch", "data_loading", "forward_backward", "memory"),
    warnings: tuple[str, ...] = (),
    complete: bool = True,
) -> Analysis:
    compared = suite(measure)
    return Analysis(
        run=RunRecord(
            run="a1b2c3",
            started="2025-01-02T03:04:05Z",
            command="bench run suites/small.yaml --budget 3m",
            suite=compared.model_dump(mode="json"),
            suite_file="small.yaml",
            environment=ENVIRONMENT.to_json(),
            block_size=8,
        ),
        suite=compared,
        deciding=deciding,
        confidence=0.95,
        rows=rows,
        warnings=warnings,
        seconds=181.2,
        complete=complete,
    )


EVERY_VERDICT = analysis(
    BASELINE,
    FASTER,
    SLOWER,
    EQUIVALENT,
    UNDECIDED,
    NOT_IN_FORCE,
    FAILED,
    NOT_RUN,
    warnings=("2 of 24 pairs of bursts were outliers.",),
)
