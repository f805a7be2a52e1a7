"""The table of meetings in the United States: who has a row, and what it says."""

import datetime as dt
from pathlib import Path

import pytest
from lxml import html

from handbook.facts import abroad, conferences

from ..conftest import VENUES

DAYS = "start: 2027-05-01, end: 2027-05-04,"
SEATTLE = "city: Seattle, country: United States, city_zh: 西雅图, country_zh: 美国"
OSLO = "city: Oslo, country: Norway, city_zh: 奥斯陆, country_zh: 挪威"
IN_SEATTLE = (DAYS, f"{DAYS} {SEATTLE},")


def table(tmp_path: Path, day: str, *changes: tuple[str, str]) -> html.HtmlElement:
    """The table that the small book shows on a day."""
    text = VENUES
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file = tmp_path / "conferences.yml"
    file.write_text(text, encoding="utf-8")
    made = abroad.meetings(conferences.load(file), dt.date.fromisoformat(day))
    return html.fromstring(made)


def rows(tmp_path: Path, day: str, *changes: tuple[str, str]) -> list[list[str]]:
    """The cells of that table."""
    return [
        [cell.text_content() for cell in row]
        for row in table(tmp_path, day, *changes).xpath(".//tbody/tr")
    ]


def test_a_meeting_in_the_united_states_has_its_rank_days_and_city(tmp_path) -> None:
    assert rows(tmp_path, "2026-11-27", IN_SEATTLE) == [
        ["FIRST 2027", "A", "2027-05-01 至 05-04", "西雅图"]
    ]


def test_a_meeting_elsewhere_has_no_row(tmp_path) -> None:
    assert rows(tmp_path, "2026-11-27", (DAYS, f"{DAYS} {OSLO},")) == []


@pytest.mark.parametrize(("day", "count"), [("2027-05-04", 1), ("2027-05-05", 0)])
def test_a_meeting_leaves_the_day_after_its_last(tmp_path, day, count) -> None:
    assert len(rows(tmp_path, day, IN_SEATTLE)) == count


def test_a_meeting_without_days_has_no_row(tmp_path) -> None:
    third = ("{year: 2028, website", f"{{year: 2028, {SEATTLE}, website")
    assert rows(tmp_path, "2026-11-27", third) == []


def test_a_second_place_in_the_united_states_has_its_own_days(tmp_path) -> None:
    two = (
        f"{DAYS} {OSLO}, also_at: [{{{SEATTLE}, start: 2027-05-02, end: 2027-05-02}}],"
    )
    assert rows(tmp_path, "2026-11-27", (DAYS, two)) == [
        ["FIRST 2027", "A", "2027-05-02", "西雅图"]
    ]


def test_the_next_meeting_comes_first(tmp_path) -> None:
    days = "start: 2027-02-01, end: 2027-02-02, date_src: o"
    early = ("joint_with: first,", f"{days}, {SEATTLE},")
    names = [name for name, *_ in rows(tmp_path, "2026-11-27", IN_SEATTLE, early)]
    assert names == ["SECOND 2027", "FIRST 2027"]


def test_a_rank_that_no_list_gives_is_said_to_be_unknown(tmp_path) -> None:
    days = "start: 2027-02-01, end: 2027-02-02, date_src: o"
    early = ("joint_with: first,", f"{days}, {SEATTLE},")
    assert rows(tmp_path, "2026-11-27", early)[0][1] == "未查到"


@pytest.mark.parametrize(("day", "count"), [("2027-05-04", 1), ("2027-05-05", 0)])
def test_the_caption_counts_the_rows(tmp_path, day, count) -> None:
    (caption,) = table(tmp_path, day, IN_SEATTLE).xpath(".//caption")
    assert caption.text == f"会场在美国、还没有开完的会：{count} 处"


def test_a_name_leads_to_its_place_in_the_atlas(tmp_path) -> None:
    (name,) = table(tmp_path, "2026-11-27", IN_SEATTLE).xpath(".//tbody//a")
    assert name.get("href").endswith("conference-atlas/#first")


def test_what_the_facts_say_cannot_become_markup(tmp_path) -> None:
    name = ("name: FIRST", "name: '<b>FIRST</b>'")
    assert rows(tmp_path, "2026-11-27", IN_SEATTLE, name)[0][0] == "<b>FIRST</b> 2027"
