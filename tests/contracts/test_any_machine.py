"""What holds on a reader's machine that is not ours: its console, its time zones."""

import re
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from handbook.programs import record
from handbook.programs.run import run
from handbook.programs.sections import all_programs, name

ROOT = Path(__file__).parents[2]
PROGRAMS = all_programs(ROOT / "snippets")
SETUP = ROOT / "docs/background/setup.md"

#: Programs that print what GBK, the old encoding of Chinese Windows, does not have.
BEYOND_GBK = {
    "concepts/data_clean_python": "what it cleans are such characters",
    "concepts/tokens_bpe_python": "the bytes of an emoji become tokens",
}


def beyond_gbk(program: Path) -> set[str]:
    """The characters that a program is recorded to print and GBK does not have."""
    text = program.with_suffix(".out").read_text(encoding="utf-8")
    return {c for c in text if not c.encode("gbk", "ignore")}


def imports_time_zones(program: Path) -> bool:
    text = program.read_text(encoding="utf-8")
    return re.search(r"^\s*(?:from|import) zoneinfo\b", text, re.M) is not None


ZONED = [p for p in PROGRAMS if imports_time_zones(p)]


@pytest.mark.parametrize("program", PROGRAMS, ids=name)
def test_what_a_program_prints_fits_a_gbk_console(program: Path) -> None:
    assert name(program) in BEYOND_GBK or beyond_gbk(program) == set()


@pytest.mark.parametrize("known", BEYOND_GBK)
def test_a_program_excused_from_gbk_needs_its_excuse(known: str) -> None:
    assert beyond_gbk(ROOT / "snippets" / f"{known}.py")


@pytest.mark.parametrize("known", BEYOND_GBK)
def test_the_setup_page_names_the_program_that_gbk_cannot_print(known: str) -> None:
    assert f"`{known.partition('/')[2]}.py`" in SETUP.read_text(encoding="utf-8")


def test_the_error_of_a_gbk_console_stands_with_its_cure_on_the_setup_page() -> None:
    rows = SETUP.read_text(encoding="utf-8").splitlines()
    error = "UnicodeEncodeError: 'gbk' codec can't encode character"
    (row,) = [r for r in rows if error in r]
    assert "PYTHONUTF8=1" in row and "python -X utf8" in row


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_the_lowest_python_of_the_project_suits_every_package_that_is_pinned() -> None:
    low = project()["requires-python"].partition(",")[0].removeprefix(">=")
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {line.partition("==")[0].lower() for line in lines}
    wanted = {
        d.name: d.metadata["Requires-Python"] or ""
        for d in distributions()
        if d.name.lower() in pinned
    }
    assert {n for n, w in wanted.items() if low not in SpecifierSet(w)} == set()


def test_time_zones_come_with_the_extra_for_readers() -> None:
    extra = project()["optional-dependencies"]["snippets"]
    assert ZONED and "tzdata" in {Requirement(needed).name for needed in extra}


@pytest.mark.parametrize("program", ZONED, ids=name)
def test_a_program_finds_time_zones_where_the_system_has_none(program: Path) -> None:
    record.check(program, run(program, {"PYTHONTZPATH": ""}))
