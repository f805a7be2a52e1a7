"""Time drawn from left to right: the year as one ribbon, and a lane for each edition.

Both are HTML whose places are fractions of an axis (``--x``), so that letters keep
their size on a phone. What a mark means stands in its link; the script adds filters.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby

from handbook.facts import calendars
from handbook.facts.calendars import HORIZON, Happening, utc
from handbook.facts.conferences import FIELDS, KINDS, Conferences, Edition, Venue
from handbook.facts.marks import attributes
from handbook.registry import view

#: The lanes of the ribbon, and the groups of dates in each.
RIBBON = {
    "deadline": "截止",
    "result": "结果",
    "camera-ready": "评审终稿",
    "days": "会期",
}


def year(coming: Iterable[Happening], day: dt.date) -> str:
    """Twelve months as four lanes: a tick a day on which something is due."""
    axis = Axis(day, day + dt.timedelta(days=HORIZON))
    found: dict[str, list[Happening]] = {lane: [] for lane in RIBBON}
    for happening in coming:
        found[_lane(happening)].append(happening)
    lanes = "".join(
        f"<div data-group={lane}><b>{word}</b>{_ticks(found[lane], axis)}</div>"
        for lane, word in RIBBON.items()
    )
    return (
        "<div class=hb-year role=group "
        'aria-label="一年一览，方向键在有事的日子之间移动">'
        f"{axis.months(1)}{lanes}</div>"
    )


def _lane(happening: Happening) -> str:
    return "camera-ready" if happening.group == "review" else happening.group


def _ticks(found: Iterable[Happening], axis: "Axis") -> Iterator[str]:
    made = []
    for day, same in groupby(found, lambda h: h.day):
        first, *more = same
        wide = axis.length(first.begin, first.end) if first.group == "days" else ""
        words = f"{day:%m-%d} {first.name}"
        words += f" 等 {len(more) + 1} 个" if more else ""
        made.append(
            f"<a href=#{first.anchor} tabindex=-1 style=--x:{axis.at(day)}{wide} "
            f'title="{escape(words)}"></a>'
        )
    return "".join(made)


class Axis:
    """Days from ``first`` to ``last``, as fractions from 0 to 1."""

    def __init__(self, first: dt.date, last: dt.date) -> None:
        self.first, self.last = first, last

    def at(self, day: dt.date) -> str:
        """Where a day stands: ``.125``."""
        place = (day - self.first).days / (self.last - self.first).days
        return f"{min(max(place, 0), 1):.3f}".lstrip("0")

    def length(self, begin: dt.date, end: dt.date | None) -> str:
        """The property for how long something lasts, its last day included."""
        days = ((end or begin) - begin).days + 1
        share = days / (self.last - self.first).days
        return f";--w:{share:.3f}".replace("0.", ".")

    def months(self, step: int) -> str:
        """The names of every ``step``-th month where it begins."""
        marks = []
        year, month = self.first.year, self.first.month
        while (begin := dt.date(year, month, 1)) < self.last:
            fits = step == 1 or (self.last - begin).days > 31  # its letters do
            if begin >= self.first and (month - 1) % step == 0 and fits:
                word = f"{month}<span> 月</span>"
                if step > 1 and month == 1:
                    word = f"{year}"
                marks.append(f"<i style=--x:{self.at(begin)}>{word}</i>")
            year, month = year + month // 12, month % 12 + 1
        return f"<div class=hb-axis aria-hidden=true>{''.join(marks)}</div>"


def editions(facts: Conferences, day: dt.date) -> str:
    """A lane for each edition that is not over: from its first date to its days."""
    alive = [
        (venue, edition)
        for venue in facts.venues
        for edition in venue.editions
        if calendars.has_strip(edition, day)
    ]
    if not alive:
        return "<p>没有还未结束、而且公布了日期的会议。</p>"
    alive.sort(
        key=lambda pair: (str(pair[1].start or f"{pair[1].year}-99"), pair[0].key)
    )
    days = [d for v, e in alive for h in calendars.of_edition(v, e) for d in _ends(h)]
    axis = Axis(min(days), max(days) + dt.timedelta(days=14))
    return (
        f"<div class=hb-strips data-first={axis.first} data-last={axis.last} "
        f'style="--now:{axis.at(day)}">{axis.months(3)}'
        + "".join(_strip(venue, edition, day, axis) for venue, edition in alive)
        + "</div>"
    )


def _ends(happening: Happening) -> tuple[dt.date, dt.date]:
    return happening.day, happening.end or happening.day


def _strip(venue: Venue, edition: Edition, day: dt.date, axis: Axis) -> str:
    """A name that unfolds, and beside it the marks, whose words stand below it then."""
    order = {kind: number for number, kind in enumerate([*KINDS, "days"])}
    found = sorted(
        calendars.of_edition(venue, edition),
        key=lambda h: (h.day, order[h.kind]),
    )
    anchor = f"s-{venue.key}-{edition.year}"
    data = {
        "field": FIELDS[venue.field],
        "ccf": venue.rank.ccf or "unknown",
        "country": calendars.country(edition),
    }
    steps = "".join(_step(h, day, axis, anchor) for h in found)
    where = escape(calendars.place(edition)) or "地点未公布"
    pending = "".join(f"<p>未公布：{escape(line)}</p>" for line in edition.pending)
    return (
        f"<section{attributes(data)} "
        f"style=--a:{axis.at(found[0].day)};--b:{axis.at(found[-1].day)}>"
        f"<details class=hb-lane><summary><h3 id={anchor}>"
        f"{escape(venue.name)} {edition.year}</h3>"
        f"</summary><p>{where}</p>{pending}</details>"
        f"<ol class=hb-strip>{steps}</ol></section>"
    )


def _step(happening: Happening, day: dt.date, axis: Axis, anchor: str) -> str:
    """A date of an edition: a link to its row, where the calendar has one."""
    now = dt.datetime.combine(day, dt.time(), dt.UTC)
    past = happening.over < now
    listed = not past and happening.day <= day + dt.timedelta(days=HORIZON)
    wide = ""
    if happening.group == "days":
        wide = axis.length(happening.begin, happening.end)
    last = happening.end
    until = f"，至 {last:%m-%d}" if last and last != happening.begin else ""
    ends = "class=hb-past" if past else f"data-over={utc(happening.over)}"
    return (
        f"<li {ends} data-group={happening.group}>"
        f"<a href=#{happening.anchor if listed else anchor} "
        f"style=--x:{axis.at(happening.day)}{wide}>"
        f"<time>{happening.day}</time> {escape(happening.what)}{until}</a></li>"
    )


view("conference-editions")(lambda: calendars.shown("editions", editions))
