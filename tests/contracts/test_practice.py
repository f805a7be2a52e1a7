"""Practice programs: all have one judge, fail as shipped, and stand on their page."""

import ast
import re
from pathlib import Path

import pytest

from handbook.programs import practice, record, sections

ROOT = Path(__file__).parents[2]
PROGRAMS = practice.practice_programs(ROOT / "snippets")
LOOK = re.compile(r"见「([^」]+)」")


def page_of(program: Path) -> Path:
    page = program.stem.partition("_practice_")[0].replace("_", "-")
    return ROOT / "docs" / program.parent.name / f"{page}.md"


def test_there_is_something_to_practise() -> None:
    assert len(PROGRAMS) >= 7


@pytest.mark.parametrize("program", PROGRAMS, ids=sections.name)
def test_a_practice_program_has_its_three_sections_and_the_judge(program: Path) -> None:
    assert practice.check(program) is None


@pytest.mark.parametrize("program", PROGRAMS, ids=sections.name)
def test_as_shipped_every_case_fails_and_the_record_says_so(program: Path) -> None:
    verdict = practice.judged(program.read_text(encoding="utf-8"), program.name)
    assert (verdict.passed, verdict.total > 0) == (0, True)
    assert record.recorded(program)["verdict"].splitlines() == [
        *verdict.lines,
        f"0 / {verdict.total}",
    ]


@pytest.mark.parametrize("program", PROGRAMS, ids=sections.name)
def test_the_task_is_a_stub_with_a_docstring(program: Path) -> None:
    task = practice.values(program)["TASK"]
    stub = ast.parse(practice.functions(program, task)).body[0].body
    assert len(stub) == 2 and isinstance(stub[0], ast.Expr)
    assert ast.unparse(stub[1]) == "raise NotImplementedError"


@pytest.mark.parametrize("program", PROGRAMS, ids=sections.name)
def test_each_case_names_a_heading_of_its_page(program: Path) -> None:
    text = page_of(program).read_text(encoding="utf-8")
    headings = re.findall(r"^##+ (.*?) \{ #", text, re.M)
    for name, _, _, place in practice.values(program)["CASES"]:
        look = LOOK.match(place)
        assert look, f"{name}: {place!r} does not begin with 见「…」"
        assert any(h.startswith(look[1]) for h in headings), f"{name}: {look[1]}"


@pytest.mark.parametrize("program", PROGRAMS, ids=sections.name)
def test_cases_have_names_of_their_own_that_fit_a_gbk_console(program: Path) -> None:
    cases = practice.values(program)["CASES"]
    assert len({name for name, *_ in cases}) == len(cases)
    assert all(f"{name}{place}".encode("gbk") for name, _, _, place in cases)


@pytest.mark.parametrize("program", PROGRAMS, ids=sections.name)
def test_practice_comes_after_the_pitfalls_and_before_the_summary(
    program: Path,
) -> None:
    text = page_of(program).read_text(encoding="utf-8")
    ids = re.findall(r"^## .*\{ #([\w-]+)", text, re.M)
    assert ids[ids.index("practice") - 1 : ids.index("practice") + 2] == [
        "pitfalls",
        "practice",
        "summary",
    ]
    section = text.split("{ #practice }")[1].split("\n## ")[0]
    embeds = re.findall(rf'"{sections.name(program)}\.(\w+:\w+)"', section)
    assert embeds == ["py:task", "out:verdict", "py:cases", "py:verdict"]
    assert section.count("```{.text .hb-said}") == 1
