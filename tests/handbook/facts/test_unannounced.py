"""What is awaited, beside the edition before: never a date of its own making."""

import datetime as dt

import pytest
from lxml import html

from handbook.facts import calendars, conferences, unannounced
from handbook.facts.conferences import Conferences, Edition, Milestone, Venue

DAY = dt.date(2026, 11, 27)


def edition(year: int, **dates: str) -> Edition:
    """An edition with the dates of some nodes."""
    steps = [{"kind": kind, "at": at, "src": "s"} for kind, at in dates.items()]
    days = {}
    if "days" in dates:
        days = {"start": dates["days"], "end": dates["days"], "date_src": "s"}
        steps = [step for step in steps if step["kind"] != "days"]
    return Edition(
        year=year,
        website="https://toy.example/",
        timeline=[Milestone(**step) for step in steps],
        sources=[{"src": "s", "path": "p", "checked": "2026-11-01"}],
        **days,
    )


def facts(*editions: Edition, **more: object) -> Conferences:
    """One venue."""
    known = {"key": "toy", "name": "TOY", "full_name": "T", "field": "机器学习"}
    known |= {"kind": "conference", "about": "x", "no_count_seen": "2026-11-01"}
    venue = Venue(editions=editions, **(known | more))
    source = {"name": "s", "standing": "official", "licence": "x"}
    return Conferences(as_of=DAY, ccf_list="x", sources={"s": source}, venues=[venue])


LAST = edition(2026, paper="2026-01-20", notification="2026-04-20", days="2026-07-01")


def awaited(*editions: Edition, **more: object) -> list[tuple[int | None, list[str]]]:
    return [
        (each.edition and each.edition.year, [h.kind for h in each.last])
        for each in unannounced.waiting(facts(*editions, **more), DAY)
    ]


def test_of_an_edition_without_dates_all_nodes_are_awaited() -> None:
    empty = edition(2027)
    assert awaited(LAST, empty) == [(2027, ["paper", "notification", "days"])]


def test_what_is_announced_is_not_awaited() -> None:
    known = edition(2027, paper="2027-01-25", days="2027-07-01")
    assert awaited(LAST, known) == [(2027, ["notification"])]


def test_what_lies_before_a_node_that_is_past_is_not_awaited() -> None:
    known = edition(2027, notification="2026-11-20", days="2027-07-01")
    assert awaited(LAST, known) == []


def test_without_a_next_edition_the_last_one_is_told_all_the_same() -> None:
    assert awaited(LAST) == [(None, ["paper", "notification", "days"])]


def test_a_first_edition_has_none_before_it() -> None:
    assert awaited(edition(2027)) == []


def test_a_journal_is_not_awaited() -> None:
    assert awaited(LAST, kind="journal") == []


@pytest.mark.parametrize(
    ("editions", "without"),
    [
        ([LAST], 1),
        ([LAST, edition(2027)], 1),
        ([LAST, edition(2027, paper="2027-01-25")], 0),
    ],
)
def test_the_head_counts_who_has_no_date_of_next_year(editions, without) -> None:
    assert unannounced.undated(facts(*editions), DAY) == (without, 1)


@pytest.mark.parametrize(
    ("day", "year"), [("2026-06-30", 2026), ("2026-07-01", 2027), ("2027-01-02", 2027)]
)
def test_from_july_on_next_year_is_awaited(day: str, year: int) -> None:
    assert unannounced.next_year(dt.date.fromisoformat(day)) == year


def test_every_date_of_the_table_is_one_of_an_edition_before() -> None:
    real = conferences.load()
    table = html.fragment_fromstring(unannounced.table(real, DAY))
    found = calendars.happenings(real)
    for row in table.xpath("./tr"):
        key = row.xpath("./th/a/@href")[0].partition("#")[2]
        year = row.xpath("string(./th)").split()[-1]
        own = [h for h in found if h.venue.key == key and f"{h.edition.year}" != year]
        known = {(h.what, f"{h.day}") for h in own}
        nodes = row.xpath("./td/span")
        assert nodes
        for node in nodes:
            small = node.xpath("./small")[0].text_content()
            assert small.startswith("上届 ")
            assert (node.text.strip(), node.xpath("string(.//time)")) in known


def test_the_table_says_that_it_is_no_forecast() -> None:
    table = html.fragment_fromstring(unannounced.table(facts(LAST), DAY))
    assert "上届，非预测" in table.xpath("string(./thead)")
