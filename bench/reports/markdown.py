"""The report that people read: everything said of a run, in one Markdown page."""

from __future__ import annotations

from tabulate import tabulate

from bench.analysis.learning import DIVERGED, WORSE
from bench.analysis.memory_sum import UNEXPLAINED_ON_DEVICE, UNEXPLAINED_ON_HOST
from bench.analysis.noise import NoiseFloor
from bench.analysis.result import Analysis, Verdict
from bench.analysis.warnings import SUM_TOLERANCE
from bench.environment import Environment
from bench.noise_view import floor_sentence
from bench.reports.after_tables import UNAVAILABLE, after_table
from bench.reports.effect_tables import effects_note, interactions_table, left_out_lines, main_effects_table
from bench.reports.escape import escaped, fenced
from bench.reports.learning_tables import learning_table
from bench.reports.main_table import main_table
from bench.reports.memory_tables import memory_steps_table, memory_table
from bench.reports.metrics import metric_name
from bench.reports.model_tables import models_table
from bench.reports.numbers import NOT_AVAILABLE, percentage_text
from bench.reports.summary import summary_sentences
from bench.reports.tables import (
    WARNING_MARK,
    Table,
    evidence_table,
    phase_table,
    setup_table,
)
from bench.suite.describe import settings_text, workload_text
from bench.workloads.settings import STEADY

STATISTICS_PAGE = "../../../docs/statistics.md"
"""From ``results/<suite>/<run>/``, where reports are committed."""

MEMORY_PAGE = "../../../docs/memory.md"
AFTER_PAGE = "../../../docs/after-training.md"


def report_markdown(analysis: Analysis) -> str:
    """Return the report of a run; the same analysis gives the same bytes.

    Raises:
        InputError: the run's record of its environment is not one.
    """
    parts = [
        f"# {analysis.suite.name}",
        escaped(analysis.suite.description),
        " ".join(escaped(sentence) for sentence in summary_sentences(analysis)),
        _warnings(analysis),
        _section("Where and how", _circumstances(analysis)),
        _section("Comparison", f"{_how_to_read(analysis)}\n\n{_github(main_table(analysis))}"),
        _effects(analysis),
        _table_section("Epoch taken apart", _PHASES_NOTE, phase_table(analysis)),
        _table_section("Learning", _learning_note(analysis), learning_table(analysis)),
        _table_section("Models", _MODELS_NOTE, models_table(analysis)),
        _table_section("Memory by part", _MEMORY_NOTE, memory_table(analysis)),
        _table_section("Memory along a step of the baseline", _MEMORY_STEPS_NOTE, memory_steps_table(analysis)),
        _table_section("After training", _AFTER_NOTE, after_table(analysis)),
        _table_section("One-off costs", _setup_note(analysis), setup_table(analysis)),
        _table_section("Evidence", _EVIDENCE_NOTE, evidence_table(analysis)),
        _failures(analysis),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


_PHASES_NOTE = (
    "Median seconds of each phase in one epoch, for reading and not for deciding; on a CUDA device of epochs that wait "
    "for the device at every change of phase. The last column is the median over epochs of the sum of the parts over "
    "the epoch, which is timed apart from them; "
    f"{WARNING_MARK} marks parts that miss it by more than {percentage_text(SUM_TOLERANCE)}."
)

_MODELS_NOTE = (
    "What was built: all parameters and those that are trained; layers without layers inside; and the floating point "
    "operations of one picture's forward pass in training, counted by the rules of ultralytics-thop."
)

_MEMORY_NOTE = (
    "MiB of each part when most was held in an epoch's steps, the median over bursts, for reading. Their sum stands "
    "beside the peak that was counted apart from them; unexplained is what the peak has beyond it, as a share of the "
    "peak. The peak of another epoch, left alone, tells what watching costs; most activations is their own maximum, "
    f"at whatever moment of a step. {WARNING_MARK} marks more than {percentage_text(UNEXPLAINED_ON_HOST)} "
    f"({percentage_text(UNEXPLAINED_ON_DEVICE)} on a CUDA device). What each part is: [memory]({MEMORY_PAGE})."
)

_MEMORY_STEPS_NOTE = "MiB of each part right after each phase of a step; parts that are 0 throughout are left out."

_AFTER_NOTE = (
    "The weights that validation uses, as they were at the end of each launch, in the runtime and with the numbers of "
    "the combination; medians over launches. Latency is of one picture alone (median and 95th percentile of the "
    "calls), per image is in batches of the training's size; both are of the network with the decoding of its boxes, "
    "without non-maximum suppression. Accuracy is of the deployed model on the validation split, pictures padded to "
    f"squares. Energy is the whole GPU's by NVML, and {UNAVAILABLE} on a processor. Only the ratio is for deciding: "
    f"what it is, and the rest: [after training]({AFTER_PAGE})."
)

_CACHES_FRESH = (
    "In its first launch a combination finds the caches of compilers empty, in later ones filled by those before "
    "(headers of C++ aside, which torch compiles once for a machine)."
)
_CACHES_SHARED = (
    "Caches of compilers outlived runs: later launches found them filled, and the first may have, by an earlier run."
)


def _setup_note(analysis: Analysis) -> str:
    shared = any(row.one_off is not None and row.one_off.fresh_caches is None for row in analysis.rows)
    return (
        "Seconds, and no part of any ratio. Before the first epoch, medians over launches: start (of the process), "
        "import (what was not imported yet), view (of the data), construct (the trainer), data (datasets and caches), "
        "model, rest (what none of these covers) and ready (all together). After it, of a combination's first launch "
        "and, where they differ, the median of its later ones: compilation (torch's compiler), warm-up (what epochs "
        "before the steady state took beyond steady ones and compilation) and all (both, and ready). "
        f"{_CACHES_SHARED if shared else _CACHES_FRESH} "
        "A faster combination pays off after the epochs that make up for what its first launch costs once beyond the "
        "baseline's; where later ones cost less than half of it, their epochs follow, with warm caches."
    )


def _learning_note(analysis: Analysis) -> str:
    return (
        f"Losses after {analysis.suite.learning.images} images of training (an epoch at least), without the terms that "
        "techniques add to them; medians over seeds. Ratios and differences are to the baseline with the same seed, "
        f"every launch another, and stand with their {percentage_text(analysis.confidence)} interval over seeds. "
        f"{WARNING_MARK} diverges: a training loss above {DIVERGED:g} times the baseline's or its own first epoch's in "
        f"any launch, or a validation loss above {DIVERGED:g} times the baseline's, or of 0 (a model that sees "
        f"nothing) where the baseline's is not, in every launch. {WARNING_MARK} "
        "learns worse: the whole interval of the validation loss (of the training loss, where there is none) more than "
        f"{percentage_text(WORSE)} above the baseline's."
    )


_EVIDENCE_NOTE = (
    "What the running trials showed of each axis, read back from them and not from the settings they were given."
)


def _section(title: str, body: str) -> str:
    return f"## {title}\n\n{body}"


def _table_section(title: str, note: str, table: Table | None) -> str:
    return "" if table is None else _section(title, f"{note}\n\n{_github(table)}")


def _github(table: Table) -> str:
    rows = [[escaped(cell) for cell in row] for row in table.rows]
    return tabulate(rows, [escaped(each) for each in table.headings], tablefmt="github", disable_numparse=True)


def _warnings(analysis: Analysis) -> str:
    lines = "\n".join(f"- {escaped(warning)}" for warning in analysis.warnings)
    return _section("Warnings", lines) if lines else ""


def _circumstances(analysis: Analysis) -> str:
    """Return the environment, the workload and the exact command."""
    run = analysis.run
    environment = Environment.from_json(run.environment).describe()
    return (
        f"- Environment: {escaped(environment)}\n"
        f"- Workload: {escaped(workload_text(analysis.suite.workload))}\n"
        f"- Set unless the suite sets them, so that every epoch does the same work: {escaped(settings_text(STEADY))}\n"
        f"- Run: {escaped(run.run)} of {escaped(run.suite_file)}, started {escaped(run.started)}\n\n"
        f"{fenced(run.command)}"
    )


def _how_to_read(analysis: Analysis) -> str:
    confidence, margin = percentage_text(analysis.confidence), percentage_text(analysis.suite.margin)
    return (
        "A ratio is the combination's figure over the baseline's: below 1 takes less. It is taken between bursts of "
        f"the same round, and stands with its {confidence} interval; [{NOT_AVAILABLE}] means that there are too few "
        f"launches or rounds for one. Verdicts are about {metric_name(analysis.deciding)} and are adjusted for the "
        "number of combinations, so an interval clear of 1 may stand beside undecided; differences shown to be less "
        f"than ±{margin} are equivalent. Absolute figures (median ± half the distance between the quartiles) are for "
        "reading and not for deciding. A row that failed, was not run or was not in force has no figures, and its "
        f"reason in the last column. {_noise_floor(analysis)}"
        f"How all this is worked out: [statistics]({STATISTICS_PAGE})."
    )


def _noise_floor(analysis: Analysis) -> str:
    floor = analysis.run.noise_floor
    return f"{floor_sentence(NoiseFloor.model_validate(floor))} " if floor is not None else ""


def _effects(analysis: Analysis) -> str:
    """Return the main effects, the interactions, and what nothing is said of; "" where no interaction can be told."""
    effects = analysis.effects
    if effects is None:
        return ""
    note = f"{effects_note(analysis, effects)} How: [statistics]({STATISTICS_PAGE}#effects-and-interactions)."
    tables = (main_effects_table(analysis, effects), interactions_table(analysis, effects))
    left_out = "\n".join(f"- {escaped(line)}" for line in left_out_lines(effects))
    told = [note, *(_github(table) for table in tables if table.rows), left_out and f"Left out:\n\n{left_out}"]
    return _section("Effects and interactions", "\n\n".join(part for part in told if part))


def _failures(analysis: Analysis) -> str:
    """Return each failed row's reason in full: the message, and the detail on the lines after it."""
    failed = [row for row in analysis.rows if row.verdict is Verdict.FAILED]
    blocks = [f"### {escaped(row.label)}\n\n{fenced(row.reason)}" for row in failed]
    return _section("Failures", "\n\n".join(blocks)) if blocks else ""
