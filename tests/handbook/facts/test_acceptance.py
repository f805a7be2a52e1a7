"""The table of acceptance rates: which rows there are, and what each says."""

import re
from pathlib import Path

from lxml import html

from handbook.facts import acceptance, conferences

from ..conftest import VENUES

COUNT = "{year: 2026, submitted: 100, accepted: 25, src: t}"


def facts(tmp_path: Path, *changes: tuple[str, str]) -> conferences.Conferences:
    """The facts of the small book."""
    text = VENUES
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file = tmp_path / "conferences.yml"
    file.write_text(text, encoding="utf-8")
    return conferences.load(file)


def rows(found: conferences.Conferences, field: str = "机器学习") -> list[list[str]]:
    """The cells of a field's table below its head."""
    made = html.fromstring(acceptance.counts(found, field))
    return [
        [cell.text_content() for cell in row.xpath("./th|./td")]
        for row in made.xpath("//tbody/tr")
    ]


def test_a_count_has_its_rate_and_source_and_says_that_no_basis_is_told(
    tmp_path,
) -> None:
    assert rows(facts(tmp_path)) == [
        ["FIRST"],
        ["2026", "25／100", "25.0%", "口径未说明（a/tracker）"],
    ]


def test_the_newest_year_comes_first(tmp_path) -> None:
    newer = "{year: 2027, submitted: 9, accepted: 3, src: t}"
    found = rows(facts(tmp_path, (COUNT, f"{COUNT}\n      - {newer}")))
    assert [row[0] for row in found] == ["FIRST", "2027", "2026"]


def test_the_count_of_another_source_stands_beside_with_its_basis(tmp_path) -> None:
    other = "others: [{submitted: 80, accepted: 24, src: u, basis: 仅长文}]"
    found = rows(facts(tmp_path, (COUNT, f"{COUNT[:-1]}, basis: 含撤稿, {other}}}")))
    assert found[1][3] == "含撤稿（a/tracker）；另有 24／80＝30.0%，仅长文（b/tracker）"


def test_a_count_links_the_page_that_its_source_cites(tmp_path) -> None:
    cited = (COUNT, f"{COUNT[:-1]}, cited: 'https://first.org/stats'}}")
    made = html.fromstring(acceptance.counts(facts(tmp_path, cited), "机器学习"))
    assert made.xpath("//td//a/@href") == ["https://first.org/stats"]


def test_a_venue_without_a_count_says_that_none_was_seen_and_when(tmp_path) -> None:
    assert rows(facts(tmp_path), "系统") == [
        ["SECOND"],
        ["近年未见成对的公开数字（查于 2026-11-20）"],
    ]


def test_papers_received_before_any_is_accepted_stand_with_their_source(
    tmp_path,
) -> None:
    change = (
        "year: 2028,",
        "year: 2028, received: {count: 40, src: o, url: 'https://o.org/list',"
        " checked: 2027-05-20, basis: 含撤稿},",
    )
    assert rows(facts(tmp_path, change), "系统")[1] == [
        "2028",
        "–／40",
        "–",
        "录用数未公布。含撤稿（own page，2027-05-20）",
    ]


def test_a_group_can_be_linked_and_leads_back_to_the_card(tmp_path) -> None:
    made = html.fromstring(acceptance.counts(facts(tmp_path), "机器学习"))
    (name,) = made.xpath("//th[@id='first']/a")
    assert name.get("href") == "../conference-atlas/#first"


def test_the_head_counts_what_is_known_and_what_is_not(tmp_path) -> None:
    text = html.fromstring(acceptance.head(facts(tmp_path))).text_content()
    assert text.startswith(
        "1 个会议共 1 条，1 条的来源没有说口径；另有 1 个近年未见成对的数字。"
    )


def test_the_head_links_the_fields_that_have_a_row(tmp_path) -> None:
    made = html.fromstring(acceptance.head(facts(tmp_path)))
    assert made.xpath("//a/@href") == ["#ml", "#systems"]


def test_the_sources_are_counted_as_chosen_and_as_others(tmp_path) -> None:
    other = "others: [{submitted: 80, accepted: 24, src: t}]"
    found = facts(tmp_path, (COUNT, f"{COUNT[:-1]}, {other}}}"))
    made = html.fromstring(acceptance.sources(found))
    assert [c.text_content() for c in made.xpath("//tbody/tr/*")] == [
        "a/tracker",
        "1",
        "1",
    ]


def test_every_count_of_the_book_has_a_row() -> None:
    real = conferences.load()
    page = "".join(acceptance.counts(real, field) for field in conferences.FIELDS)
    for venue in real.venues:
        if not venue.acceptance:
            continue
        group = page.partition(f" id={venue.key}>")[2].partition("</tbody>")[0]
        years = re.findall(r"scope=row>(\d{4})<", group)
        wanted = [c.year for c in venue.acceptance]
        wanted += [e.year for e in venue.editions if e.received]
        assert sorted(map(int, years)) == sorted(wanted), venue.key
