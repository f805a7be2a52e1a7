"""The calendar page: the next twelve months, each edition's strip, the feeds."""

import datetime as dt
from collections.abc import Iterable
from html import escape
from itertools import groupby

from handbook.facts import calendars, table
from handbook.facts.calendars import BEIJING, FOLDER, GROUPS, Happening, clock
from handbook.facts.conferences import (
    FIELDS,
    KINDS,
    Conferences,
    Edition,
    Source,
    Venue,
)
from handbook.registry import view

HORIZON = 365  # days
WEEKDAYS = "一二三四五六日"
ATLAS = "../conference-atlas/"


def events(facts: Conferences, day: dt.date) -> str:
    """The dates of the twelve months from ``day`` on, month by month, as a list."""
    until = day + dt.timedelta(days=HORIZON)
    coming = [h for h in calendars.upcoming(facts, day) if h.day <= until]
    months = []
    for (year, month), found in groupby(coming, lambda h: (h.day.year, h.day.month)):
        rows = "".join(_event(h, facts, day) for h in found)
        months.append(
            f'<section class="hb-month"><h3 id="m-{year}-{month:02d}">{year} 年 '
            f'{month} 月</h3><ol class="hb-events">{rows}</ol></section>'
        )
    body = "".join(months) or "<p>这十二个月里没有已经公布的日期。</p>"
    return (
        f'<conference-calendar data-built="{day}"><p class="hb-built">'
        f"下表从构建日 {day} 算起，共 {len(coming)} 个日期。</p>{body}"
        "</conference-calendar>"
    )


def _event(happening: Happening, facts: Conferences, day: dt.date) -> str:
    venue, edition = happening.venue, happening.edition
    data = {
        "group": happening.group,
        "field": FIELDS[venue.field],
        "field-name": venue.field,
        "ccf": venue.rank.ccf or "unknown",
        "country": _country(edition),
        "day": happening.day,
        "over": _utc(happening.over),
    }
    if happening.instant:
        data["at"] = _utc(happening.instant)
    if happening.end and happening.end != happening.begin:
        data["last"] = happening.end
    attributes = "".join(f' data-{k}="{escape(str(v))}"' for k, v in data.items())
    name = happening.uid.partition("@")[0]
    return (
        f'<li class="hb-event" id="{name}"{attributes}><p class="hb-event-head">'
        f'<span class="hb-day">{_day(happening)}</span> '
        f'<a href="{ATLAS}#{venue.key}">{escape(happening.name)}</a> '
        f"<b>{escape(happening.what)}</b> {_chips(happening, facts, day)}"
        f'</p><p class="hb-zones">{_zones(happening)}</p>'
        f'<p class="hb-source">{source(happening, facts)}</p>'
        f"{doubts(edition)}</li>"
    )


def _day(happening: Happening) -> str:
    begin, end = happening.day, happening.end
    word = f"{begin:%m-%d} 周{WEEKDAYS[begin.weekday()]}"
    if end and end != begin:
        word += f" 至 {end:%m-%d} 周{WEEKDAYS[end.weekday()]}"
    return f'<time datetime="{begin}">{word}</time>'


def _zones(happening: Happening) -> str:
    if happening.instant:
        beijing = happening.instant.astimezone(BEIJING)
        return (
            f'北京 <time datetime="{_utc(happening.instant)}">{clock(beijing)}</time>'
            f" · UTC {clock(happening.instant)}"
            f" · 原文 {clock(happening.begin)} {escape(happening.zone or '')}"
        )
    if happening.group == "days":
        return escape(calendars.place(happening.edition) or "地点未公布") + "".join(
            f"；分会场：{escape(site.city_zh)}"
            + (f" {site.start:%m-%d} 至 {site.end:%m-%d}" if site.end else "")
            for site in happening.edition.also_at
        )
    zone = f"（{escape(happening.zone)}）" if happening.zone else ""
    return f"原文只有日期 {happening.begin}{zone}，没有时刻"


def _chips(happening: Happening, facts: Conferences, day: dt.date) -> str:
    venue, milestone = happening.venue, happening.milestone
    words = [GROUPS[happening.group]]
    if venue.rank.ccf in ("A", "B", "C"):
        words.append(f"CCF {venue.rank.ccf}")
    if milestone and milestone.via:
        words.append(f"经 {milestone.via}")
    doubt = []
    if milestone and milestone.status == "proposed":
        doubt.append("拟定")
    standing = facts.sources[happening.source].standing
    if standing != "official":
        doubt.append(calendars.standing(standing))
    if happening.edition.conflicts:
        doubt.append("本届有出入")
    if table.overdue(happening.checked, calendars.FRESH_FOR, day):
        doubt.append("待复核")
    return chips(words) + " " + chips(doubt, " hb-doubt")


def chips(words: Iterable[str], more: str = "") -> str:
    """Short marks beside a name."""
    kind = f'"hb-chip{more}"' if more else "hb-chip"
    return " ".join(f"<span class={kind}>{escape(word)}</span>" for word in words)


def source(happening: Happening, facts: Conferences) -> str:
    """Where a date comes from, the day for which that speaks, and the official page."""
    known = facts.sources[happening.source]
    address = happening.address or tracked(known, happening.reading.path)
    shown = {"official": "官方页面", "quoted": "公开笔记转引的官方页面"}
    word = shown.get(known.standing, known.name)
    linked = f'<a href="{escape(address)}">{escape(word)}</a>' if address else word
    site = escape(happening.edition.website)
    return f'来源：{linked}，核对 {happening.checked} · <a href="{site}">当届官网</a>'


def tracked(known: Source, path: str | None) -> str | None:
    """The file of a snapshot, at the commit that was read."""
    if not (known.url and path and known.commit):
        return known.url
    return f"{known.url}/blob/{known.commit[:10]}/{path}"


def doubts(*editions: Edition) -> str:
    """What sources disagree on, folded."""
    items = "".join(
        f"<li>{edition.year}：{escape(line)}</li>"
        for edition in editions
        for line in [*edition.conflicts, edition.corrected]
        if line
    )
    if not items:
        return ""
    return f"<details><summary>出入与更正</summary><ul>{items}</ul></details>"


def editions(facts: Conferences, day: dt.date) -> str:
    """A strip for each edition that is not over: from its first date to its days."""
    alive = [
        (venue, edition)
        for venue in facts.venues
        for edition in venue.editions
        if calendars.has_strip(edition, day)
    ]
    alive.sort(
        key=lambda pair: (str(pair[1].start or f"{pair[1].year}-99"), pair[0].key)
    )
    return (
        '<div class="hb-strips">'
        + "".join(_strip(venue, edition, day) for venue, edition in alive)
        + "</div>"
    )


def _strip(venue: Venue, edition: Edition, day: dt.date) -> str:
    order = {kind: number for number, kind in enumerate([*KINDS, "days"])}
    found = sorted(
        calendars.of_edition(venue, edition),
        key=lambda h: (h.day, order[h.kind]),
    )
    now = dt.datetime.combine(day, dt.time(), dt.UTC)
    steps = "".join(
        f'<li data-over="{_utc(h.over)}" data-group="{h.group}"'
        f"{' class=hb-past' if h.over < now else ''}>"
        f"<time datetime={h.day}>{h.day}</time> {escape(h.what)}{_until(h)}</li>"
        for h in found
    )
    where = escape(calendars.place(edition))
    pending = "".join(f"<p>未公布：{escape(line)}</p>" for line in edition.pending)
    return (
        f'<section data-field="{FIELDS[venue.field]}" '
        f'data-ccf="{venue.rank.ccf or "unknown"}" '
        f'data-country="{escape(_country(edition))}">'
        f'<h3 id="s-{venue.key}-{edition.year}">{escape(venue.name)} {edition.year}'
        f"{f'<small>{where}</small>' if where else ''}</h3>"
        f'<ol class="hb-strip">{steps}</ol>{pending}</section>'
    )


def _until(happening: Happening) -> str:
    last = happening.end
    return f"，至 {last:%m-%d}" if last and last != happening.begin else ""


def _country(edition: Edition) -> str:
    return edition.country_zh or edition.region or "未公布"


def feeds(facts: Conferences, day: dt.date) -> str:
    """The table of feeds: what is in them, how many events, the file."""
    rows = "".join(
        f'<tr><th scope="row">{escape(feed.title)}</th><td>{len(feed.found)}</td>'
        f'<td><a href="../../{FOLDER}/{name}">{name}</a></td></tr>'
        for name, feed in calendars.feeds(facts, day).items()
    )
    return (
        "<table><thead><tr><th>内容</th><th>事件数</th><th>文件</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def _utc(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


view("conference-calendar")(lambda: calendars.shown("events", events))
view("conference-editions")(lambda: calendars.shown("editions", editions))
view("conference-feeds")(lambda: calendars.shown("table of feeds", feeds))
