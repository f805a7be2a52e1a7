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


def test_a_card_has_the_newest_count_and_the_way_to_the_others(tmp_path) -> None:
    older = "year: 2026, submitted: 100, accepted: 25, src: t}"
    two = (older, f"{older}\n      - {{year: 2025, submitted: 9, accepted: 3, src: t}}")
    found = card(facts(tmp_path, two), "机器学习")
    (line,) = found.xpath(".//p[contains(., '录用／投稿')]")
    assert line.text_content() == "2026 年录用／投稿：25／100，25.0%（口径与往年）"
    assert line.xpath(".//a/@href") == ["../acceptance/#first"]


def test_a_card_without_a_count_says_that_none_was_seen_and_when(tmp_path) -> None:
    text = card(facts(tmp_path), "系统").text_content()
    assert "录用／投稿：近年未见公开数字（查于 2026-11-20）" in text


def test_the_count_is_that_of_the_marks_on_the_page() -> None:
    real = conferences.load()
    day = dt.date(2026, 11, 27)
    page = "".join(atlas.cards(real, field, day) for field in conferences.FIELDS)
    twice = page.count(atlas.TWICE)
    assert twice + page.count(atlas.ONCE) == len(real.past)
    assert f"{twice} 届的会期有第二处来源" in atlas.head(real)
