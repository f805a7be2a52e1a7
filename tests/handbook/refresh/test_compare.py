"""A tracker beside our facts: what each kind of difference is called."""

import datetime as dt

import pytest

from handbook.facts.conferences import Conferences
from handbook.refresh import arr, trackers
from handbook.refresh.compare import Difference, Found, compare

from .conftest import ARR, CCF, HF

DAY = dt.date(2026, 11, 27)
CCF_PATH, HF_PATH = "conference/AI/toy.yml", "src/data/conferences/toy.yml"


def ccf(facts: Conferences, text: str, path: str = CCF_PATH, **more) -> Found:
    sheets, faults = trackers.ccfddl({path: text})
    unread = {line.partition(":")[0] for line in faults}
    return compare(facts, "ccfddl", sheets, DAY, unread, **more)


def hf(facts: Conferences, text: str) -> list[Difference]:
    sheets, _ = trackers.ai_deadlines({HF_PATH: text})
    return compare(facts, "hf", sheets, DAY).differences


def short(found: list[Difference]) -> list[tuple[str, str, str]]:
    return [(d.state, f"{d.venue} {d.year}", d.what) for d in found]


def test_what_agrees_is_no_difference(facts) -> None:
    found = ccf(facts, CCF)
    assert (found.differences, found.faults, found.editions) == ([], [], 1)


def test_the_same_moment_in_another_zone_is_no_difference(facts) -> None:
    assert hf(facts, HF) == []


def test_a_moved_deadline_is_changed_with_both_sources(facts) -> None:
    (one,) = ccf(facts, CCF.replace("01-15", "01-22")).differences
    assert (one.state, one.venue, one.year, one.what) == (
        "changed",
        "toy",
        2027,
        "paper",
    )
    assert one.ours == "2027-01-15 23:59 AoE (ccfddl, 2026-11-20)"
    assert one.theirs == "2027-01-22 23:59 AoE (deadline; conference/AI/toy.yml)"


def test_an_hour_is_a_change(facts) -> None:
    found = ccf(facts, CCF.replace("'2027-01-15 23:59:59'", "'2027-01-15 22:00:00'"))
    assert short(found.differences) == [("changed", "toy 2027", "paper")]


def test_a_zone_is_a_change(facts) -> None:
    found = ccf(facts, CCF.replace("AoE", "UTC+8"))
    assert [d.state for d in found.differences] == ["changed", "changed"]


def test_moved_days_are_changed(facts) -> None:
    found = ccf(facts, CCF.replace("June 1-4", "June 1-5"))
    assert short(found.differences) == [("changed", "toy 2027", "days")]


def test_a_date_that_we_took_elsewhere_differs(facts) -> None:
    found = hf(facts, HF.replace("01-09 11:59", "01-10 11:59"))
    assert short(found) == [("differs", "toy 2027", "abstract")]


def test_a_bare_date_of_ours_agrees_with_an_hour_of_that_day(facts) -> None:
    assert hf(facts, HF.replace("03-20 23:59:59", "03-20 12:00:00")) == []


def test_a_second_round_is_new(facts) -> None:
    text = CCF.replace(
        "      timezone",
        "        - {deadline: '2027-02-15 23:59:59', comment: fall}\n      timezone",
    )
    (one,) = ccf(facts, text).differences
    assert (one.state, one.what, one.ours) == ("new", "paper", "")
    assert one.theirs.startswith("2027-02-15 23:59 AoE (fall; ")


def test_a_new_edition_is_new_with_each_of_its_dates(facts) -> None:
    later = CCF + CCF.partition("confs:\n")[2].replace("2027", "2028")
    assert short(ccf(facts, later).differences) == [
        ("new", "toy 2028", "edition"),
        ("new", "toy 2028", "abstract"),
        ("new", "toy 2028", "paper"),
        ("new", "toy 2028", "days"),
    ]


def test_an_old_edition_that_we_never_had_is_no_news(facts) -> None:
    older = CCF + CCF.partition("confs:\n")[2].replace("2027", "2020")
    assert ccf(facts, older, past=True).differences == []


def test_a_date_that_is_withdrawn_is_gone(facts) -> None:
    found = ccf(facts, CCF.replace("'2027-01-15 23:59:59'", "TBD"))
    assert short(found.differences) == [("gone", "toy 2027", "paper")]


def test_a_past_date_that_is_withdrawn_is_no_news(facts) -> None:
    sheets, _ = trackers.ccfddl({CCF_PATH: CCF.replace("'2027-01-15 23:59:59'", "TBD")})
    later = dt.date(2027, 2, 1)
    assert compare(facts, "ccfddl", sheets, later).differences == []


def test_an_edition_that_is_not_there_any_more_is_gone(facts) -> None:
    found = ccf(facts, CCF.replace("2027", "2029"))
    gone = [d for d in found.differences if d.state == "gone"]
    assert short(gone) == [("gone", "toy 2027", "edition")]
    assert "paper 2027-01-15 23:59 AoE (ccfddl, 2026-11-20)" in gone[0].ours


def test_nothing_of_a_file_that_cannot_be_read_is_gone(facts) -> None:
    assert ccf(facts, "- {title: [").differences == []


def test_nothing_of_a_row_that_cannot_be_read_is_gone(facts) -> None:
    found = ccf(facts, CCF.replace("AoE", "Moon/Base"))
    assert found.differences == []
    assert [line.partition(" (")[0] for line in found.faults] == [
        f"{CCF_PATH}: TOY 2027, abstract_deadline: unknown time zone 'Moon/Base'",
        f"{CCF_PATH}: TOY 2027, deadline: unknown time zone 'Moon/Base'",
    ]


def test_a_fault_of_a_venue_that_is_not_ours_is_not_told(facts) -> None:
    other = CCF.replace("TOY", "ELSE").replace("dblp: toy", "dblp: else")
    found = ccf(facts, other.replace("AoE", "Moon/Base"), "conference/AI/else.yml")
    assert found.faults == []


def test_a_file_that_moved_is_found_by_its_key_of_dblp(facts) -> None:
    found = ccf(facts, CCF.replace("01-15", "01-22"), "conference/DB/toy.yml")
    assert short(found.differences) == [("changed", "toy 2027", "paper")]


@pytest.mark.parametrize(("past", "editions"), [(False, 0), (True, 1)])
def test_an_edition_that_is_over_is_compared_if_asked(facts, past, editions) -> None:
    sheets, _ = trackers.ccfddl({CCF_PATH: CCF})
    over = dt.date(2027, 7, 1)
    assert compare(facts, "ccfddl", sheets, over, past=past).editions == editions


def cycles(facts: Conferences, row: str) -> list[Difference]:
    first = "| January 2027 | January 4 | TBA | TBA | TBA | TBA | TBA |"
    sheets, _ = arr.dates({"dates.md": ARR.replace(first, row)})
    return compare(facts, "arr", sheets, DAY).differences


def test_a_cycle_is_compared_with_the_cycle_of_its_name(facts) -> None:
    row = "| January 2027 | January 5 | TBA | TBA | TBA | TBA | TBA |\n"
    row += "| May 2027 | January 4 | TBA | TBA | TBA | TBA | TBA |"
    assert short(cycles(facts, row)) == [
        ("changed", "arr 2027", "paper, January 2027"),
        ("new", "arr 2027", "paper"),
    ]


def test_a_cycle_that_is_announced_is_new(facts) -> None:
    row = "| January 2027 | January 4 | TBA | February 8 | TBA | TBA | TBA |"
    assert short(cycles(facts, row)) == [("new", "arr 2027", "reviews-due")]


def test_a_broad_entry_stands_beside_the_likeliest_kind(facts) -> None:
    row = "    - {type: submission, label: Due, date: '2027-01-09'}"
    text = HF.replace("  deadlines:\n", f"  deadlines:\n{row}\n")
    (one,) = hf(facts, text.replace("type: abstract", "type: withdrawal"))[:1]
    assert (one.state, one.what) == ("differs", "paper")  # the abstract is nearer


def test_a_moved_date_stands_beside_the_one_of_its_source(facts) -> None:
    venue, *rest = facts.venues
    (edition,) = venue.editions
    paper = next(m for m in edition.timeline if m.kind == "paper")
    other = {"src": "hf", "round": 2, "at": paper.at + dt.timedelta(days=8)}
    more = [*edition.timeline, paper.model_copy(update=other)]
    edition = edition.model_copy(update={"timeline": more})
    venues = [venue.model_copy(update={"editions": [edition]}), *rest]
    twice = facts.model_copy(update={"venues": venues})
    (one,) = ccf(twice, CCF.replace("01-15", "01-22")).differences
    assert (one.state, one.what) == ("changed", "paper")  # round 2 is nearer
