"""Each date of the next twelve months stands in the calendar page and in the feeds.

What ought to be there is read from the YAML itself, not through the machinery.
"""

import datetime as dt
import re
from pathlib import Path

import pytest
import yaml
from lxml import html

from handbook.errors import HandbookError
from handbook.facts import account, agenda, calendars, conferences

DAY = conferences.load().as_of
DAYS = [DAY + dt.timedelta(days=step) for step in (0, 1, 10, 40, 100, 200)]
BEIJING = dt.timezone(dt.timedelta(hours=8))


def said(day: dt.date) -> set[str]:
    """What the file says of the twelve months from a day on, by identity."""
    known = yaml.safe_load(Path("data/conferences.yml").read_text(encoding="utf-8"))
    found = set()
    for venue in known["venues"]:
        for edition in venue.get("editions", []):
            name = f"{venue['key']}-{edition['year']}"
            start = edition.get("start")
            if start and _within(start, edition.get("end", start), day):
                found.add(f"{name}-days")
            for step in edition.get("timeline", []):
                turn = f"-r{step['round']}" if "round" in step else ""
                label = re.sub(r"\W+", "-", step.get("label", "")).strip("-").lower()
                if _within(step["at"], step["at"], day):
                    found.add(f"{name}-{step['kind']}{turn}{f'-{label}' * bool(label)}")
    return found


def _within(first: str, last: str, day: dt.date) -> bool:
    """True if it is not over at 0:00 UTC of a day, and begins within a year of it."""
    midnight = dt.datetime.combine(day, dt.time(), dt.UTC)
    until = day + dt.timedelta(days=365)
    if "T" in first:
        at = dt.datetime.fromisoformat(first)
        return at >= midnight and at.astimezone(BEIJING).date() <= until
    ends = dt.datetime.fromisoformat(f"{last}T00:00:00-12:00") + dt.timedelta(days=1)
    return ends >= midnight and dt.date.fromisoformat(first) <= until


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_each_date_is_a_row_of_the_calendar(day: dt.date) -> None:
    page = html.fromstring(agenda.events(conferences.load(), day))
    rows = page.xpath("//details[contains(@class, 'hb-event')]/@id")
    assert sorted(rows) == sorted(said(day))


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_each_date_is_in_the_feed_of_all_and_of_its_field(day: dt.date) -> None:
    facts = conferences.load()
    feeds = calendars.feeds(facts, day)
    held = {name: {h.anchor for h in feed.found} for name, feed in feeds.items()}
    assert said(day) - held["all.ics"] == set()
    fields = {v.key: f"{conferences.FIELDS[v.field]}.ics" for v in facts.venues}
    for event in said(day):
        key = next(k for k in fields if re.match(rf"{k}-\d{{4}}-", event))
        assert event in held[fields[key]]


def test_an_edition_that_ends_elsewhere_only_now_is_in_the_feed_still() -> None:
    facts = conferences.load()
    days = [h for h in calendars.happenings(facts) if h.kind == "days"]
    ended = next(h for h in days if h.end == h.edition.last_day > DAY)
    after = ended.end + dt.timedelta(days=1)  # until noon it is yesterday somewhere
    assert ended in calendars.upcoming(facts, after)
    assert ended in calendars.feeds(facts, after)["all.ics"].found


@pytest.fixture
def first() -> calendars.Happening:
    return account.due(conferences.load(), DAY)[0]


def test_the_build_names_a_date_that_the_page_lost(first) -> None:
    facts = conferences.load()
    feed = calendars.feeds(facts, DAY)["all.ics"].text().decode()
    page = agenda.events(facts, DAY).replace(f"id={first.anchor}", "id=other")
    (line,) = account.missing(facts, DAY, page, feed)
    place = f"{first.venue.key}, editions {first.edition.year}: {first.kind} on"
    assert place in line and "stands 0 times in the calendar page" in line


def test_the_build_names_a_date_that_the_feed_has_twice(first) -> None:
    facts = conferences.load()
    feed = calendars.feeds(facts, DAY)["all.ics"].text().decode()
    again = f"{feed}\r\nUID:{first.uid}\r\n"
    (line,) = account.missing(facts, DAY, agenda.events(facts, DAY), again)
    assert "stands 2 times in calendars/all.ics" in line


def test_the_build_stops_at_a_date_that_is_lost(monkeypatch) -> None:
    monkeypatch.setattr(calendars, "feed_files", dict)
    with pytest.raises(HandbookError, match="stands 0 times in calendars/all.ics"):
        account.nothing_is_lost()
