"""What wants to be looked at again, and in which order."""

import datetime as dt

from handbook.facts.conferences import Conferences
from handbook.refresh.overdue import overdue


def checked(facts: Conferences, days: dict[str, str]) -> Conferences:
    """The facts with another day of checking for each venue."""
    venues = []
    for venue in facts.venues:
        (edition,) = venue.editions
        day = dt.date.fromisoformat(days[venue.key])
        sources = [r.model_copy(update={"checked": day}) for r in edition.sources]
        edition = edition.model_copy(update={"sources": sources})
        venues.append(venue.model_copy(update={"editions": [edition]}))
    return facts.model_copy(update={"venues": venues})


def names(facts: Conferences, day: str, **days: str) -> list[str]:
    found = overdue(checked(facts, days), dt.date.fromisoformat(day))
    return [row.venue for row in found]


def test_what_was_checked_lately_is_not_overdue(facts) -> None:
    assert names(facts, "2026-11-27", toy="2026-11-20", arr="2026-11-20") == []


def test_after_a_season_all_is_overdue_the_next_deadline_first(facts) -> None:
    old = {"toy": "2026-08-01", "arr": "2026-08-02"}
    assert names(facts, "2026-11-27", **old) == ["arr", "toy"]


def test_near_a_deadline_a_month_is_old(facts) -> None:
    days = {"toy": "2026-11-20", "arr": "2026-11-20"}
    assert names(facts, "2026-12-20", **days) == []
    assert names(facts, "2026-12-21", **days) == ["arr", "toy"]


def test_it_says_what_comes_next_and_how_many_are_old(facts) -> None:
    days = {"toy": "2026-08-01", "arr": "2026-11-20"}
    (row,) = overdue(checked(facts, days), dt.date(2026, 11, 27))
    assert (row.name, row.what, row.old) == ("TOY 2027", "abstract", 4)
    assert (row.next, row.checked) == (dt.date(2027, 1, 9), dt.date(2026, 8, 1))
