"""The atlas as text: what it says of a past edition's days, and its count of them."""

import datetime as dt
from pathlib import Path

import pytest
from lxml import html

from handbook.facts import atlas, conferences

from ..conftest import VENUES

DAYS = "start: 2027-05-01, end: 2027-05-04,"
SECOND = (
    f'{DAYS} second: {{src: o, says: "FIRST 2027, May 1-4, 2027",'
    ' url: "https://first.org/book", read: 2027-06-01},'
)


def facts(tmp_path: Path, *changes: tuple[str, str]) -> conferences.Conferences:
    """The facts of the small book, a month after its first venue's edition."""
    text = VENUES.replace("as_of: 2026-11-23", "as_of: 2027-06-01")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file = tmp_path / "conferences.yml"
    file.write_text(text, encoding="utf-8")
    return conferences.load(file)


def row(found: conferences.Conferences) -> html.HtmlElement:
    """The row of the first venue's edition."""
    page = html.fromstring(atlas.cards(found, "机器学习", found.as_of))
    return page.xpath("//table//tr[th[normalize-space()='2027']]")[0]


def test_a_past_edition_with_one_source_says_so(tmp_path) -> None:
    assert row(facts(tmp_path)).text_content().endswith(atlas.ONCE)


def test_a_second_source_is_linked(tmp_path) -> None:
    (link,) = row(facts(tmp_path, (DAYS, SECOND))).xpath(f".//a[.='{atlas.TWICE}']")
    assert link.get("href") == "https://first.org/book"


def test_an_edition_to_come_is_not_marked(tmp_path) -> None:
    text = row(facts(tmp_path, ("2027-06-01", "2027-05-04"))).text_content()
    assert atlas.ONCE not in text and atlas.TWICE not in text


@pytest.mark.parametrize(("change", "count"), [((), 0), (((DAYS, SECOND),), 1)])
def test_the_head_counts_past_editions_and_those_with_two(
    tmp_path, change, count
) -> None:
    text = html.fromstring(atlas.head(facts(tmp_path, *change))).text_content()
    assert f"办过的 1 届里，{count} 届的会期有第二处来源" in text


def card(found: conferences.Conferences, field: str) -> html.HtmlElement:
    """The only card of a field."""
    return html.fromstring(atlas.cards(found, field, found.as_of))


def test_a_venue_without_a_count_says_that_none_was_seen_and_when(tmp_path) -> None:
    text = card(facts(tmp_path), "系统").text_content()
    assert "录用／投稿：近年未见公开数字（查于 2026-11-20）" in text
    assert "未见公开数字" not in card(facts(tmp_path), "机器学习").text_content()


def test_papers_received_before_any_is_accepted_stand_with_their_source(
    tmp_path,
) -> None:
    change = (
        "year: 2028,",
        "year: 2028, received: {count: 40, src: o, url: 'https://o.org/list',"
        " checked: 2027-05-20, basis: 含撤稿},",
    )
    found = card(facts(tmp_path, change), "系统")
    (item,) = found.xpath(".//li[starts-with(., '2028')]")
    assert item.text_content() == (
        "2028：投稿 40，录用数未公布。含撤稿（own page，2027-05-20）"
    )
    assert item.xpath(".//a/@href") == ["https://o.org/list"]


def test_the_count_is_that_of_the_marks_on_the_page() -> None:
    real = conferences.load()
    day = dt.date(2026, 11, 27)
    page = "".join(atlas.cards(real, field, day) for field in conferences.FIELDS)
    twice = page.count(atlas.TWICE)
    assert twice + page.count(atlas.ONCE) == len(real.past)
    assert f"{twice} 届的会期有第二处来源" in atlas.head(real)
