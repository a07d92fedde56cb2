"""The environment that git is run in."""

from __future__ import annotations

import os

OTHER_REPOSITORY = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"})


def git_environment() -> dict[str, str]:
    """Return this process's environment without what would win over the folder that git is told.

    A hook of git's that calls us has these set, to its own repository and its half-made index.
    """
    return {name: value for name, value in os.environ.items() if name not in OTHER_REPOSITORY}
