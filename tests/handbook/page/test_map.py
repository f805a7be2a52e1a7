"""The map of the book, read from its HTML."""

import gzip
from dataclasses import replace

import pytest
from lxml import html

from handbook.page import front, map, outline

from .test_front import GOOD

NAV = [
    {"概念": ["concepts/index.md", "concepts/a.md", {"还没写": "planned"}]},
    {"会议": ["resources/index.md", "resources/b.md", "resources/c.md"]},
    {"算法": ["algorithms/index.md", {"也没写": "planned"}]},
]
FILES = [f for entry in NAV for f in next(iter(entry.values())) if isinstance(f, str)]


def entry(file: str, minutes: int = 50) -> front.Entry:
    """What is known of a page."""
    key = file.removesuffix(".md")
    return front.Entry(
        key,
        f"《{key}》",
        f"{key.removesuffix('/index')}/",
        front.FrontMatter(
            **GOOD | {"description": "先说这一句；再说那一句，都是说明。"}
        ),
        minutes,
    )


def three_parts() -> outline.Book:
    """A book of three parts, with three pages to read and two to come."""
    known = {e.key: e for e in [entry(file) for file in FILES]}
    return outline.Book(outline.parts(NAV), known)


@pytest.fixture
def book() -> outline.Book:
    """A small book."""
    return three_parts()


def drawings(book: outline.Book) -> list[html.HtmlElement]:
    """The drawings of its map."""
    return html.fromstring(map.book_map(book, "index", "./")).xpath("//svg")


def test_every_written_page_is_a_station_in_both_drawings(book: outline.Book) -> None:
    for drawing in drawings(book):
        stations = drawing.xpath(".//a[contains(@class, 'st')]/@href")
        assert stations == ["./concepts/a/", "./resources/b/", "./resources/c/"]


def test_a_planned_page_is_a_dot_that_leads_nowhere(book: outline.Book) -> None:
    for drawing in drawings(book):
        dots = drawing.xpath(".//path[@class='plan']")
        assert [dot.get("d").count("h0") for dot in dots] == [1, 1]
        assert not any(dot.xpath("ancestor::a") for dot in dots)


def test_every_part_leads_to_its_first_page(book: outline.Book) -> None:
    for drawing in drawings(book):
        names = drawing.xpath(".//a[contains(@class, 'part')]")
        assert [n.get("href") for n in names] == [
            "./concepts/", "./resources/", "./algorithms/",
        ]  # fmt: skip
        assert names[0].text_content() == "1 概念"


def test_a_station_says_number_title_level_and_minutes(book: outline.Book) -> None:
    title = drawings(book)[0].xpath("string(.//a[contains(@class, 'st')]/title)")
    assert title == "1.1 《concepts/a》 · 入门 · 50 分钟"


def test_the_two_lines_are_told_apart(book: outline.Book) -> None:
    stations = drawings(book)[0].xpath(".//a[contains(@class, 'st')]")
    assert [s.getparent().get("class") for s in stations] == ["q", "z", "z"]


@pytest.mark.parametrize("layout", [map.WIDE, map.TALL], ids=lambda layout: layout.kind)
def test_a_station_is_large_enough_for_a_finger(layout: map.Layout) -> None:
    assert layout.step >= 24 and layout.hit >= 24


@pytest.mark.parametrize("layout", [map.WIDE, map.TALL], ids=lambda layout: layout.kind)
def test_fourteen_stations_stay_within_the_drawing(layout: map.Layout) -> None:
    assert layout.station_at(13) + layout.step / 2 <= layout.width


def test_the_map_of_a_book_is_light() -> None:
    nav = []
    for p in range(8):
        files = [f"p{p}/{page}.md" for page in ("index", "one", "two", "three")]
        nav.append({f"第 {p} 部分": [*files, *[{"还没写": "planned"}] * 5]})
    files = [f for part in nav for f in next(iter(part.values())) if "/" in f]
    known = {e.key: e for e in [entry(file) for file in files]}
    whole = map.book_map(outline.Book(outline.parts(nav), known), "index", "./")
    assert len(gzip.compress(whole.encode(), 6)) <= 2048


# --- interchanges -----------------------------------------------------------------


def changes(book: outline.Book, **ways: dict) -> int:
    """How many interchanges a map has on which pages lead to others."""
    known = dict(book.entries)
    for key, change in ways.items():
        key = key.replace("_", "/")
        known[key] = replace(known[key], **change)
    (way,) = html.fromstring(
        map.book_map(outline.Book(book.parts, known), "index", "./")
    ).xpath("//svg[@class='wide']/path[@class='change']/@d") or [""]
    return way.count("M")


def test_pages_of_the_two_lines_that_lead_to_each_other_are_joined(
    book: outline.Book,
) -> None:
    here, there = frozenset(["concepts/a/"]), frozenset(["resources/b/"])
    assert changes(book) == 0
    assert changes(book, concepts_a={"links": there}) == 0
    ways = {"concepts_a": {"links": there}, "resources_b": {"links": here}}
    assert changes(book, **ways) == 1


def test_a_page_that_needs_one_of_the_other_line_is_joined_to_it(
    book: outline.Book,
) -> None:
    needs = front.FrontMatter(**GOOD | {"requires": ["concepts/a"]})
    assert changes(book, resources_b={"front": needs}) == 1


def test_at_most_five_interchanges_are_drawn() -> None:
    files = (
        [f"concepts/{n}.md" for n in range(4)],
        [f"resources/{n}.md" for n in range(4)],
    )
    nav = [
        {"概念": ["concepts/index.md", *files[0]]},
        {"会议": ["resources/index.md", *files[1]]},
    ]
    every = [entry(f) for part in nav for f in next(iter(part.values()))]
    urls = frozenset(page.url for page in every)
    known = {page.key: replace(page, links=urls) for page in every}
    assert changes(outline.Book(outline.parts(nav), known)) == 5
