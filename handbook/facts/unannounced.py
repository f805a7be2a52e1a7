"""What has no date in our file yet, with the date of the edition before beside it.

Nothing here says when anything will be: the edition before is a fact, and so marked.
"""

import datetime as dt
from dataclasses import dataclass
from html import escape

from handbook.facts import calendars
from handbook.facts.calendars import ATLAS, Happening
from handbook.facts.conferences import KINDS, Conferences, Edition, Venue
from handbook.facts.marks import link
from handbook.registry import view

#: The nodes that a reader waits for, in the order in which an edition meets them.
NODES = ("abstract", "paper", "commitment", "notification", "camera-ready", "days")
ORDER = {kind: number for number, kind in enumerate([*KINDS, "days"])}


@dataclass(frozen=True)
class Waiting:
    """An edition of which something is not announced, or the next one of a venue."""

    venue: Venue
    edition: Edition | None  # None: not even its year is known
    before: Edition
    last: list[Happening]  # of the edition before: what this one does not have yet


def selects(venue: Venue) -> bool:
    """True of what has editions that people go to."""
    return venue.kind in ("conference", "workshop", "event")


def dated(edition: Edition) -> bool:
    """True if any date of it is known."""
    return bool(edition.start or edition.timeline)


def next_year(day: dt.date) -> int:
    """The year whose editions are awaited: from July on, the next one."""
    return day.year + (day.month >= 7)


def undated(facts: Conferences, day: dt.date) -> tuple[int, int]:
    """How many venues have no date of the awaited year yet, and of how many."""
    venues = [venue for venue in facts.venues if selects(venue)]
    known = [
        venue
        for venue in venues
        if any(e.year == next_year(day) and dated(e) for e in venue.editions)
    ]
    return len(venues) - len(known), len(venues)


def waiting(facts: Conferences, day: dt.date) -> list[Waiting]:
    """Every edition ahead that lacks a node which the edition before it had.

    In the order of the year in which the edition before met the first of them.
    """
    found = []
    for venue in filter(selects, facts.venues):
        editions = sorted(venue.editions, key=lambda e: e.year)
        ahead: list[Edition | None] = [e for e in editions if not e.is_over(day)]
        for edition in ahead or [None]:
            earlier = [e for e in editions if edition is None or e.year < edition.year]
            before = next((e for e in reversed(earlier) if dated(e)), None)
            if before is None:
                continue
            last = _lacking(venue, edition, before, day)
            if last:
                found.append(Waiting(venue, edition, before, last))
    return sorted(found, key=lambda w: (_season(w.last[0].day, day), w.venue.key))


def _lacking(
    venue: Venue, edition: Edition | None, before: Edition, day: dt.date
) -> list[Happening]:
    """The nodes of the edition before that are still to be announced of this one.

    A node is not awaited once a later one of its edition is past.
    """
    own = calendars.of_edition(venue, edition) if edition else []
    now = dt.datetime.combine(day, dt.time(), dt.UTC)
    reached = max((ORDER[h.kind] for h in own if h.over < now), default=-1)
    known = {h.kind for h in own}
    lacking = [
        h
        for h in calendars.of_edition(venue, before)
        if h.kind in NODES and h.kind not in known and ORDER[h.kind] > reached
    ]
    return sorted(lacking, key=lambda h: (h.day, ORDER[h.kind]))


def _season(last: dt.date, day: dt.date) -> int:
    """Days of the year from today's place in it to that of an earlier date."""
    return (last - day).days % 365


def table(facts: Conferences, day: dt.date) -> str:
    """A row an edition: its name, what it lacks, and when the one before had it."""
    rows = "".join(_row(each) for each in waiting(facts, day))
    if not rows:
        return "<p>每一届的节点都已见到日期。</p>"
    return (
        "<table class=hb-last><thead><tr><th scope=col>会议"
        f"<th scope=col>没有见到日期的节点（上届，非预测）</tr></thead>{rows}</table>"
    )


def _row(each: Waiting) -> str:
    year = f" {each.edition.year}" if each.edition else " 下一届"
    nodes = " ".join(_node(happening) for happening in each.last)
    name = link(f"{ATLAS}#{each.venue.key}", escape(each.venue.name))
    return f"<tr><th scope=row>{name}{year}<td>{nodes}</tr>"


def _node(happening: Happening) -> str:
    """What is awaited, and when it was the last time, to its last day."""
    last = happening.end
    until = f" 至 {last:%m-%d}" if last and last != happening.begin else ""
    return (
        f"<span>{escape(happening.what)} "
        f"<small>上届 <time>{happening.day}</time>{until}</small></span>"
    )


view("conference-unannounced")(lambda: calendars.shown("unannounced", table))
