"""The table of editions: what it says of a past edition's days, and its counts."""

import datetime as dt
import re
from pathlib import Path

import pytest
from lxml import html

from handbook.facts import conferences, editions

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


def row(found: conferences.Conferences, year: str = "2027") -> html.HtmlElement:
    """The row of an edition of the first venue."""
    page = html.fromstring(editions.rows(found, "机器学习", found.as_of))
    return page.xpath(f"//tr[th[.='{year}']]")[0]


def test_a_past_edition_with_one_source_says_so(tmp_path) -> None:
    assert row(facts(tmp_path)).text_content().endswith(editions.ONCE)


def test_a_second_source_is_linked(tmp_path) -> None:
    (link,) = row(facts(tmp_path, (DAYS, SECOND))).xpath(f".//a[.='{editions.TWICE}']")
    assert link.get("href") == "https://first.org/book"


def test_an_edition_to_come_is_not_marked(tmp_path) -> None:
    text = row(facts(tmp_path, ("2027-06-01", "2027-05-04"))).text_content()
    assert editions.ONCE not in text and editions.TWICE not in text


@pytest.mark.parametrize(("change", "count"), [((), 0), (((DAYS, SECOND),), 1)])
def test_the_head_counts_past_editions_and_those_with_two(
    tmp_path, change, count
) -> None:
    text = html.fromstring(editions.head(facts(tmp_path, *change))).text_content()
    assert f"办过的 1 届里，{count} 届的会期有第二处来源" in text


def test_the_source_and_its_standing_stand_beside_the_day(tmp_path) -> None:
    words = [cell.text_content() for cell in row(facts(tmp_path))]
    assert words[:2] == ["2027", "05-01 至 05-04"]
    assert words[3].startswith("2026-")


def test_what_sources_disagree_on_stands_in_the_row(tmp_path) -> None:
    change = ("year: 2027,", 'year: 2027, conflicts: ["May 2", "May 3"],')
    text = row(facts(tmp_path, change)).text_content()
    assert text.endswith("出入与更正：May 2；May 3")


def test_a_group_can_be_linked_and_leads_back_to_the_card(tmp_path) -> None:
    found = facts(tmp_path)
    made = html.fromstring(editions.rows(found, "机器学习", found.as_of))
    (name,) = made.xpath("//th[@id='first']/a")
    assert name.get("href") == "../conference-atlas/#first"


def test_the_second_sources_are_counted_by_what_they_are(tmp_path) -> None:
    made = html.fromstring(editions.seconds(facts(tmp_path, (DAYS, SECOND))))
    cells = [cell.text_content() for cell in made.xpath("//tbody/tr/*")]
    assert cells == ["追踪表（第一处是论文集的题名或官网）", "1"]


def test_every_edition_of_the_book_has_a_row() -> None:
    real = conferences.load()
    page = "".join(
        editions.rows(real, field, real.as_of) for field in conferences.FIELDS
    )
    for venue in real.venues:
        group = page.partition(f" id={venue.key}>")[2].partition("</tbody>")[0]
        years = [
            int(year) for year in re.findall(r"scope=row><a [^>]*>(\d{4})<", group)
        ]
        assert years == [e.year for e in editions.told(venue)], venue.key


def test_the_kinds_of_second_sources_are_known_to_the_facts() -> None:
    assert {*editions.SECONDS} <= {*conferences.load().sources}


def test_the_count_is_that_of_the_marks_on_the_page() -> None:
    real = conferences.load()
    day = dt.date(2026, 11, 27)
    page = "".join(editions.rows(real, field, day) for field in conferences.FIELDS)
    twice = page.count(editions.TWICE)
    assert twice + page.count(editions.ONCE) == len(real.past)
    assert f"{twice} 届的会期有第二处来源" in editions.head(real)
    disputed = page.count(f"<b>{editions.DISPUTED}</b>")
    assert f"{disputed} 届写着" in editions.head(real)
