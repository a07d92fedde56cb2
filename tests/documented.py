"""What documents show: files that their code blocks are, and commands of their consoles."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"
_FILE = re.compile(r"^```\w+ file=(?P<name>\S+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_CONSOLE = re.compile(r"^```console\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def files_of(document: str) -> dict[str, str]:
    """The code blocks that are marked as files, by name."""
    return {found["name"]: found["text"] for found in _FILE.finditer((DOCS / document).read_text())}


def write_files(document: str, folder: Path) -> list[str]:
    """Write a document's files; return their names."""
    files = files_of(document)
    for name, text in files.items():
        assert not Path(name).is_absolute()
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return list(files)


def commands_of(document: str) -> list[str]:
    """The lines that a reader types, comments cut off."""
    blocks = [found["text"] for found in _CONSOLE.finditer((DOCS / document).read_text())]
    lines = [line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ ")]
    return [line.partition("  #")[0].strip() for line in lines]
