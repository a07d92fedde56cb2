"""Plain text made safe inside Markdown."""

from __future__ import annotations

import re

_SPECIAL = str.maketrans({"\\": r"\\", "|": r"\|", "*": r"\*", "<": "&lt;"})
# Underscores inside words mean nothing in GitHub's Markdown, and names of axes are full of them. Backticks can do no
# harm, and warnings name commands in them.


def escaped(text: str) -> str:
    """Return ``text`` on one line with what Markdown would take for markup, or for a new cell, made literal."""
    return " ".join(text.split()).translate(_SPECIAL)


def fenced(text: str) -> str:
    """Return ``text`` as it is in a fenced block, the fence longer than any run of backticks in it."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text.strip()}\n{fence}"
