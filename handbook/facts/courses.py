"""``data/courses.yml``: courses as cards, official sites as a table; how old a fact is.

Every row says which page was read and for which day that page speaks.
"""

import datetime as dt
from html import escape
from pathlib import Path
from typing import Literal

from handbook.facts import cards
from handbook.facts.cards import Row, Text, doubtful
from handbook.facts.table import load as load_rows
from handbook.registry import check, view

FILE = Path("data/courses.yml")
#: How many days a row counts as checked.
FRESH_FOR = 180
LEVELS = ("入门", "进阶", "研究")


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
    made = "".join(_card(course, day) for course in rows)
    return f'<ul class="hb-courses">{made}</ul>'


@view("sites")
def sites(file: Path = FILE, day: dt.date | None = None) -> str:
    """The official sites as a table. ``day`` is that of the build."""
    head = "".join(
        f'<th scope="col">{word}</th>' for word in ("站点", "里面是什么", "要注意")
    )
    body = "".join(
        f'<tr><th scope="row">{cards.link(site.url, site.name)}'
        f"{doubtful(site, FRESH_FOR, day)}</th>"
        f"<td>{escape(site.holds)}</td>"
        f"<td>{escape(site.beware)}<br>{cards.source(site)}</td></tr>"
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
    doubt = doubtful(course, FRESH_FOR, day)
    return cards.card(course, course.level, course.host, facts_of_it, doubt)
