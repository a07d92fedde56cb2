"""Whether setuptools has to be told which code is a project's."""

from __future__ import annotations

import tomllib

import pytest

from bench.init.packaging import missing_table

PROJECT = '[project]\nname = "mine"\nversion = "1"\n'
FOUND = '[tool.setuptools.packages.find]\ninclude = ["mine", "mine.*"]'
FILES = ("mine/__init__.py", "mine/deep/train.py", "tests/test_mine.py", "suites/benchmarks.py", "setup.py")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("[tool.ruff]\nline-length = 100\n", None),
        (PROJECT, FOUND),
        (PROJECT + '[build-system]\nrequires = ["setuptools"]\n', FOUND),
        (PROJECT + '[build-system]\nrequires = []\nbuild-backend = "setuptools.build_meta"\n', FOUND),
        (PROJECT + '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n', None),
        (PROJECT + '[tool.setuptools]\npackages = ["mine"]\n', None),
        (PROJECT + '[tool.setuptools]\npy-modules = ["train"]\n', None),
        (PROJECT + '[tool.setuptools.packages.find]\ninclude = ["mine*"]\n', None),
        (PROJECT + '[tool.setuptools.package-dir]\n"" = "code"\n', None),
        (PROJECT + "[tool.setuptools]\nzip-safe = false\n", FOUND),
    ],
)
def test_only_what_setuptools_would_have_to_guess_is_missing(text: str, expected: str | None) -> None:
    assert missing_table(tomllib.loads(text), FILES) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (("src/mine/train.py", "tools/x.py"), None),
        (("b/x.py", "a/x.py"), '[tool.setuptools.packages.find]\ninclude = ["a", "a.*", "b", "b.*"]'),
        (("train.py", "conftest.py", "docs/conf.py"), '[tool.setuptools]\npy-modules = ["train"]'),
        ((), "[tool.setuptools]\npy-modules = []"),
    ],
)
def test_the_table_names_what_is_there(files: tuple[str, ...], expected: str | None) -> None:
    assert missing_table(tomllib.loads(PROJECT), files) == expected
