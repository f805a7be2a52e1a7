"""The atlas page: every venue as a card, field by field; the way from ARR to venues."""

import datetime as dt
from collections.abc import Iterable
from html import escape

from handbook.facts import calendars, conferences, table
from handbook.facts.agenda import doubts, tracked
from handbook.facts.conferences import (
    FIELDS,
    Acceptance,
    Conferences,
    Edition,
    SideEvent,
    Venue,
)
from handbook.facts.marks import chips
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
YEARS = 3
READING_FRESH_FOR = 365  # days


def atlas_bar(facts: Conferences) -> str:
    """Where the script puts its bar, with the number of venues."""
    fields = ",".join(f"{slug} {field}" for field, slug in FIELDS.items())
    return (
        f'<conference-atlas data-fields="{fields}"><p class=hb-built>'
        f"<output>{len(facts.venues)} 个会议</output></p></conference-atlas>"
    )


def cards(facts: Conferences, field: str, day: dt.date) -> str:
    """The venues of one field."""
    inside = [v for v in facts.venues if v.field == field]
    made = "".join(_card(venue, facts, day) for venue in inside)
    return f'<div class="hb-field">{made}</div>'


def _card(venue: Venue, facts: Conferences, day: dt.date) -> str:
    data = (
        f"data-field={FIELDS[venue.field]} data-kind={venue.kind} "
        f"data-ccf={venue.rank.ccf or 'unknown'}"
    )
    return (
        f'<article class=hb-venue {data}><h3 id="{venue.key}">{escape(venue.name)} '
        f"<small>{escape(venue.full_name)}</small>"
        f'<a class=headerlink href="#{venue.key}" title=本节链接>#</a></h3>'
        f"<p>{_ranks(venue, facts)}</p><p>{escape(venue.about)}</p>"
        f"{f'<p>{escape(venue.note)}</p>' if venue.note else ''}"
        f"{_first(venue, day)}{_editions(venue, facts, day)}"
        f"{_acceptance(venue.acceptance, facts)}{_links(venue, day)}</article>"
    )


def _ranks(venue: Venue, facts: Conferences) -> str:
    words = [KINDS[venue.kind]]
    if venue.rank.ccf == "none":
        words.append(f"CCF {facts.ccf_list} 未列入")
    elif venue.rank.ccf:
        words.append(f"CCF {venue.rank.ccf}（{facts.ccf_list}）")
    if venue.rank.core:
        words.append(f"CORE {venue.rank.core}")
    if venue.rank.thcpl:
        words.append(f"THU {venue.rank.thcpl}")
    return chips(words)


def _first(venue: Venue, day: dt.date) -> str:
    if not venue.start:
        return ""
    rows = []
    for first in venue.start:
        late = table.overdue(first.checked, READING_FRESH_FOR, day)
        mark = chips(["待复核"] if late else [], " hb-doubt")
        link = f'<a href="{escape(first.url)}">{escape(first.what)}</a>'
        rows.append(f"<li>{link} {mark}</li>")
    return f"<p><b>先看什么</b></p><ul>{''.join(rows)}</ul>"


def _editions(venue: Venue, facts: Conferences, day: dt.date) -> str:
    shown = sorted(venue.editions, key=lambda e: -e.year)[:YEARS]
    if not any(e.start or e.months or e.region or e.pending for e in shown):
        return ""
    rows = "".join(_edition(e, facts, day) for e in shown)
    return (
        "<table><thead><tr><th>届</th><th>会期</th><th>地点</th><th>来源</th></tr>"
        f"</thead>{rows}</table>{doubts(*shown)}"
    )


def _edition(edition: Edition, facts: Conferences, day: dt.date) -> str:
    if edition.start:
        end = edition.end
        days = f"{edition.start:%m-%d}" + (f" 至 {end:%m-%d}" if end else " 起")
    else:
        days = edition.months or "未公布"
    reading = edition.reading(edition.date_src or edition.sources[-1].src)
    known = facts.sources[reading.src]
    address = reading.url or tracked(known, reading.path)
    checked = reading.checked or reading.read
    towns = [calendars.place(edition), *(site.city_zh for site in edition.also_at)]
    where = escape("；".join(town for town in towns if town)) or "未公布"
    late = not edition.is_over(day) and table.overdue(checked, calendars.FRESH_FOR, day)
    marks = [calendars.standing(known.standing)]
    marks += ["待复核"] if late else []
    return (
        f'<tr><th scope=row><a href="{escape(edition.website)}">{edition.year}</a>'
        f"</th><td>{days}</td><td>{where}"
        f'</td><td><a href="{escape(address or "")}">{checked}</a> '
        f"{chips(marks, ' hb-doubt' if known.standing != 'official' else '')}</td></tr>"
    )


def _acceptance(counts: Iterable[Acceptance], facts: Conferences) -> str:
    shown = sorted(counts, key=lambda c: -c.year)[:YEARS]
    if not shown:
        return ""
    rows = []
    for count in shown:
        notes = [count.basis] if count.basis else []
        notes += [
            f"另有 {c.accepted}／{c.submitted}（{c.rate:.1%}，"
            f"{facts.sources[c.src].name}{'；' + c.basis if c.basis else ''}）"
            for c in count.others
        ]
        known = facts.sources[count.src]
        address = count.cited or known.url or ""
        rows.append(
            f"<tr><th scope=row>{count.year}</th>"
            f"<td>{count.accepted}／{count.submitted}</td><td>{count.rate:.1%}</td>"
            f"<td>{escape('；'.join(notes)) or '口径未说明'}</td>"
            f'<td><a href="{escape(address)}">{escape(known.name)}</a></td></tr>'
        )
    return (
        "<details><summary>录用数字与口径</summary><table><thead><tr><th>年</th>"
        "<th>录用／投稿</th><th>比率</th><th>口径与其他来源</th><th>来源</th></tr>"
        f"</thead>{''.join(rows)}</table></details>"
    )


def _links(venue: Venue, day: dt.date) -> str:
    alive = [e for e in venue.editions if calendars.has_strip(e, day)]
    links = [
        *((f"{CALENDAR}#s-{venue.key}-{e.year}", f"{e.year} 日程") for e in alive),
        (venue.homepage, "官网"),
        (venue.free_papers, "免费论文"),
        (venue.dblp and DBLP + venue.dblp, "DBLP"),
        *((e.url, SIDE[e.kind]) for e in venue.side_events if e.url),
    ]
    words = [f'<a href="{escape(url)}">{word}</a>' for url, word in links if url]
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


view("atlas-filters")(lambda: atlas_bar(conferences.load()))
view("arr-map")(lambda: arr_map(conferences.load()))
for _field, _slug in FIELDS.items():
    view(f"atlas-{_slug}")(
        lambda field=_field: calendars.shown(
            f"atlas {field}", lambda facts, day: cards(facts, field, day)
        )
    )
