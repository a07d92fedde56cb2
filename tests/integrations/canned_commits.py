"""Commits that hold what a suite gives at them, for asv to run without any training and without any download."""

from __future__ import annotations

import json
import sys
import sysconfig
import venv
from pathlib import Path

from asv_project import CONFIGURATION, commit, make_repository

from bench.integrations.asv_place import asv_configuration
from bench.integrations.outcomes import Outcome, Outcomes

EPOCH = "benchmarks.Small.track_epoch"
REASON = "failed: crashed: signal 9"
FIGURES = "figures.json"
SUITE = """\
workload: {model: yolo26n.yaml, device: cpu}
axes:
  precision: [fp32, bf16]
  memory_format: [contiguous, channels_last]
design: one_at_a_time
measure: [epoch, memory]
budget: {rounds: 1}
launches: 7
"""
BENCHMARKS = f"""\
import os
from pathlib import Path

from bench.integrations import asv_record
from bench.integrations.asv import benchmark_classes


def read_figures(file, suite, limit):
    from bench.integrations.outcomes import Outcomes

    top = file.parents[1]
    with (top / ".asv" / "measured.txt").open("a") as measured:
        measured.write(os.environ.get("ASV_COMMIT", "") + "\\n")
    checkout = Path(os.environ["ASV_ENV_DIR"]) / "project" if "ASV_ENV_DIR" in os.environ else top
    return Outcomes.model_validate_json((checkout / "{FIGURES}").read_bytes())


asv_record.run_suite = read_figures
globals().update(benchmark_classes(Path(__file__).parent, __name__))
"""


def outcomes(*epochs: float) -> Outcomes:
    """Return a baseline with these epoch times in seconds, beside a combination that failed and one not run."""
    baseline = Outcome(samples={"epoch": epochs, "memory": (1.25e9,) * len(epochs)})
    return Outcomes(
        by_label={
            "baseline": baseline if epochs else Outcome(reason=REASON),
            "precision=bf16": Outcome(reason=REASON),
            "memory_format=channels_last": Outcome(reason="not run: excluded", not_run=True),
        }
    )


def around(seconds: float, samples: int = 7) -> Outcomes:
    """Return outcomes whose baseline takes ``seconds``, and 1 ms more with every further sample."""
    return outcomes(*(seconds + 0.001 * number for number in range(samples)))


def make_project(folder: Path, first: Outcomes) -> Path:
    """Make a repository whose first commit gives ``first``; asv measures in the environment of the tests."""
    suites = {"suites/__init__.py": "", "suites/benchmarks.py": BENCHMARKS, "suites/small.yaml": SUITE}
    project = make_repository(folder, {**suites, FIGURES: first.model_dump_json()})
    (project / ".asv").mkdir(exist_ok=True)
    return project


def commit_outcomes(project: Path, given: Outcomes) -> str:
    """Commit what the suite gives from now on and return the commit's hash."""
    (project / FIGURES).write_text(given.model_dump_json())
    return commit(project, "Other figures")


def add_environment(project: Path) -> None:
    """Have asv measure in an environment of its own kind, which is there already and sees what is installed here."""
    from asv.environment import get_environments

    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    build = f"python -c \"open('{FIGURES}')\""  # fails where a commit has none
    commands: dict[str, list[str]] = {"build_command": [build], "install_command": [], "uninstall_command": []}
    configuration = CONFIGURATION | {"environment_type": "virtualenv", "pythons": [python], **commands}
    (project / "asv.conf.json").write_text(json.dumps(configuration))
    with asv_configuration(project / "asv.conf.json") as conf:
        (environment,) = get_environments(conf, None, verbose=False)
        place = Path(environment._path)
        venv.create(place, symlinks=True)
        (packages,) = place.glob("lib/python*/site-packages")
        # Naming the folder would not do: files like this one in it, of editable installs, are not looked at then.
        (packages / "here.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
        (place / "bin" / "pip").touch()  # an environment without it is thrown away and made again
        environment.save_info_file(str(place))


def measured_commits(project: Path) -> list[str]:
    """Return the commits whose suite was run, in that order."""
    return (project / ".asv" / "measured.txt").read_text().split()
