"""The calendar page: a row for each date of the next twelve months, and the feeds."""

import datetime as dt
from html import escape
from itertools import groupby

from handbook.facts import calendars, lanes, table, unannounced
from handbook.facts.calendars import (
    ATLAS,
    BEIJING,
    FOLDER,
    HORIZON,
    Happening,
    clock,
    utc,
)
from handbook.facts.conferences import FIELDS, Conferences, Edition, Source
from handbook.facts.marks import attributes, link
from handbook.registry import view

WEEKDAYS = "一二三四五六日"
#: How near the source of a date is to the organisers: the look of its mark, in words.
TRUST = {"official": "o", "quoted": "q", "tracker": "t"}
DISPUTED, STALE = "本届有出入", "待复核"


def events(facts: Conferences, day: dt.date) -> str:
    """The dates of the twelve months from ``day`` on, month by month, as a list."""
    until = day + dt.timedelta(days=HORIZON)
    coming = [h for h in calendars.upcoming(facts, day) if h.day <= until]
    months = []
    for (year, month), found in groupby(coming, lambda h: (h.day.year, h.day.month)):
        rows = [_event(h, facts, day) for h in found]
        months.append(
            f'<section class=hb-month><h2 id="m-{year}-{month:02d}">'
            f"{year} 年 {month} 月 <small>{len(rows)}</small></h2>"
            f"{''.join(rows)}</section>"
        )
    body = "".join(months) or "<p>这十二个月里没有已经公布的日期。</p>"
    fields = ",".join(f"{slug} {field}" for field, slug in FIELDS.items())
    return (
        f'<conference-calendar id=calendar data-built="{day}" data-fields="{fields}">'
        f"{_head(coming, _unknown(facts, coming, day))}"
        f"{lanes.year(coming, day)}{body}</conference-calendar>"
    )


def _head(coming: list[Happening], unknown: str) -> str:
    """One line on the whole list, one on what is not in it, and one on its marks."""
    days = [h.checked for h in coming]
    seen = f" · 核对于 {min(days)} 至 {max(days)}" if days else ""
    marks = "".join(
        f"<span><i class=hb-trust data-is={look}></i>{word}</span>"
        for look, word in (
            ("o", "官方"),
            ("q", "转引"),
            ("t", "未核官网"),
            ('"t x"', STALE),
            ("n", "有出入"),
        )
    )
    return (
        f"<p class=hb-built>十二个月，<output>{len(coming)} 个日期</output>{seen} · "
        f'时刻是北京时间 · <a href="#feeds">订阅</a></p>{unknown}'
        f"<p class=hb-legend>{marks}</p>"
    )


def _unknown(facts: Conferences, coming: list[Happening], day: dt.date) -> str:
    """One line on what is not in the list, because nobody has announced it."""
    due = [h.day for h in coming if h.group == "deadline"]
    until = f"已公布的截止只到 {max(due)}；" if due else ""
    without, of = unannounced.undated(facts, day)
    return (
        f"<p class=hb-built>{until}{of} 个会议里 {without} 个没有见到 "
        f"{unannounced.next_year(day)} 届的日期，"
        '<a href="#unannounced">上届在哪天</a></p>'
    )


def _event(happening: Happening, facts: Conferences, day: dt.date) -> str:
    """A row that unfolds. Its ``data-`` are what the script filters and counts by."""
    venue, edition = happening.venue, happening.edition
    data = {
        "group": happening.group,
        "field": FIELDS[venue.field],
        "ccf": venue.rank.ccf or "unknown",
        "country": calendars.country(edition),
    }
    if happening.instant:
        data["at"] = utc(happening.instant)
    if happening.end and happening.end != happening.begin:
        data["last"] = happening.end
    ranked = venue.rank.ccf in ("A", "B", "C")
    rank = f"<small>CCF {venue.rank.ccf}</small>" if ranked else ""
    doubt = _doubt(happening, facts, day)
    return (
        f"<details class=hb-event id={happening.anchor}{attributes(data)}>"
        f"<summary><time datetime={happening.day}>{_day(happening)}</time>"
        f"<span><b>{escape(happening.name)}</b> {escape(happening.what)}</span>"
        f"{rank}{_trust(happening, facts, doubt)}"
        f"<i class=hb-left></i></summary><p class=hb-zones>{_zones(happening)}</p>"
        f"<p class=hb-source>{'，'.join(doubt)}。{source(happening, facts)}</p>"
        f"{doubts(edition)}</details>"
    )


def _day(happening: Happening) -> str:
    begin, end = happening.day, happening.end
    if end and end != begin:
        last = f"{end:%d}" if end.month == begin.month else f"{end:%m-%d}"
        return f"{begin:%m-%d}–{last}"
    word = f"{begin:%m-%d} 周{WEEKDAYS[begin.weekday()]}"
    if happening.instant:
        return f"{word} {happening.instant.astimezone(BEIJING):%H:%M}"
    return word if happening.group == "days" else f"{word} —"


def _zones(happening: Happening) -> str:
    if happening.instant:
        beijing = happening.instant.astimezone(BEIJING)
        return (
            f"北京 {clock(beijing)} · UTC {clock(happening.instant)}"
            f" · 原文 {clock(happening.begin)} {escape(happening.zone or '')}"
        )
    if happening.group == "days":
        last = happening.end if happening.end != happening.begin else None
        return (
            f"{happening.begin}{f' 至 {last}' if last else ''} · "
            + escape(calendars.place(happening.edition) or "地点未公布")
            + "".join(
                f"；分会场：{escape(site.city_zh)}"
                + (f" {site.start:%m-%d} 至 {site.end:%m-%d}" if site.end else "")
                for site in happening.edition.also_at
            )
        )
    zone = f"（{escape(happening.zone)}）" if happening.zone else ""
    return f"原文只有日期 {happening.begin}{zone}，没有时刻"


def _doubt(happening: Happening, facts: Conferences, day: dt.date) -> list[str]:
    """What a reader should know before trusting a date; first, who says it."""
    words = [calendars.standing(facts.sources[happening.source].standing)]
    if happening.edition.conflicts:
        words.append(DISPUTED)
    if table.overdue(happening.checked, calendars.FRESH_FOR, day):
        words.append(STALE)
    return words


def _trust(happening: Happening, facts: Conferences, doubt: list[str]) -> str:
    """A mark for the words of ``_doubt``, which are its name."""
    looks = [TRUST[facts.sources[happening.source].standing]]
    looks += [look for look, word in (("n", DISPUTED), ("x", STALE)) if word in doubt]
    look = looks[0] if len(looks) == 1 else f'"{" ".join(looks)}"'
    return f'<i class=hb-trust data-is={look} role=img title="{"，".join(doubt)}"></i>'


def source(happening: Happening, facts: Conferences) -> str:
    """Where a date comes from, the day for which that speaks, and the official page."""
    known = facts.sources[happening.source]
    address = happening.address or tracked(known, happening.reading.path)
    word = known.name if known.standing == "tracker" else "官方页面"
    linked = link(address, escape(word)) if address else word
    arr = "经 ARR · " if happening.milestone and happening.milestone.via else ""
    return (
        f"{arr}来源：{linked}，核对 {happening.checked} · "
        f"{link(happening.edition.website, '当届官网')} · "
        f"{link(f'{ATLAS}#{happening.venue.key}', '会议卡片')}"
    )


def tracked(known: Source, path: str | None) -> str | None:
    """The file of a snapshot, at the commit that was read."""
    if not (known.url and path and known.commit):
        return known.url
    return f"{known.url}/blob/{known.commit[:10]}/{path}"


def doubts(*editions: Edition) -> str:
    """What sources disagree on."""
    items = "".join(
        f"<li>{edition.year}：{escape(line)}</li>"
        for edition in editions
        for line in [*edition.conflicts, edition.corrected]
        if line
    )
    return f"<p class=hb-doubts>出入与更正</p><ul>{items}</ul>" if items else ""


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


view("conference-calendar")(lambda: calendars.shown("events", events))
view("conference-feeds")(lambda: calendars.shown("table of feeds", feeds))
