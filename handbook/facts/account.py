"""Events in, events out: each date of the next twelve months is where readers look."""

import datetime as dt
import re

from handbook.errors import HandbookError
from handbook.facts import agenda, calendars, conferences, table
from handbook.facts.calendars import HORIZON, Happening
from handbook.facts.conferences import Conferences
from handbook.registry import check

ROW = re.compile(r"<details class=hb-event id=([\w-]+)")
EVENT = re.compile(r"^UID:([\w-]+)@", re.MULTILINE)


def due(facts: Conferences, day: dt.date) -> list[Happening]:
    """What is not over on ``day`` and begins within twelve months of it."""
    until = day + dt.timedelta(days=HORIZON)
    return [h for h in calendars.upcoming(facts, day) if h.day <= until]


def missing(facts: Conferences, day: dt.date, page: str, feed: str) -> list[str]:
    """A line for each date that is in no row of the page, or no event of the feed."""
    places = {
        "the calendar page": ROW.findall(page),
        "calendars/all.ics": EVENT.findall(re.sub(r"\r?\n[ \t]", "", feed)),
    }
    return [
        f"{conferences.FILE}: {h.venue.key}, editions {h.edition.year}: {h.kind} on"
        f" {h.day} stands {held.count(h.anchor)} times in {place}, not once"
        " (the rows are made in handbook/facts: agenda.py, calendars.py)"
        for place, held in places.items()
        for h in due(facts, day)
        if held.count(h.anchor) != 1
    ]


@check
def nothing_is_lost() -> None:
    """Raises ``HandbookError`` with a line for each date that a reader would miss."""
    facts, day = conferences.load(), table.today()
    page = calendars.shown("events", agenda.events)
    feed = calendars.feed_files().get(f"{calendars.FOLDER}/all.ics", b"")
    if lines := missing(facts, day, page, feed.decode("utf-8")):
        raise HandbookError("\n".join(lines))
