"""The table of contents: what is written, what is planned, and their numbers."""

import pytest

from handbook.errors import HandbookError
from handbook.page import outline

NAV = [
    {"首页": "index.md"},
    {"甲": ["a/index.md", "a/one.md", {"第二": "planned"}, {"第三": "a/three.ipynb"}]},
    {"乙": ["b/index.md", {"第一": "planned"}]},
]


def test_pages_are_numbered_in_their_parts_the_planned_ones_too() -> None:
    first, second = outline.parts(NAV)
    assert [p.number for p in (*first.places, *second.places)] == [
        "1.1", "1.2", "1.3", "2.1",
    ]  # fmt: skip


def test_a_planned_page_has_a_title_and_no_file() -> None:
    planned = outline.parts(NAV)[0].places[1]
    assert (planned.title, planned.file) == ("第二", None)


def test_what_mkdocs_sees_is_written() -> None:
    assert outline.written(NAV) == [
        {"首页": "index.md"},
        {"甲": ["a/index.md", "a/one.md", {"第三": "a/three.ipynb"}]},
        {"乙": ["b/index.md"]},
    ]


def test_the_first_page_of_a_part_has_the_number_of_the_part() -> None:
    assert outline.numbers(outline.parts(NAV)) == {
        "a/index.md": "1",
        "a/one.md": "1.1",
        "a/three.ipynb": "1.3",
        "b/index.md": "2",
    }


def test_a_nav_without_parts_numbers_nothing() -> None:
    assert outline.parts(["index.md", "a/one.md"]) == []


def test_a_part_is_found_by_its_folder() -> None:
    book = outline.Book(outline.parts(NAV))
    assert book.part("b").title == "乙" and book.part("c") is None


def test_a_part_begins_with_a_page_that_is_there() -> None:
    with pytest.raises(HandbookError, match="mkdocs.yml: nav, 丙: .*index.md first"):
        outline.parts([{"丙": [{"第一": "planned"}]}])
