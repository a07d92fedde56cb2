"""Which packages a project needs, from what it says."""

from __future__ import annotations

from bench.init.dependencies import needed_here


def test_names_are_read_from_requirements_of_all_kinds() -> None:
    lines = """\
# what trains
Ruamel.YAML>=0.18
scipy==1.17.1 --hash=sha256:ab \\
    --hash=sha256:cd
tqdm  # a bar
-r others.txt
./local
https://example.org/some.whl
rich[jupyter]>=13,<99; python_version >= "3"
enum34; python_version < "3"
mine @ https://example.org/mine.whl
scipy
""".splitlines()
    assert needed_here(lines) == ("ruamel-yaml", "scipy", "tqdm", "rich", "mine")
