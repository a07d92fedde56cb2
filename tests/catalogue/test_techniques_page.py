"""docs/techniques.md is what the cards, the tests and the committed runs say."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest
from click.testing import CliRunner
from made_up import Paint

from bench.analysis.result import Ratio
from bench.catalogue.measured import Compared, Measured
from bench.catalogue.page import COMMAND, Sources, read_sources, techniques_page
from bench.catalogue.rows import SECTIONS, SUITES
from bench.catalogue.tested import tests_of_suite as of_suite
from bench.catalogue.tested import tests_of_technique as of_technique
from bench.cli import main
from bench.errors import InputError
from bench.optimizations.registry import Registry, registry

CHECKOUT = Path(__file__).parents[2]
PAGE = CHECKOUT / "docs" / "techniques.md"
EVIDENCE = "tests/optimizations/test_evidence.py"


def test_the_page_is_up_to_date() -> None:
    generated = techniques_page(read_sources(registry(), CHECKOUT))
    committed = PAGE.read_text(encoding="utf-8")
    changes = "\n".join(difflib.unified_diff(committed.splitlines(), generated.splitlines(), "page", "cards", n=0))
    assert committed == generated, f"docs/techniques.md is out of date; make it again with `{COMMAND}`:\n{changes}"


def page_of(measured: dict[str, tuple[Measured, ...]]) -> str:
    suites = {name: "What it is." for names in SUITES.values() for name in names}
    return techniques_page(Sources(registry(), measured, {}, suites, dict.fromkeys(suites, ("run0", "run1"))))


def test_every_technique_has_a_row_and_a_card() -> None:
    lines = page_of({}).splitlines()
    for names in SECTIONS.values():
        for name in names:
            assert sum(line.startswith(f"| [`{name}`](#{name}) | ") for line in lines) == 1, name
            assert lines.count(f"### {name}") == 1, name


def test_a_row_says_what_was_last_measured_and_what_is_needed() -> None:
    ratio = Ratio(0.8, 0.79, 0.81, 12, 3, 0.004)
    measured = Measured(
        "precision", "bf16", "fp32", ratio, "epoch.seconds", "faster", "small", "run1", "GPU", "cuda:0", "2026-01-02"
    )
    link = "[small](../results/small/run1/report.md)"
    text = page_of({"precision": (measured,)})
    row = next(line for line in text.splitlines() if line.startswith("| [`precision`]"))
    assert row.startswith(
        "| [`precision`](#precision) | fp32, bf16; further: tf32, fp16 | compute, memory | tf32, fp16: needs CUDA |"
    )
    assert row.endswith(f"| bf16: 0.80 [0.79, 0.81] faster, 2026-01-02, {link} |")
    assert f"of epoch time, faster (suite small, GPU, device cuda:0, 2026-01-02): {link}" in text
    others = [line for line in text.splitlines() if line.startswith("| [`")]
    assert sum(line.endswith("| not measured yet |") for line in others) == len(others) - 1


def test_a_row_says_what_stood_beside_a_level() -> None:
    ratio = Ratio(1.1, 0.9, 1.3, 3, 2)
    where = ("epoch.seconds", "not judged", "small", "run1", "GPU", "cuda:0", "2026-01-02")
    pair = Measured("persistent_workers", "off", "on", ratio, *where, {"loader_workers": 1}, Compared.PAIR)
    text = page_of({"persistent_workers": (pair,)})
    row = next(line for line in text.splitlines() if line.startswith("| [`persistent_workers`]"))
    link = "[small](../results/small/run1/report.md)"
    said = "off against on, both with loader_workers=1: 1.1 [0.9, 1.3] not judged, 2026-01-02"
    assert row.endswith(f"| {said}, {link} |")


def test_a_suite_has_a_row_with_its_newest_run() -> None:
    row = next(line for line in page_of({}).splitlines() if line.startswith("| [suite `memory`]"))
    assert "| What it is. | memory |" in row
    assert row.endswith("| [run run1](../results/memory/run1/report.md) |")


def test_a_technique_of_a_user_is_not_on_the_page() -> None:
    sources = read_sources(Registry([*registry().values(), Paint]), CHECKOUT)
    assert "paint" not in sources.known
    assert sources.known["precision"] is registry()["precision"]


def test_a_technique_that_is_missing_is_named() -> None:
    rest = Registry(each for each in registry().values() if each.name != "mixup")
    with pytest.raises(InputError, match="'mixup'"):
        read_sources(rest, CHECKOUT)


def test_tests_are_found_by_what_they_import() -> None:
    sources = {
        EVIDENCE: "from bench.optimizations.precision import Precision",
        "tests/test_a.py": "from bench.optimizations.mixup import Mixup",
        "tests/test_b.py": "from bench.optimizations.mixup_again import Mixup\nload('suites/memory.yaml')",
        "tests/test_c.py": "load('small-memory.yaml')",
    }
    assert of_technique("mixup", sources) == (EVIDENCE, "tests/test_a.py")
    assert of_technique("precision", sources) == (EVIDENCE,)
    assert of_suite("memory", sources) == ("tests/test_b.py",)


def test_the_command_prints_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CHECKOUT)
    result = CliRunner().invoke(main, ["techniques"])
    assert result.exit_code == 0
    assert result.output == techniques_page(read_sources(registry(), CHECKOUT))


def test_elsewhere_the_command_says_where_to_run_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["techniques"])
    assert result.exit_code == 2
    assert "expected a checkout of the harness" in result.output
