"""Editions whose dates were looked at too long ago, the next deadline first."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from handbook.facts import calendars
from handbook.facts.calendars import FRESH_FOR, Happening
from handbook.facts.conferences import Conferences

SOON = 30  # days: a date that near wants to have been looked at within as many


@dataclass(frozen=True)
class Overdue:
    """An edition to look at again, and why now."""

    venue: str
    name: str
    checked: dt.date  # of the oldest of its coming dates that are too old
    old: int  # how many are too old
    next: dt.date  # its next deadline, or next date where no deadline is ahead
    what: str
    website: str


def overdue(facts: Conferences, day: dt.date) -> list[Overdue]:
    """What to look at again on ``day``, in the order of what comes next."""
    editions: dict[tuple[str, int], list[Happening]] = defaultdict(list)
    for happening in calendars.upcoming(facts, day):
        editions[happening.venue.key, happening.edition.year].append(happening)
    found = []
    for coming in editions.values():
        old = [h for h in coming if _stale(h, day)]
        if not old:
            continue
        due = [h for h in coming if h.group == "deadline"] or coming
        oldest = min(old, key=lambda h: h.checked)
        found.append(
            Overdue(
                venue=oldest.venue.key,
                name=oldest.name,
                checked=oldest.checked,
                old=len(old),
                next=due[0].day,
                what=due[0].kind,
                website=oldest.edition.website,
            )
        )
    return sorted(found, key=lambda row: (row.next, row.name))


def _stale(happening: Happening, day: dt.date) -> bool:
    """True after ``FRESH_FOR`` days; near its day, after ``SOON`` days."""
    age = (day - happening.checked).days
    near = (happening.day - day).days <= SOON
    return age > (SOON if near else FRESH_FOR)
