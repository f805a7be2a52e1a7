"""Sections of programs and of records, and what readers get."""

from pathlib import Path

import pytest

from handbook.errors import HandbookError
from handbook.programs import sections

from .conftest import GOOD


def test_sections_are_read_in_order(program: Path) -> None:
    assert sections.sections(program) == {"data": "x = 1", "print": 'print(f"x = {x}")'}


def test_readers_get_no_markers() -> None:
    assert sections.published(GOOD) == 'x = 1\n\nprint(f"x = {x}")\n'


def test_the_running_copy_keeps_every_line_in_its_place() -> None:
    marked = sections.marked(GOOD).splitlines()
    assert len(marked) == len(GOOD.splitlines())
    assert marked[5] == 'print(f"x = {x}")'


def test_outputs_are_cut_at_the_sections_that_print() -> None:
    printed = "\x1eone\na\n\nb\n\x1esilent\n\x1etwo\nc\n"
    assert sections.outputs(printed) == {"one": "a\n\nb\n", "two": "c\n"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("y = 2\n" + GOOD, [":1", "outside"]),
        (GOOD.replace("[end:data]", "[end:date]"), [":3", "'date'", "'data'"]),
        (GOOD.replace("# --8<-- [end:data]\n", ""), [":4", "'print'"]),
        (GOOD.replace("# --8<-- [end:print]\n", ""), ["'print'", "no end"]),
        (GOOD.replace(":print]", ":data]"), [":5", "twice"]),
    ],
)
def test_a_wrong_section_is_named(program: Path, text: str, words: list[str]) -> None:
    program.write_text(text, encoding="utf-8")
    with pytest.raises(HandbookError) as raised:
        sections.sections(program)
    assert all(word in str(raised.value) for word in [*words, program.name])


def test_an_unknown_program_gets_a_hint(program: Path) -> None:
    sections.all_programs.cache_clear()
    with pytest.raises(HandbookError, match=r"did you mean part/page_numpy\?"):
        sections.called(["part/pgae_numpy"])
    sections.all_programs.cache_clear()
