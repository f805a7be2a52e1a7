"""Meetings to come in the United States: for whom a visa is a question of its own."""

import datetime as dt
from html import escape

from handbook.facts import calendars
from handbook.facts.calendars import ATLAS
from handbook.facts.conferences import Conferences
from handbook.facts.marks import link
from handbook.registry import view

COUNTRY = "United States"
RANKS = {"none": "未列入", None: "未查到"}
HEAD = ("会议", "CCF", "会期", "城市")


def meetings(facts: Conferences, day: dt.date) -> str:
    """A table of the meetings not yet over on ``day``, the next one first."""
    rows = sorted(_rows(facts, day))
    body = "".join(
        f"<tr><th scope=row>{name}</th>{''.join(f'<td>{cell}</td>' for cell in cells)}"
        "</tr>"
        for _, name, *cells in rows
    )
    head = "".join(f"<th scope=col>{word}</th>" for word in HEAD)
    return (
        f"<table><caption>会场在美国、还没有开完的会：{len(rows)} 处</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _rows(facts: Conferences, day: dt.date) -> list[tuple[dt.date, str, str, str, str]]:
    """First day, name, rank, days, city; a second place counts with its own days."""
    found = []
    for venue in facts.venues:
        rank = RANKS.get(venue.rank.ccf, venue.rank.ccf)
        for edition in venue.editions:
            for place in (edition, *edition.also_at):
                start = place.start or edition.start
                end = place.end or edition.end or start
                if place.country != COUNTRY or start is None or end < day:
                    continue
                words = f"{escape(venue.name)} {edition.year}"
                name = link(f"{ATLAS}#{venue.key}", words)
                days = f"{start} 至 {end:%m-%d}" if end > start else f"{start}"
                found.append((start, name, rank, days, escape(place.city_zh or "")))
    return found


view("us-meetings")(lambda: calendars.shown("us-meetings", meetings))
