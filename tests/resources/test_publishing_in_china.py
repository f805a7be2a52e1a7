"""The tables and the program of the page against the book's facts on conferences."""

import re
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
import yaml

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "resources" / "publishing-in-china.md"
FACTS = ROOT / "data" / "conferences.yml"
HANDED_IN = date(2027, 3, 31)


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def editions() -> dict[str, tuple[dict, dict]]:
    """``ICLR 2027`` to the venue and its edition, as the facts have them."""
    venues = yaml.safe_load(FACTS.read_text(encoding="utf-8"))["venues"]
    return {
        f"{venue['name']} {edition['year']}": (venue, edition)
        for venue in venues
        for edition in venue.get("editions", [])
    }


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the first table under a heading, without its own two lines."""
    section = page.split(f"{{ #{heading} }}")[1]
    table = re.search(r"(?:^\|.*\|\n)+", section, re.M)[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table]


def rank(venue: dict) -> str:
    """The class as the page writes it."""
    ccf = venue["rank"]["ccf"]
    return "未列入" if ccf == "none" else ccf


def last(edition: dict, kind: str) -> str:
    """The last day of a kind of milestone: what an author can still count on."""
    return max(t["at"][:10] for t in edition["timeline"] if t["kind"] == kind)


def test_each_milestone_of_the_worked_case_is_the_facts(page, editions) -> None:
    for name, ccf, paper, notice, start in rows(page, "worked"):
        venue, edition = editions[name]
        assert [ccf, paper, notice, start] == [
            rank(venue),
            last(edition, "paper"),
            last(edition, "notification"),
            edition["start"],
        ], name


def test_the_worked_case_counts_what_arrives_before_the_day(page) -> None:
    table = rows(page, "worked")
    told = [name for name, *_, notice, _ in table if notice <= str(HANDED_IN)]
    held = [name for name, *_, start in table if start <= str(HANDED_IN)]
    assert (len(told), held) == (5, ["AAAI 2027"])


def test_the_one_that_was_held_was_held_six_weeks_before(page) -> None:
    start = date.fromisoformat(rows(page, "worked")[0][-1])
    assert timedelta(weeks=6) <= HANDED_IN - start < timedelta(weeks=7)


@pytest.mark.parametrize(
    ("name", "ccf"),
    [("ICLR", "A"), ("IJCAI", "B"), ("EMNLP", "B"), ("AISTATS", "C")],
)
def test_a_rank_that_the_page_names_is_the_facts(page, editions, name, ccf) -> None:
    venue = next(v for v, _ in editions.values() if v["name"] == name)
    assert venue["rank"]["ccf"] == ccf
    assert f"{name} 是 {ccf} 类" in page


@pytest.mark.parametrize("name", ["COLM", "EACL"])
def test_what_the_list_leaves_out_is_left_out_in_the_facts(page, editions, name):
    venue = next(v for v, _ in editions.values() if v["name"] == name)
    assert venue["rank"]["ccf"] == "none"
    assert re.search(rf"{name}[^。]*未列入", page)


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("AAAI 2027", "加拿大"),
        ("WWW 2027", "爱尔兰"),
        ("IJCAI 2027", "日本"),
        ("ACL 2027", "日本"),
        ("COLING 2027", "中国"),
        ("WSDM 2027", "中国"),
        ("ICCV 2027", "中国"),
    ],
)
def test_a_meeting_named_as_outside_the_united_states_is(page, editions, name, country):
    assert editions[name][1]["country_zh"] == country
    assert re.search(rf"{name}[^，。]*在{country}", page)


# --- the program ------------------------------------------------------------------

DUE = ["2027-03-31", "2027-05-31", "2027-06-30", "2027-08-31"]


@pytest.fixture(scope="module")
def program(run_snippet):
    return run_snippet("resources/publishing_in_china_python")


def days_left(editions, due: str, word: int) -> dict[str, int]:
    """By numpy's calendar and the facts: what is left of a venue in time."""
    names = ["AAAI", "ICLR", "WWW", "NAACL", "CVPR", "SIGIR", "IJCAI"]
    found = {}
    for name in names:
        _, edition = editions[f"{name} 2027"]
        day = edition["end"] if word else last(edition, "notification")
        gap = np.datetime64(due) - np.datetime64(day)
        found[name] = int(gap / np.timedelta64(1, "D"))
    return {name: left for name, left in found.items() if left >= 0}


def test_the_days_of_the_program_are_the_facts(program, editions) -> None:
    for name, days in program.VENUES.items():
        _, edition = editions[f"{name} 2027"]
        known = last(edition, "notification"), edition["end"]
        assert days == tuple(map(date.fromisoformat, known)), name


def test_each_venue_in_time_is_printed_with_the_days_left(program, editions) -> None:
    printed = program.printed_by["due"].splitlines()
    wanted = []
    for word, said in enumerate(["认录用通知", "要开完会"]):
        left = days_left(editions, "2027-03-31", word)
        wanted += [f"{said}：{len(left)} 个"]
        wanted += [f"  {name} 余 {days} 天" for name, days in left.items()]
    assert printed == wanted


def test_a_later_day_admits_as_many_venues_as_printed(program, editions) -> None:
    _, *lines = program.printed_by["later"].splitlines()
    for line, due in zip(lines, DUE, strict=True):
        counts = [len(days_left(editions, due, word)) for word in (0, 1)]
        assert line.split() == [due, *map(str, counts)]


def test_a_notice_on_the_very_day_is_in_time(program) -> None:
    assert program.spare(date(2026, 11, 30), program.NOTICE) == {"AAAI": 0}
