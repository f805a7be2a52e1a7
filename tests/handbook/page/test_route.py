"""A route: what it counts, in which order it may go, how its faults are told."""

from dataclasses import replace

import pytest
from lxml import html

from handbook.errors import HandbookError
from handbook.page import outline, route

from .test_map import three_parts

PAGE = "docs/resources/b.md"


@pytest.fixture
def book() -> outline.Book:
    """A book of three parts, with three pages to read and two to come."""
    parts, known = three_parts().parts, three_parts().entries
    numbers = {place.key: place.number for part in parts for place in part.written}
    return outline.Book(
        parts, {k: replace(e, number=numbers.get(k, "")) for k, e in known.items()}
    )


def drawn(book: outline.Book, *given: str, knows: str = "") -> html.HtmlElement:
    """The route of these steps, as the page resources/b shows it."""
    items = "".join(f"<li>{step}</li>" for step in given)
    steps = f'<div class="hb-route" data-knows="{knows}"><ol>{items}</ol></div>'
    shown = route.finish(f"<p>前</p>{steps}", book, "resources/b", PAGE)
    return html.fragment_fromstring(shown, create_parent="main")


A = '<a href="../../concepts/a/">甲</a>：先读<b>它</b>'
C = '<a href="../c/">丙</a>：再读它'


def test_a_route_shows_number_level_minutes_and_why(book: outline.Book) -> None:
    first, second = drawn(book, A, C).xpath(".//li")
    assert first.text_content() == "1.1 甲 入门 · 50 分钟先读它"
    assert first.xpath("a/@href") == ["../../concepts/a/"]
    assert second.xpath("string(p)") == "再读它"


def test_a_route_sums_its_minutes_and_says_for_how_many_weeks(
    book: outline.Book,
) -> None:
    said = drawn(book, A, C).xpath("string(.//p[@class='hb-sum'])")
    minutes = [book.entries[key].minutes for key in ("concepts/a", "resources/c")]
    weeks = -(-sum(minutes) // 180)
    assert said.startswith("2 页 · 约") and f"每周 3 小时要 {weeks} 周" in said


def test_a_planned_step_has_its_number_and_no_link(book: outline.Book) -> None:
    (step,) = drawn(book, "<strong>还没写</strong>：以后读").xpath(".//li")
    assert step.text_content() == "1.2 还没写 计划中以后读"
    assert step.xpath(".//a") == [] and step.get("class") == "plan"


def test_what_surrounds_a_route_stays(book: outline.Book) -> None:
    assert route.finish("<p>前</p>", book, "resources/b", PAGE) == "<p>前</p>"
    assert drawn(book, A).xpath("//p[.='前']")


def needing(book: outline.Book) -> outline.Book:
    """The same book, where resources/c requires concepts/a."""
    book.entries["resources/c"].front.requires.append("concepts/a")
    return book


def test_a_page_may_not_come_before_what_it_requires(book: outline.Book) -> None:
    says = "b.md: a route comes to resources/c before concepts/a, which it requires"
    with pytest.raises(HandbookError, match=says):
        drawn(needing(book), C, A)
    assert len(drawn(book, A, C).xpath(".//li")) == 2


def test_what_the_reader_knows_need_not_be_on_the_route(book: outline.Book) -> None:
    assert len(drawn(needing(book), C, knows="concepts/a").xpath(".//li")) == 1


@pytest.mark.parametrize(
    ("step", "knows", "says"),
    [
        ("只有字", "", "names no page: '只有字'"),
        ("<strong>写好了</strong>", "", "nav plans no page '写好了'"),
        ('<a href="https://a.org/">外面</a>', "", "leads to no page of the book"),
        (A, "concepts/x", "data-knows: no page concepts/x"),
    ],
)
def test_a_fault_is_told_in_one_line_with_the_page(
    book: outline.Book, step: str, knows: str, says: str
) -> None:
    with pytest.raises(HandbookError, match=f"^{PAGE}: .*{says}"):
        drawn(book, step, knows=knows)
