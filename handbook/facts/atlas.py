"""The atlas page: a row a venue that unfolds, by field; the way from ARR to venues."""

import datetime as dt
import re
from html import escape

from handbook.facts import acceptance, calendars, conferences, editions, table
from handbook.facts.calendars import utc
from handbook.facts.conferences import (
    FIELDS,
    Conferences,
    SideEvent,
    Venue,
)
from handbook.facts.marks import attributes, chips, link
from handbook.registry import view

CALENDAR = "../conference-calendar/"
DBLP = "https://dblp.org/db/"
KINDS = {
    "conference": "会议",
    "workshop": "研讨会系列",
    "journal": "期刊",
    "review-platform": "评审平台",
    "event": "大会与论坛",
}
SIDE = {
    "tutorials": "教程",
    "workshops": "研讨会",
    "competitions": "竞赛",
    "shared-tasks": "共享任务",
}
#: The columns of the grid; what no list names stands with what a list is known not to.
RANKS = {"A": "A", "B": "B", "C": "C", "none": "未列入或未查到"}
READING_FRESH_FOR = 365  # days


def head(facts: Conferences) -> str:
    """One line on all venues; the script puts its bar below it."""
    fields = ",".join(f"{slug} {field}" for field, slug in FIELDS.items())
    return (
        f'<conference-atlas data-fields="{fields}"><p class=hb-built>'
        f"<output>{len(facts.venues)} 个会议</output>，按领域排列；点开一行，是它收"
        f"什么、先看什么与一行录用数 · 日期看{link(CALENDAR, '会议日历')}，"
        f"各届看{link(editions.PAGE, '届次')}</p></conference-atlas>"
    )


def grid(facts: Conferences) -> str:
    """Fields by rank: every venue once, as a link to its row."""
    inside: dict[tuple[str, str], list[str]] = {}
    for venue in facts.venues:
        rank = venue.rank.ccf if venue.rank.ccf in RANKS else "none"
        name = link(f"#{venue.key}", escape(venue.name))
        inside.setdefault((venue.field, rank), []).append(name)
    rows = "".join(
        f"<tr><th scope=row>{link(f'#{slug}', field)}</th>"
        + "".join(f"<td>{' '.join(inside.get((field, r), []))}</td>" for r in RANKS)
        + "</tr>"
        for field, slug in FIELDS.items()
    )
    names = "".join(f"<th scope=col>{word}</th>" for word in RANKS.values())
    return (
        "<table class=hb-grid aria-label=领域与等级><thead><tr>"
        f"<th scope=col>领域 ╲ CCF</th>{names}</tr></thead>{rows}</table>"
    )


def cards(facts: Conferences, field: str, day: dt.date) -> str:
    """The venues of one field: a row each, which unfolds to all that is known."""
    inside = [v for v in facts.venues if v.field == field]
    made = "".join(_card(venue, facts, day) for venue in inside)
    return f"<div class=hb-field>{made}</div>"


def _card(venue: Venue, facts: Conferences, day: dt.date) -> str:
    data = {
        "field": FIELDS[venue.field],
        "kind": venue.kind,
        "ccf": venue.rank.ccf or "unknown",
    }
    about = " · ".join([escape(venue.full_name), *_ranks(venue, facts)])
    return (
        f"<details class=hb-venue{attributes(data)}>"
        f"<summary><h3 id={venue.key}>{escape(venue.name)}</h3>{_next(venue, day)}"
        f"<small>{_short(venue)}</small><small>{_starts(venue)}</small></summary>"
        f"<p class=hb-rank>{about}</p><p>{escape(venue.about)}</p>"
        f"{f'<p>{escape(venue.note)}</p>' if venue.note else ''}"
        f"{_first(venue, day)}{acceptance.newest(venue)}{_links(venue, day)}</details>"
    )


def _next(venue: Venue, day: dt.date) -> str:
    """Its next deadline, then the days of its next edition."""
    now = dt.datetime.combine(day, dt.time(), dt.UTC)
    alive = [e for e in venue.editions if not e.is_over(day)]
    coming = [h for e in alive for h in calendars.of_edition(venue, e) if h.over >= now]
    due = [h for h in coming if h.group == "deadline"]
    days = [h for h in coming if h.group == "days"]
    words = []
    if due:
        first = min(due, key=lambda h: (h.day, h.over))
        words.append(f"<b data-over={utc(first.over)}>截止 {first.day}</b>")
    if days:
        first = min(days, key=lambda h: h.day)
        town = escape(first.edition.city_zh or first.edition.region or "")
        words.append(f"会期 {first.day}{f' {town}' if town else ''}")
    return f"<span>{' '.join(words) or '下一届日期未公布'}</span>"


def _short(venue: Venue) -> str:
    """Its ranks in CCF, CORE and TH-CPL: ``A·A*·A``; a dash where a list has none."""
    rank = venue.rank
    words = [rank.ccf if rank.ccf in ("A", "B", "C") else None, rank.core, rank.thcpl]
    return "·".join(word or "–" for word in words) if any(words) else ""


def _starts(venue: Venue) -> str:
    return f"先看 {len(venue.start)}" if venue.start else ""


def _ranks(venue: Venue, facts: Conferences) -> list[str]:
    words = [KINDS[venue.kind]]
    if venue.rank.ccf == "none":
        words.append(f"CCF {facts.ccf_list} 未列入")
    elif venue.rank.ccf:
        words.append(f"CCF {venue.rank.ccf}（{facts.ccf_list}）")
    if venue.rank.core:
        words.append(f"CORE {venue.rank.core}")
    if venue.rank.thcpl:
        words.append(f"THU {venue.rank.thcpl}")
    return words


def _first(venue: Venue, day: dt.date) -> str:
    """What to look at first: the thing itself is the link, why is plain text."""
    if not venue.start:
        return ""
    rows = []
    for first in venue.start:
        late = table.overdue(first.checked, READING_FRESH_FOR, day)
        mark = f" {chips(['待复核'], ' hb-doubt')}" if late else ""
        thing, *why = re.split("(?=[：；，])", first.what, maxsplit=1)
        words = f"{link(first.url, escape(thing))}{escape(''.join(why))}"
        rows.append(f"<li>{words}{mark}</li>")
    return f"<p class=hb-doubts>先看什么</p><ul>{''.join(rows)}</ul>"


def _links(venue: Venue, day: dt.date) -> str:
    alive = [e for e in venue.editions if calendars.has_strip(e, day)]
    links = [
        *((f"{CALENDAR}#s-{venue.key}-{e.year}", f"{e.year} 日程") for e in alive),
        (venue.homepage, "官网"),
        (venue.free_papers, "免费论文"),
        (venue.dblp and DBLP + venue.dblp, "DBLP"),
        *((e.url, SIDE[e.kind]) for e in venue.side_events if e.url),
    ]
    words = [editions.way(venue)] if editions.told(venue) else []
    words += [link(url, word) for url, word in links if url]
    words += [_told(e) for e in venue.side_events if not e.url]
    return f"<p class=hb-links>{' · '.join(words)}</p>" if words else ""


def _told(event: SideEvent) -> str:
    """A side event without an official page: the evidence is said to be weak."""
    return f"{SIDE[event.kind]}（有先例，未见官方页面）"


def arr_map(facts: Conferences) -> str:
    """Which venues take papers from ARR: the dates that their sources give."""
    rows = []
    for venue in facts.venues:
        for edition in sorted(venue.editions, key=lambda e: -e.year)[:2]:
            steps = [
                m
                for m in edition.timeline
                if m.via == "ARR" or (m.kind == "commitment" and venue.key != "arr")
            ]
            rows += [
                f'<tr><th scope=row><a href="#{venue.key}">{escape(venue.name)}'
                f"</a> {edition.year}</th><td>{escape(calendars.milestone_name(m))}"
                f"</td><td>{calendars.clock(m.at) if m.instant else m.at}"
                f" {escape(m.tz or '')}</td></tr>"
                for m in steps
            ]
    return (
        "<table><thead><tr><th>会议</th><th>节点</th><th>来源写的时间</th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


view("atlas")(lambda: head(conferences.load()))
view("atlas-grid")(lambda: grid(conferences.load()))
view("arr-map")(lambda: arr_map(conferences.load()))
for _field, _slug in FIELDS.items():
    view(f"atlas-{_slug}")(
        lambda field=_field: calendars.shown(
            f"atlas {field}", lambda facts, day: cards(facts, field, day)
        )
    )
