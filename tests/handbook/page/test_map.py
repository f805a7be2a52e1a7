"""The map of the book and the lane of a part, read from their HTML."""

import gzip

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


@pytest.fixture
def book() -> outline.Book:
    """A book of three parts, with three pages to read and two to come."""
    known = {e.key: e for e in [entry(file) for file in FILES]}
    return outline.Book(outline.parts(NAV), known)


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


def lane(book: outline.Book, part: str) -> html.HtmlElement:
    """The lane of a part, as its first page shows it."""
    return html.fromstring(map.lane(book, f"{part}/index", "../"))


def test_a_lane_lists_the_pages_of_its_part_alone(book: outline.Book) -> None:
    links = lane(book, "resources").xpath(".//ol//a/@href")
    assert links == ["../resources/b/", "../resources/c/"]


def test_a_lane_sums_the_minutes_and_says_where_to_begin(book: outline.Book) -> None:
    total = lane(book, "resources").xpath(".//p[@class='hb-sum']")[0]
    assert total.text_content() == "2 页 · 约 1½ 小时 从 2.1 开始"
    assert total.xpath("a/@href") == ["../resources/b/"]


def test_a_lane_shows_what_is_planned(book: outline.Book) -> None:
    shown = lane(book, "concepts").text_content()
    assert "已写 1 页，计划 1 页 · 约 50 分钟" in shown and "1.2 还没写 计划中" in shown


def test_a_lane_of_plans_alone_has_no_beginning(book: outline.Book) -> None:
    plans = lane(book, "algorithms")
    assert "1 页，都在计划中" in plans.text_content() and plans.xpath(".//a") == []


def test_a_page_is_told_by_the_first_clause_of_its_description() -> None:
    assert map.gist(entry("concepts/a.md")) == "先说这一句"
