"""``data/courses.yml``: courses as cards, official sites as a table; how old a fact is.

Every row says which page was read and for which day that page speaks.
"""

import datetime as dt
from html import escape
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from handbook.facts.table import load as load_rows
from handbook.facts.table import overdue
from handbook.registry import check, view

FILE = Path("data/courses.yml")
#: How many days a row counts as checked.
FRESH_FOR = 180
LEVELS = ("入门", "进阶", "研究")

Address = Annotated[str, Field(pattern=r"^https://[^\s<>\"]+$")]
Text = Annotated[str, Field(min_length=1)]


class Row(BaseModel):
    """What courses and sites have in common: a name, an address, a source, a day."""

    model_config = ConfigDict(extra="forbid")

    name: Text
    url: Address
    source: Address
    checked: dt.date
    dated_by: Literal["copy", "read"]  # whose day ``checked`` is: the page's, or ours


class Course(Row):
    """A course or a book to learn from. What its source does not say is ``None``."""

    host: Text
    level: Literal["入门", "进阶", "研究"]
    language: Text
    prerequisites: Text | None = None
    hours: Text | None = None
    cost: Text | None = None
    edition: Text
    best: Text
    lacks: Text


class Site(Row):
    """A part of a framework's official site."""

    holds: Text
    beware: Text


@check
def load(file: Path = FILE) -> list[Course]:
    """All courses. Raises ``HandbookError`` naming file, entry and field at fault."""
    return load_rows(file, "courses", Course, "name")


def load_sites(file: Path = FILE) -> list[Site]:
    """All sites. Raises ``HandbookError`` naming file, entry and field at fault."""
    return load_rows(file, "sites", Site, "name")


@view("courses")
def table(file: Path = FILE, day: dt.date | None = None) -> str:
    """The courses as cards, the easy ones first. ``day`` is that of the build."""
    rows = sorted(load(file), key=lambda course: LEVELS.index(course.level))
    cards = "".join(_card(course, day) for course in rows)
    return f'<ul class="hb-courses">{cards}</ul>'


@view("sites")
def sites(file: Path = FILE, day: dt.date | None = None) -> str:
    """The official sites as a table. ``day`` is that of the build."""
    head = "".join(
        f'<th scope="col">{word}</th>' for word in ("站点", "里面是什么", "要注意")
    )
    body = "".join(
        f'<tr><th scope="row">{_link(site.url, site.name)}{_doubt(site, day)}</th>'
        f"<td>{escape(site.holds)}</td>"
        f"<td>{escape(site.beware)}<br>{_source(site)}</td></tr>"
        for site in load_sites(file)
    )
    return (
        f"<table><caption>三个框架的官方网站</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _card(course: Course, day: dt.date | None) -> str:
    facts_of_it = (
        ("语言", course.language),
        ("先修", course.prerequisites),
        ("学时", course.hours),
        ("费用", course.cost),
        ("核到", course.edition),
        ("长处", course.best),
        ("短处", course.lacks),
    )
    pairs = "".join(
        f"<div><dt>{word}</dt><dd>{escape(text)}</dd></div>"
        for word, text in facts_of_it
        if text
    )
    return (
        f"<li><p>{_link(course.url, course.name)} "
        f'<span class="hb-level">{course.level}</span>{_doubt(course, day)}<br>'
        f"<small>{escape(course.host)}</small></p><dl>{pairs}</dl>"
        f"<p>{_source(course)}</p></li>"
    )


def _link(url: str, text: str) -> str:
    return f'<a href="{escape(url)}">{escape(text)}</a>'


def _doubt(row: Row, day: dt.date | None) -> str:
    if not overdue(row.checked, FRESH_FOR, day):
        return ""
    return ' <span class="hb-chip hb-doubt">待复核</span>'


def _source(row: Row) -> str:
    word = "副本的日期" if row.dated_by == "copy" else "阅读的日期"
    return (
        f"<small>{_link(row.source, '来源')}，{word} "
        f'<time datetime="{row.checked}">{row.checked}</time></small>'
    )
