"""What the home page says of the book and of the days to come, counted at build."""

import ast
import datetime as dt
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path

from handbook.facts import calendars
from handbook.facts.agenda import HORIZON, WEEKDAYS
from handbook.facts.calendars import BEIJING, Happening
from handbook.facts.conferences import Conferences
from handbook.page.outline import Book, Part
from handbook.programs.practice import practice_programs
from handbook.programs.sections import (
    FRAMEWORKS,
    all_programs,
    framework,
    name,
    published,
)
from handbook.registry import book_view, view

CALENDAR, ERRATA = "resources/conference-calendar/", "background/errata"
SHOWN = 3  # deadlines
_ERROR = re.compile(r"^\| \*\*[SP]\d+\*\*", re.M)  # a row of the errata's tables


def deadlines(facts: Conferences, day: dt.date) -> str:
    """The next deadlines in Beijing time, counted in days from ``day`` on."""
    until = day + dt.timedelta(days=HORIZON)
    coming = [h for h in calendars.upcoming(facts, day) if h.day <= until]
    due = [h for h in coming if h.group == "deadline" and h.day >= day]
    rows = "".join(f"<li>{_deadline(h, day)}</li>" for h in due[:SHOWN])
    return (
        '<section class="hb-due" aria-label="接下来的截止" data-pagefind-ignore>'
        f"<p><b>接下来的截止</b> 北京时间，自 {day:%m-%d} 算起 "
        f'<a href="{CALENDAR}">全部 {len(coming)} 个</a></p>'
        f"<ol>{rows}</ol></section>"
    )


def _deadline(happening: Happening, day: dt.date) -> str:
    """「12-02 周三 06:59  5 天  OSDI 2027 摘要截止」, a link to its row."""
    on = happening.day
    moment, clock = happening.instant, ""
    if moment:
        clock = f" <b>{moment.astimezone(BEIJING):%H:%M}</b>"
    left = (on - day).days
    return (
        f'<a href="{CALENDAR}#{happening.anchor}">'
        f'<time datetime="{on}">{on:%m-%d} 周{WEEKDAYS[on.weekday()]}{clock}</time> '
        f"<em>{f'{left} 天' if left else '今天'}</em> "
        f"<span>{escape(happening.name)} {escape(happening.what)}</span></a>"
    )


view("next-deadlines")(lambda: calendars.shown("next deadlines", deadlines))


@view("evidence")
def evidence() -> str:
    """Four numbers, each with a link to where it can be checked."""
    programs = all_programs()
    used = {framework(path) for path in programs} & {"numpy", "torch", "tf"}
    errors = len(_ERROR.findall(Path(f"docs/{ERRATA}.md").read_text(encoding="utf-8")))
    rows = (
        (len(programs), "个程序，逐个跑过", "background/setup/#checks"),
        (len(used), "个框架，打印同样的数", "frameworks/parity-training/#trajectories"),
        (errors, "处旧错，公开更正", f"{ERRATA}/"),
        (0, "个外部请求", "#promises"),
    )
    return (
        '<ul class="hb-evidence" data-pagefind-ignore>'
        + "".join(
            f'<li><a href="{to}"><b>{count}</b> {what}</a></li>'
            for count, what, to in rows
        )
        + "</ul>"
    )


# --- what to write oneself ----------------------------------------------------


@book_view("practice")
def practice(book: Book, key: str, root: str) -> str:
    """Every task of the practice programs, by part, in the order of the book."""
    sections = [(part, list(_tasks(book, part, root))) for part in book.parts]
    return "".join(
        f'<p class="hb-part">{part.number} {escape(part.title)}</p>'
        f'<ul class="hb-tasks">{"".join(rows)}</ul>'
        for part, rows in sections
        if rows
    )


def _tasks(book: Book, part: Part, root: str) -> Iterator[str]:
    for place in part.written:
        entry = book.entries[place.key]
        begins = f"{place.key.replace('-', '_')}_practice_"
        for path in practice_programs():
            if name(path).startswith(begins):
                function, about, cases = task(path)
                yield (
                    f'<li><a href="{root}{entry.url}#practice">{place.number} '
                    f"{escape(entry.title)}</a> <code>{function}</code> "
                    f"<span>{escape(about)}，{cases} 个例子，"
                    f"{FRAMEWORKS[framework(path)]}</span></li>"
                )


def task(path: Path) -> tuple[str, str, int]:
    """A practice program's function, what it is to do, and by how many cases."""
    text = published(path.read_text(encoding="utf-8"))
    nodes = ast.parse(text).body
    given = {
        node.targets[0].id: node.value
        for node in nodes
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    function = ast.literal_eval(given["TASK"])
    stubs = (node for node in nodes if isinstance(node, ast.FunctionDef))
    stub = next(node for node in stubs if node.name == function)
    first = (ast.get_docstring(stub) or "").partition("\n")[0]
    return function, re.split("[，。：]", first)[0], len(given["CASES"].elts)
