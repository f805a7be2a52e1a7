"""The lane of a part, read from its HTML, and its mark in the drawer."""

import pytest
from lxml import html

from handbook.page import lane, outline

from .test_map import entry, three_parts


@pytest.fixture
def book() -> outline.Book:
    """A book of three parts, with three pages to read and two to come."""
    return three_parts()


def shown(book: outline.Book, part: str) -> html.HtmlElement:
    """The lane of a part, as its first page shows it."""
    return html.fromstring(lane.lane(book, f"{part}/index", "../"))


def test_a_lane_lists_the_pages_of_its_part_alone(book: outline.Book) -> None:
    links = shown(book, "resources").xpath(".//ol//a/@href")
    assert links == ["../resources/b/", "../resources/c/"]


def test_a_lane_sums_the_minutes_and_says_where_to_begin(book: outline.Book) -> None:
    total = shown(book, "resources").xpath(".//p[@class='hb-sum']")[0]
    assert total.text_content() == "2 页 · 约 1½ 小时 从 2.1 开始"
    assert total.xpath("a/@href") == ["../resources/b/"]


def test_a_lane_shows_what_is_planned(book: outline.Book) -> None:
    said = shown(book, "concepts").text_content()
    assert "已写 1 页，计划 1 页 · 约 50 分钟" in said and "1.2 还没写 计划中" in said


def test_a_lane_of_plans_alone_has_no_beginning(book: outline.Book) -> None:
    plans = shown(book, "algorithms")
    assert "1 页，都在计划中" in plans.text_content() and plans.xpath(".//a") == []


def test_a_page_is_told_by_the_first_clause_of_its_description() -> None:
    assert lane.gist(entry("concepts/a.md")) == "先说这一句"


DRAWER = '<label class="md-nav__title" for="__nav_3">\n概念</label><ul></ul>'


@pytest.mark.parametrize(
    ("key", "where"),
    [("concepts/a", "1 / 2"), ("concepts/index", "2 页"), ("resources/c", "2 / 2")],
)
def test_the_drawer_leads_to_the_first_page_and_says_where_one_is(
    book: outline.Book, key: str, where: str
) -> None:
    drawer = lane.in_drawer(DRAWER, book, key, "../../")
    drawer = html.fromstring(f"<nav>{drawer}</nav>")
    (guide,) = drawer.xpath("label/following-sibling::a")
    assert guide.get("href") == f"../../{key.partition('/')[0]}/"
    assert guide.text_content() == f"导读 {where}"


def test_the_home_page_has_no_such_mark(book: outline.Book) -> None:
    assert lane.in_drawer(DRAWER, book, "index", "./") == DRAWER
