"""The page of editions: when and where each was, and whether two sources say so.

The atlas leads here from each venue, and each venue here leads back to its card.
"""

import datetime as dt
from collections import Counter
from html import escape

from handbook.facts import calendars, conferences, table, years
from handbook.facts.agenda import tracked
from handbook.facts.conferences import FIELDS, Conferences, Edition, Venue
from handbook.facts.marks import link
from handbook.registry import view

PAGE = "../conference-editions/"
CALENDAR = "../conference-calendar/"
HEAD = {"届": "", "会期": "", "地点": "", "来源": ""}
#: Whether a second source gives the days of a past edition.
TWICE, ONCE = "✓ 两处", "○ 一处"
DISPUTED = "出入与更正"
#: What a second source is, by its key in the facts; the others are trackers.
SECONDS = {
    "dblp": "DBLP 所记的论文集题名",
    "header": "论文首页的版权栏或页眉",
    "notes": "公开笔记转引的官网",
    "report": "与会者、组织者或媒体的记述",
    "pmlr": "PMLR 论文集的卷首",
    "web": "会议官网",
    "title": "出版社给的论文集题名",
}


def told(venue: Venue) -> list[Edition]:
    """The editions of which something is known, or known to be open; newest first."""
    if not any(e.start or e.months or e.region or e.pending for e in venue.editions):
        return []
    return sorted(venue.editions, key=lambda e: -e.year)


def head(facts: Conferences) -> str:
    """A line on what is known of how many editions, and the way to each field."""
    shown = [edition for venue in facts.venues for edition in told(venue)]
    twice = sum(edition.second is not None for edition in facts.past)
    disputed = sum(bool(_doubts(edition)) for edition in shown)
    ways = years.ways(lambda field: _known(field, facts))
    return (
        f"<p>{sum(bool(told(v)) for v in facts.venues)} 个会议的 {len(shown)} 届；"
        f"办过的 {len(facts.past)} 届里，{twice} 届的会期有第二处来源（{TWICE}），"
        f"其余标作「{ONCE}」；{disputed} 届写着「{DISPUTED}」。直接看：{ways}</p>"
    )


def _known(field: str, facts: Conferences) -> list[Venue]:
    return [venue for venue in facts.venues if venue.field == field and told(venue)]


def rows(facts: Conferences, field: str, day: dt.date) -> str:
    """The editions of one field: a group a venue, a row a year, the newest first."""
    groups = (_group(venue, facts, day) for venue in _known(field, facts))
    return years.table(f"{field}：届次", HEAD, groups)


def _group(venue: Venue, facts: Conferences, day: dt.date) -> str:
    rows = (_row(venue, edition, facts, day) for edition in told(venue))
    return years.group(venue, rows)


def _row(venue: Venue, edition: Edition, facts: Conferences, day: dt.date) -> str:
    cell = "<td role=cell"
    towns = [calendars.place(edition), *(site.city_zh for site in edition.also_at)]
    where = escape("；".join(town for town in towns if town)) or "未公布"
    return (
        f"<tr role=row><th role=rowheader scope=row>"
        f"{link(edition.website, str(edition.year))}"
        f"{cell} class=s>{_days(venue, edition, day)}{cell}>{where}"
        f"{cell}>{_source(edition, facts, day)}{_doubts(edition)}"
    )


def _days(venue: Venue, edition: Edition, day: dt.date) -> str:
    """Its days; of one whose dates the calendar holds, they lead there."""
    if not edition.start:
        words = edition.months or "未公布"
    elif edition.end:
        words = f"{edition.start:%m-%d} 至 {edition.end:%m-%d}"
    else:
        words = f"{edition.start:%m-%d} 起"
    if not calendars.has_strip(edition, day):
        return words
    return link(f"{CALENDAR}#s-{venue.key}-{edition.year}", words)


def _source(edition: Edition, facts: Conferences, day: dt.date) -> str:
    """Where its days were read and when, how near that is, and whether twice."""
    reading = edition.reading(edition.date_src or edition.sources[-1].src)
    known = facts.sources[reading.src]
    address = reading.url or tracked(known, reading.path)
    checked = reading.checked or reading.read
    late = not edition.is_over(day) and table.overdue(checked, calendars.FRESH_FOR, day)
    marks = [calendars.standing(known.standing)]
    marks += ["待复核"] if late else []
    marks += [_second(edition, facts)] if edition.is_past(facts.as_of) else []
    seen = link(address, f"{checked}") if address else f"{checked}"
    return f"{seen} {'，'.join(marks)}"


def _second(edition: Edition, facts: Conferences) -> str:
    """Whether another source gives the days of a past edition too, and where."""
    second = edition.second
    if second is None:
        return ONCE
    address = second.url or tracked(facts.sources[second.src], second.path)
    return link(address, TWICE) if address else TWICE


def _doubts(edition: Edition) -> str:
    """What sources disagree on, or what was mended."""
    lines = [line for line in [*edition.conflicts, edition.corrected] if line]
    return f"<br><b>{DISPUTED}</b>：{escape('；'.join(lines))}" if lines else ""


def way(venue: Venue) -> str:
    """From a card: the way to the venue's editions, and whether they are disputed."""
    shown = told(venue)
    if not shown:
        return ""
    doubt = "（有出入）" if any(_doubts(edition) for edition in shown) else ""
    return f"{link(f'{PAGE}#{venue.key}', '各届与来源')}{doubt}"


def seconds(facts: Conferences) -> str:
    """What the second sources of past editions are, and how many of each."""
    found = Counter(
        SECONDS.get(edition.second.src, "追踪表（第一处是论文集的题名或官网）")
        for edition in facts.past
        if edition.second
    )
    body = "".join(
        f"<tr><th scope=row>{what}</th><td>{count}</td></tr>"
        for what, count in found.most_common()
    )
    return (
        "<table><thead><tr><th scope=col>第二处来源</th><th scope=col>届数</th></tr>"
        f"</thead><tbody>{body}</tbody></table>"
    )


view("editions-seconds")(lambda: seconds(conferences.load()))
view("editions")(lambda: head(conferences.load()))
for _field, _slug in FIELDS.items():
    view(f"editions-{_slug}")(
        lambda field=_field: calendars.shown(
            f"editions {field}", lambda facts, day: rows(facts, field, day)
        )
    )
