"""The files that ``bench init`` writes, as text; pure functions of what the repository is like."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping

from bench import __version__
from bench.init.repository import Repository
from bench.init.trainers import FoundTrainer
from bench.project import TABLE

PACKAGE = "yolo-train-bench"
SUITE = "suites/training.yaml"
SCHEMA = "suites/suite.schema.json"
WORKFLOW = ".github/workflows/bench.yml"

BENCHMARKS = '''\
"""What asv finds here: one benchmark class for each suite in this folder."""

from pathlib import Path

from bench.integrations.asv import benchmark_classes

globals().update(benchmark_classes(Path(__file__).parent, __name__))
'''

_SUITE = """\
# yaml-language-server: $schema=suite.schema.json
description: How this repository trains, and what makes it faster.
workload:
  model: yolo26n.yaml             # an Ultralytics model YAML, by name, or by path from here
  data: {{kind: shapes, images: 64, validation_images: 16, size: 160}}   # generated; or the path of your YOLO data YAML
  image_size: 160                 # pixels
  batch: 8
  device: auto                    # cuda:0 where there is one
{trainer}\
  # settings: {{lr0: 0.01}}         # further Ultralytics settings
axes:                             # the first level of each is the baseline; `bench list` shows all there are
  precision: [fp32, bf16]
  memory_format: [contiguous, channels_last]
launches: 4                       # times every process is started anew
budget: 10m
"""

_WORKFLOW = """\
# Compares how a pull request trains with how its base does, and says so in a comment.
name: bench
on:
  pull_request:
permissions:
  contents: read
  pull-requests: write
concurrency:
  group: bench-${{{{ github.event.pull_request.number }}}}
  cancel-in-progress: true
jobs:
  gate:
    # Hosted machines are shared and noisy: what they cannot tell apart is reported as "could not judge".
    runs-on: ubuntu-latest
    timeout-minutes: 120
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
          ref: ${{{{ github.event.pull_request.head.sha }}}}
      - uses: actions/setup-python@v5
        with:
          python-version: "{python}"
      - run: python -m pip install {packages}
      - name: Compare
        id: gate
        env:
          BASE: ${{{{ github.event.pull_request.base.sha }}}}
        run: |
          bench gate "$(git merge-base "$BASE" HEAD)" HEAD --suite {suite} --markdown gate.md 2>&1 | tee gate.txt
          status=${{PIPESTATUS[0]}}
          echo "status=$status" >> "$GITHUB_OUTPUT"
          if [ ! -f gate.md ]; then
            [ "$status" = 2 ] || exit "$status"
            # There is nothing to tabulate; the last line that was printed says why.
            echo "reason=$(tail -n 1 gate.txt)" >> "$GITHUB_OUTPUT"
            printf 'bench gate could not judge:\\n\\n    %s\\n' "$(tail -n 1 gate.txt)" > gate.md
          fi
          cat gate.md >> "$GITHUB_STEP_SUMMARY"
      - name: Comment
        # A pull request from a fork has no right to comment; its summary page shows the same.
        if: github.event.pull_request.head.repo.full_name == github.repository
        env:
          GH_TOKEN: ${{{{ github.token }}}}
          NUMBER: ${{{{ github.event.pull_request.number }}}}
        run: gh pr comment "$NUMBER" --body-file gate.md
      - uses: actions/upload-artifact@v4
        with:
          name: bench
          path: results/
      - name: Verdict
        env:
          STATUS: ${{{{ steps.gate.outputs.status }}}}
          REASON: ${{{{ steps.gate.outputs.reason }}}}
        run: |
          if [ "$STATUS" = 2 ]; then
            echo "::warning::bench gate could not judge: ${{REASON:-see its table}}"
            exit 0
          fi
          exit "$STATUS"
"""


def suite_text(trainer: FoundTrainer | None) -> str:
    """Return a first suite, trained by ``trainer`` where there is one."""
    line = "" if trainer is None else f"  trainer: {trainer.name:<22} # {trainer.target}, named in pyproject.toml\n"
    return _SUITE.format(trainer=line)


def workflow_text(repository: Repository) -> str:
    """Return a GitHub workflow that gates pull requests."""
    packages = [f"{PACKAGE}=={__version__}"]
    if repository.requirements is not None:
        packages.append(f"-r {repository.requirements}")
    if repository.is_package:
        packages.append("-e .")
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return _WORKFLOW.format(python=python, packages=" ".join(packages), suite=SUITE)


def asv_text(repository: Repository, versions: Mapping[str, str]) -> str:
    """Return an asv configuration.

    Args:
        repository: what it is for.
        versions: packages that asv's environments get, with the version of each: a step in a history is then a
            commit's doing and not a release's.
    """
    build = ["python -m pip wheel --no-deps -w {build_cache_dir} {build_dir}"]
    install = ["in-dir={env_dir} python -m pip install --no-deps --force-reinstall {wheel_file}"]
    configuration = {
        "version": 1,
        "project": repository.name,
        "project_url": "#",
        "repo": ".",
        "branches": [repository.branch],
        "show_commit_url": "#",
        "benchmark_dir": "suites",
        "env_dir": ".asv/env",
        "results_dir": "results/asv",
        "html_dir": ".asv/html",
        "environment_type": "virtualenv",
        "matrix": {"req": {name: [version] for name, version in versions.items()}},
        "install_timeout": 1800,
        "build_command": build if repository.is_package else [],
        "install_command": install if repository.is_package else [],
        "uninstall_command": ["return-code=any python -m pip uninstall -y {project}"] if repository.is_package else [],
        "launch_method": "spawn",
        "regressions_thresholds": {".*track_memory": 0.02, ".*": 0.05},
    }
    return json.dumps(configuration, indent=4) + "\n"


def table_text(trainers: tuple[FoundTrainer, ...]) -> str:
    """Return the table of a pyproject.toml that names the repository's code."""
    lines = [
        f"[tool.{TABLE}]",
        "# Python files of this repository with techniques of your own, which suites can use as axes.",
        "optimizations = []",
        "",
        "# Subclasses of Ultralytics' DetectionTrainer, by the name that a suite's workload.trainer picks one with.",
        f"[tool.{TABLE}.trainers]",
        *(f"{trainer.name} = {json.dumps(trainer.target, ensure_ascii=False)}" for trainer in trainers),
    ]
    if not trainers:
        lines.append('# mine = "train.py:MyTrainer"')
    return "\n".join(lines) + "\n"
