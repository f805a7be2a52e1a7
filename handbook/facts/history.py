"""``data/history.yml``: what changed when, each date by its paper or announcement.

A date cannot drift from its source: that of a preprint is the month in its arXiv
number, any other lies in the year that ``data/references.bib`` gives the source.
"""

import datetime as dt
import re
from html import escape
from itertools import groupby, pairwise
from pathlib import Path
from typing import Annotated

from pybtex.database import parse_string
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from handbook.cache import keep
from handbook.errors import HandbookError, did_you_mean
from handbook.facts.table import load as load_rows
from handbook.page import citations
from handbook.registry import check, view

FILE = Path("data/history.yml")
_ARXIV = re.compile(r"^https?://arxiv\.org/abs/(\d{4}\.\d{4,5})$")


def _date(text: str) -> str:
    """``text`` if it is a year, a month or a day that there was."""
    parts = [int(part) for part in text.split("-")]
    dt.date(*parts, *[1] * (3 - len(parts)))
    return text


Text = Annotated[str, Field(min_length=1)]
When = Annotated[str, Field(pattern=r"^\d{4}(-\d\d){0,2}$"), AfterValidator(_date)]
Number = Annotated[str, Field(pattern=r"^\d{4}\.\d{4,5}$")]


class Event(BaseModel):
    """A step of the history. What it left open is ``None`` where it is too early."""

    model_config = ConfigDict(extra="forbid")

    when: When
    name: Text
    who: Text
    era: Text
    changed: Text
    left: Text | None = None
    cite: Text
    arxiv: Number | None = None  # of the preprint, where ``cite`` leads elsewhere


@check
def load(file: Path = FILE, sources: Path = citations.FILE) -> list[Event]:
    """All events, in order. Raises ``HandbookError``: file, event, field and mend."""
    rows = load_rows(file, "events", Event, "name")
    known = _sources(sources.read_text(encoding="utf-8"))
    faults = [
        f"{file}: {row.name}, {fault}" for row in rows for fault in _faults(row, known)
    ]
    faults += [
        f"{file}: {later.name}, when: {later.when} stands after {row.when} (move it up)"
        for row, later in pairwise(rows)
        if later.when < row.when
    ]
    if faults:
        raise HandbookError("\n".join(faults))
    return rows


@view("history")
def table(file: Path = FILE, sources: Path = citations.FILE) -> str:
    """The events as a table, an era a group of rows; each with a link to its source."""
    known = _sources(sources.read_text(encoding="utf-8"))
    head = "".join(
        f'<th scope="col">{word}</th>' for word in ("时间与事件", "改变了什么")
    )
    body = "".join(
        f'<tbody><tr><th scope="rowgroup" colspan="2">{escape(era)}</th></tr>'
        + "".join(_row(event, known[event.cite][0]) for event in events)
        + "</tbody>"
        for era, events in groupby(load(file, sources), key=lambda event: event.era)
    )
    return (
        f"<table><caption>语言模型年表，每条附出处</caption>"
        f"<thead><tr>{head}</tr></thead>{body}</table>"
    )


def arxiv(event: Event, url: str) -> str | None:
    """The arXiv number of an event whose source is at ``url``, if it has one."""
    found = _ARXIV.match(url)
    return found[1] if found else event.arxiv


def _faults(event: Event, known: dict[str, tuple[str, str]]) -> list[str]:
    if event.cite not in known:
        hint = did_you_mean(event.cite, list(known)) or f" (add it to {citations.FILE})"
        return [f"cite: unknown source {event.cite}{hint}"]
    url, year = known[event.cite]
    if event.arxiv and _ARXIV.match(url):
        return [f"arxiv: {event.cite} leads to arXiv already (drop it)"]
    number = arxiv(event, url)
    if number:
        month = f"20{number[:2]}-{number[2:4]}"
        if event.when != month:
            return [f"when: {event.when}, but arXiv:{number} is of {month} (mend one)"]
    elif event.when[:4] != year:
        return [f"when: {event.when}, but {event.cite} is of {year} (mend one)"]
    return []


def _row(event: Event, url: str) -> str:
    number = arxiv(event, url)
    target = f"https://arxiv.org/abs/{number}" if number else url
    label = f"arXiv:{number}" if number else "出处"
    left = f"<br><small>留下：{escape(event.left)}</small>" if event.left else ""
    return (
        f'<tr><th scope="row"><time datetime="{event.when}">{event.when}</time><br>'
        f"{escape(event.name)}<br><small>{escape(event.who)}，"
        f'<a href="{escape(target)}">{label}</a></small></th>'
        f"<td>{escape(event.changed)}{left}</td></tr>"
    )


@keep
def _sources(bib: str) -> dict[str, tuple[str, str]]:
    """The address and the year of each source. The file was checked before."""
    entries = parse_string(bib, "bibtex").entries.items()
    return {key: (entry.fields["url"], entry.fields["year"]) for key, entry in entries}
