"""Small git repositories with an asv configuration, and asv run in them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CONFIGURATION = {
    "version": 1,
    "project": "small",
    "repo": ".",
    "branches": ["main"],
    "environment_type": "existing",
    "pythons": ["same"],
    "benchmark_dir": "suites",
    "env_dir": ".asv/env",
    "results_dir": "results/asv",
    "html_dir": ".asv/html",
}
IDENTITY = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org", "-c", "commit.gpgsign=false")
PATIENCE = 300.0


def make_repository(folder: Path, files: Mapping[str, str]) -> Path:
    """Commit ``files`` by their path, and what asv needs, to a new repository."""
    folder.mkdir(exist_ok=True)
    ignored = ".asv/\nresults/\nhome/\n__pycache__/\n"
    for name, text in {**files, "asv.conf.json": json.dumps(CONFIGURATION), ".gitignore": ignored}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder, "The first")
    (folder / "home").mkdir()
    asv(folder, "machine", "--yes")
    return folder


def commit(folder: Path, message: str) -> str:
    """Commit everything and return the commit's hash."""
    git(folder, "add", "--all")
    git(folder, *IDENTITY, "commit", "--quiet", "--message", message)
    return git(folder, "rev-parse", "HEAD").strip()


def git(folder: Path, *arguments: str) -> str:
    """Run git in ``folder`` and return what it prints."""
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


def asv(folder: Path, *arguments: str) -> str:
    """Run asv in ``folder`` and return what it prints."""
    done = attempt(folder, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def attempt(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run asv in ``folder``, with a home folder of its own, however that ends."""
    return subprocess.run(
        [sys.executable, "-m", "asv", *arguments],
        cwd=folder,
        env=os.environ | {"HOME": str(folder / "home")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def results_of(folder: Path, revision: str) -> dict[str, dict[str, Any]]:
    """Return benchmark name to result, by column, of a revision's one result file."""
    commit_hash = git(folder, "rev-parse", revision).strip()
    (file,) = folder.glob(f"results/asv/*/{commit_hash[:8]}-*.json")
    stored = json.loads(file.read_text())
    return {name: dict(zip(stored["result_columns"], row, strict=False)) for name, row in stored["results"].items()}
